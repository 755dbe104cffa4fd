"""Somebody who holds what two people both hold: for looking at a page as another."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser

from plans.models.units import STEP
from plans.paths import lineage
from plans.permissions import (
    INHERITED_VERBS,
    PagePolicy,
    remember_rights,
    roles_held,
    unit_rights,
)

NOBODY = 0
"""The stand-in's key, which is nobody's: what belongs to a person himself, his notices
or his tasks, is not found for it."""

Rights = dict[str, set[str]]


def stand_in(person: AbstractUser, viewer: AbstractUser) -> AbstractUser:
    """Somebody with the person's name, and with those of his rights that the viewer
    holds too. He is no row in the database, and signs in nowhere."""
    shared = get_user_model()(
        pk=NOBODY,
        username=person.get_username(),
        first_name=person.first_name,
        last_name=person.last_name,
        is_active=person.is_active and viewer.is_active,
        is_superuser=person.is_superuser and viewer.is_superuser,
    )
    both = (person, viewer)
    if person.is_superuser or viewer.is_superuser:
        one = viewer if person.is_superuser else person
        both = (one, one)
    first, second = both
    policy = PagePolicy()
    remember_rights(
        shared,
        _shared_pages(policy, first, second),
        _shared_verbs(unit_rights(first), unit_rights(second)),
        # Where the viewer works too, the person works in his own role.
        {
            path: roles
            for path, roles in roles_held(person).items()
            if viewer.is_superuser or path in roles_held(viewer)
        },
    )
    return shared


def _shared_pages(
    policy: PagePolicy, first: AbstractUser, second: AbstractUser
) -> Rights:
    """Both may do it where the lower of the two places is: a right reaches down."""
    rights: Rights = {}
    for one, other in ((first, second), (second, first)):
        for path, actions in policy.rights_by_path(one).items():
            if shared := actions & policy.actions_at(other, path):
                rights.setdefault(path, set()).update(shared)
    return rights


def _shared_verbs(first: Rights, second: Rights) -> Rights:
    rights: Rights = {}
    for one, other in ((first, second), (second, first)):
        for verb, paths in one.items():
            held = other.get(verb, set())
            rights.setdefault(verb, set()).update(
                path for path in paths if _reaches(verb, held, path)
            )
    return rights


def _reaches(verb: str, held: set[str], path: str) -> bool:
    if verb not in INHERITED_VERBS:
        return path in held
    return not held.isdisjoint(lineage(path, STEP))
