"""Rights on units: what a person may do for them, and who may."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from plans.models import GuidancePage, Membership, Role, Unit
from plans.models.base import AnyUser
from plans.models.units import STEP, UnitQuerySet
from plans.paths import lies_below, one_of

from .roles import (
    INHERITED_VERBS,
    ISSUE_GUIDANCE,
    REVIEW_DOSSIER,
    SUBMIT_DOSSIER,
    VIEW_DOSSIER,
)
from .sources import unit_sources
from .written import WrittenQuery

UNIT_RIGHTS_CACHE = "_plans_unit_rights"

ROLES_CACHE = "_plans_roles"

ISSUING_CACHE = "_plans_issuing"


def _unit_rights_of(person: int, day: date) -> QuerySet[Any, Any]:
    first, *others = [
        source.of([person]).rows.values_list(
            "permission__codename", f"{source.place}__path"
        )
        for source in unit_sources(day)
    ]
    return first.union(*others)


def _roles_of(person: int, day: date) -> QuerySet[Any, Any]:
    rows = Membership.objects.on(day).filter(user=person)
    return rows.order_by().values_list("unit__path", "role")


_UNIT_RIGHTS, _ROLES = WrittenQuery(_unit_rights_of), WrittenQuery(_roles_of)


def unit_rights(user: AnyUser) -> dict[str, set[str]]:
    """The paths of the units the user holds each verb on, today: verb to paths.

    Read once for a user object, so once a request.
    """
    if not user.is_active or user.is_anonymous:
        return {}
    if not hasattr(user, UNIT_RIGHTS_CACHE):
        rights: dict[str, set[str]] = {}
        for codename, path in _UNIT_RIGHTS.rows(user.pk, timezone.localdate()):
            rights.setdefault(codename, set()).add(path)
        setattr(user, UNIT_RIGHTS_CACHE, rights)
    return getattr(user, UNIT_RIGHTS_CACHE)


def roles_held(user: AnyUser) -> dict[str, set[str]]:
    """The roles the user has today: path of the unit to roles. Read once a request."""
    if not user.is_active or user.is_anonymous:
        return {}
    if not hasattr(user, ROLES_CACHE):
        roles: dict[str, set[str]] = {}
        for path, role in _ROLES.rows(user.pk, timezone.localdate()):
            roles.setdefault(path, set()).add(role)
        setattr(user, ROLES_CACHE, roles)
    return getattr(user, ROLES_CACHE)


def works_in(user: AnyUser, unit: Unit) -> bool:
    """Whether the user has a role in this very unit today."""
    return unit.path in roles_held(user)


def may_enter_admin(user: AnyUser) -> bool:
    """Whether a role of today lets the user into the admin: each of them does."""
    return bool(roles_held(user))


def may(user: AnyUser, verb: str, unit: Unit) -> bool:
    """Whether the user may do this for the unit today."""
    if not user.is_active or user.is_anonymous:
        return False
    if user.is_superuser:
        return True
    held = unit_rights(user).get(verb, set())
    if verb in INHERITED_VERBS:
        return not held.isdisjoint(unit.lineage)
    return unit.path in held


def units_for(user: AnyUser, verb: str) -> UnitQuerySet:
    """The units the user may do this for today."""
    if user.is_active and user.is_superuser:
        return Unit.objects.all()
    return Unit.objects.filter(unit_condition(user, verb, "path"))


def unit_condition(user: AnyUser, verb: str, field: str) -> Q:
    """The condition that the user may do this for the unit whose path is in `field`."""
    held = unit_rights(user).get(verb, set())
    if verb not in INHERITED_VERBS:
        return one_of(field, held)
    return lies_below(field, held)


def may_issue(user: AnyUser, guidance: GuidancePage) -> bool:
    """Whether the user may issue guidance in the name of this one's issuer.

    Asked once for an issuer and a user object: a list of guidance has few issuers.
    """
    if user.is_active and user.is_superuser:
        return True
    if not (held := unit_rights(user).get(ISSUE_GUIDANCE)):
        return False
    asked: dict[int | None, bool] = user.__dict__.setdefault(ISSUING_CACHE, {})
    key = guidance.issuer_id
    if key not in asked:
        issuer = guidance.issuer
        asked[key] = issuer is None or not held.isdisjoint(issuer.lineage)
    return asked[key]


def may_issue_some(user: AnyUser) -> bool:
    """Whether there is a unit in whose name the user may issue guidance."""
    return user.is_superuser or bool(unit_rights(user).get(ISSUE_GUIDANCE))


def users_who_may(verb: str, unit: Unit) -> QuerySet[AbstractUser]:
    """The active people who hold the verb for the unit today, superusers apart."""
    return holders(verb, places_of(verb, unit))


def holders(verb: str, paths: Iterable[str]) -> QuerySet[AbstractUser]:
    """The active people who hold the verb on one of these very units today."""
    condition = hold([verb], list(paths))
    users = get_user_model()._default_manager
    return users.filter(condition, is_active=True).distinct()


def hold(verbs: Collection[str], paths: Collection[str] | None) -> Q:
    """The condition that a user holds one of the verbs on one of these very units, or
    on any, today."""
    condition = Q()
    for source in unit_sources():
        named = source.named(verbs)
        condition |= (named if paths is None else named.on(paths)).people()
    return condition


def places_of(verb: str, unit: Unit) -> list[str]:
    return unit.lineage if verb in INHERITED_VERBS else [unit.path]


def may_read_personal_data(user: AnyUser, unit: Unit) -> bool:
    """Whether the user reads the unit's papers with personal data, and who else did."""
    return may(user, SUBMIT_DOSSIER, unit) or may(user, REVIEW_DOSSIER, unit)


def followed_units(user: AnyUser) -> QuerySet[Unit]:
    """The units whose progress the user sees on a plan's board, and whose delegates he
    sees summed up: his own, and those below it.

    Who reads their dossiers: a province's people all of them, a district's those of its
    tree, a commune's their own.
    """
    return units_for(user, VIEW_DOSSIER)


def may_follow(user: AnyUser) -> bool:
    """Whether there is a unit whose progress the user sees."""
    if user.is_active and user.is_superuser:
        return True
    return bool(unit_rights(user).get(VIEW_DOSSIER))


def may_move(user: AnyUser, units: Iterable[Unit] = ()) -> bool:
    """Whether the user may merge, split and rename units, and these among them.

    The head of the unit at the top of a tree may within that tree: people and their
    roles pass to other units with it, and pages to other people.
    """
    if not user.is_active or user.is_anonymous:
        return False
    if user.is_superuser:
        return True
    tops = {
        path
        for path, roles in roles_held(user).items()
        if Role.HEAD in roles and len(path) == STEP
    }
    return bool(tops) and all(unit.lineage[0] in tops for unit in units)
