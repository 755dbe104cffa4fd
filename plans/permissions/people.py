"""Rights over people: who gives roles and handles accounts."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db.models import Q
from wagtail.models import ModelLogEntry, PageLogEntry, Revision

from plans.models import (
    Membership,
    PageUnitGrant,
    PageUserGrant,
    Role,
    Unit,
    UnitUnitGrant,
    UnitUserGrant,
)
from plans.models.base import AnyUser
from plans.models.grants import Origin
from plans.paths import one_of

from .roles import MANAGE_STAFF, ROLE_GROUPS, ROLE_TABLES, ROLE_VERBS
from .units import may, roles_held, unit_rights


def verbs_of(membership: Membership) -> frozenset[str]:
    """What the membership lets its person do for the unit."""
    verbs = ROLE_VERBS[membership.role]
    return verbs | {MANAGE_STAFF} if membership.manages_staff else verbs


def may_manage_some(user: AnyUser) -> bool:
    """Whether there is a unit whose people the user manages."""
    everything = user.is_active and user.is_superuser
    return everything or bool(unit_rights(user).get(MANAGE_STAFF))


def may_give(
    user: AnyUser, unit: Unit, role: str, *, manages_staff: bool = False
) -> bool:
    """Whether the user may give this role in the unit, change its days and end it.

    Who manages the unit's people gives what he has himself, by his roles in the unit or
    above it. Managing people is given from above the unit; with a lesser role also by
    the unit's own head.
    """
    if user.is_active and user.is_superuser:
        return True
    if not may(user, MANAGE_STAFF, unit) or not _covers(user, unit, role):
        return False
    if MANAGE_STAFF in ROLE_VERBS[role]:
        return _manages_above(user, unit)
    heads = Role.HEAD in roles_held(user).get(unit.path, ())
    return not manages_staff or heads or _manages_above(user, unit)


def _covers(user: AnyUser, unit: Unit, role: str) -> bool:
    """Whether the user's roles in the unit and above bring all that the role brings.

    Managing people apart, which has been asked for by itself.
    """
    held = roles_held(user)
    roles = {each for path in unit.lineage for each in held.get(path, ())}
    return all(
        table[role] - {MANAGE_STAFF} <= {name for each in roles for name in table[each]}
        for table in ROLE_TABLES
    )


def _manages_above(user: AnyUser, unit: Unit) -> bool:
    held = unit_rights(user).get(MANAGE_STAFF, set())
    return not held.isdisjoint(unit.lineage[:-1])


def roles_to_give(user: AnyUser, unit: Unit) -> list[str]:
    """The roles the user may give in the unit."""
    return [role for role in Role.values if may_give(user, unit, role)]


def may_change_membership(user: AnyUser, membership: Membership) -> bool:
    """Whether the user may change and end it. Nobody his own, superusers apart."""
    if membership.user_id == user.pk and not user.is_superuser:
        return False
    unit, role = membership.unit, membership.role
    return may_give(user, unit, role, manages_staff=membership.manages_staff)


def accounts_managed(user: AnyUser, people: Iterable[AbstractUser]) -> set[int]:
    """The keys of those of the people whose account the user handles.

    He sets their password anew and closes the account, so that whatever they may do is
    in his hand: every membership of theirs must be his to change, and they must hold
    nothing besides. Of who has left, the last memberships count. His own account
    and superusers' are no manager's.
    """
    if user.is_active and user.is_superuser:
        return {person.pk for person in people} - {user.pk}
    if not may_manage_some(user):
        return set()
    keys = {person.pk for person in people if not person.is_superuser}
    rows = Membership.objects.filter(user__in=keys).select_related("unit").order_by()
    every: dict[int, list[Membership]] = {}
    for row in rows:
        every.setdefault(row.user_id, []).append(row)
    keys &= every.keys()
    return {
        person
        for person in keys - _hold_more_than_roles(keys) - _hold_as_others(user, keys)
        if all(may_change_membership(user, row) for row in _latest(every[person]))
    }


def _latest(memberships: list[Membership]) -> list[Membership]:
    """Those that hold or will hold; where there are none, those that ended last."""
    rows = [row for row in memberships if row.state != "over"]
    last = max((row.ends_on for row in memberships if row.ends_on), default=None)
    return rows or [row for row in memberships if row.ends_on == last]


def _hold_more_than_roles(keys: Iterable[int]) -> set[int]:
    """Those of the people who hold rights that no membership brings."""
    people = get_user_model()._default_manager.filter(pk__in=keys).order_by()
    given = [
        model.objects.not_over().filter(origin=Origin.GIVEN).values("user")
        for model in (PageUserGrant, UnitUserGrant)
    ]
    others = Group.objects.exclude(name__in=ROLE_GROUPS.values())
    more = people.filter(
        Q(pk__in=given[0])
        | Q(pk__in=given[1])
        | Q(groups__in=others)
        | Q(user_permissions__isnull=False)
    )
    return set(more.values_list("pk", flat=True))


def _hold_as_others(user: AnyUser, keys: Iterable[int]) -> set[int]:
    """Those of the people who hold rights as members of a unit the user is none of."""
    units = [
        model.objects.not_over().order_by().values("unit")
        for model in (PageUnitGrant, UnitUnitGrant)
    ]
    rows = Membership.objects.not_over().filter(
        Q(unit__in=units[0]) | Q(unit__in=units[1]), user__in=keys
    )
    others = rows.exclude(one_of("unit__path", roles_held(user)))
    return set(others.order_by().values_list("user", flat=True))


def has_history(person: AbstractUser) -> bool:
    """Whether the person has signed in, had a role or done anything that is kept.

    Then nobody deletes him, superusers included: his account is closed.
    """
    if person.last_login or person.memberships.exists():  # type: ignore[attr-defined]
        return True
    logs = (PageLogEntry, ModelLogEntry, Revision)
    return any(model.objects.filter(user=person.pk).exists() for model in logs)


def may_handle_account(user: AnyUser, person: AbstractUser) -> bool:
    """Whether the user invites the person, sets right his name, closes his account."""
    return person.pk in accounts_managed(user, [person])
