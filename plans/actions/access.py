"""Deriving people's rights from their memberships."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from wagtail.models import Collection, GroupCollectionPermission, Page

from plans.models import (
    CongressPage,
    Membership,
    PageUserGrant,
    PlanIndexPage,
    PlanPage,
    Role,
    Unit,
    UnitPage,
    UnitUserGrant,
)
from plans.models.grants import Origin, grant_content_type
from plans.models.memberships import PeriodQuerySet
from plans.permissions import (
    INHERITED_VERBS,
    ROLE_CONGRESS_ACTIONS,
    ROLE_GROUPS,
    ROLE_INDEX_ACTIONS,
    ROLE_OWN_PLAN_ACTIONS,
    ROLE_UNIT_PAGE_ACTIONS,
    verbs_of,
)

FEW = 100
"""Units up to which their pages are asked for by name, and not out of all."""

Period = tuple[date | None, date | None]
Key = tuple[int, int, int, int | None]  # user, permission, page or unit, membership


@dataclass
class AccessReport:
    """What `sync_access` changed, or would change."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    groups: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def in_step(self) -> bool:
        return not (self.added or self.removed or self.changed or self.groups)


def sync_access(
    *, users: Iterable[AbstractUser] | None = None, check: bool = False
) -> AccessReport:
    """Make people's rights follow from their memberships; everybody's, or these users'.

    Idempotent. Rights given by hand are left alone. With `check` nothing is written.
    What has been written once begins and ends on its day by itself.
    """
    report = AccessReport()
    ids = None if users is None else [user.pk for user in users]
    with transaction.atomic():
        people = _lock(ids)
        memberships = [
            row for row in _memberships(ids).not_over() if row.user_id in people
        ]
        _sync_groups(memberships, people, ids, report, check)
        for model, wanted in (
            (UnitUserGrant, _unit_rights(memberships)),
            (PageUserGrant, _page_rights(memberships)),
        ):
            _sync_table(model, wanted, people, ids, report, check)
    return report


def sync_members(units: Iterable[Unit]) -> None:
    """Make the rights of the units' people follow: a page of theirs was opened.

    Of a unit that has ended, those of its heir.
    """
    units = list(units)
    lock_units(units)
    members = Membership.objects.filter(
        Q(unit__in=units) | Q(unit__inherited__in=units)
    ).select_related("user")
    sync_access(users={row.user for row in members})


def _lock(ids: list[int] | None) -> set[int]:
    """Let nobody else derive these people's rights at the same time; return their keys.

    Who comes in while the rights of all are derived is not among them, and is left to
    whoever brings him: his rights would otherwise be taken for left over.
    """
    people = get_user_model()._default_manager.order_by("pk")
    if ids is not None:
        people = people.filter(pk__in=ids)
    locked = people.select_for_update(no_key=True)
    return set(locked.values_list("pk", flat=True))


def lock_units(units: Iterable[Unit]) -> None:
    """Keep others from changing whose people these units' pages are opened to.

    A new page and a new person of one unit must see each other. Comes before the
    people's own locks.
    """
    rows = Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _memberships(ids: list[int] | None) -> PeriodQuerySet:
    """The memberships of active people."""
    rows = Membership.objects.filter(user__is_active=True).select_related("unit")
    return rows if ids is None else rows.filter(user__in=ids)


def _permission_ids(model: type[Model]) -> dict[str, int]:
    content_type = grant_content_type(model)
    return dict(
        Permission.objects.filter(content_type=content_type).values_list(
            "codename", "pk"
        )
    )


def _unit_rights(memberships: list[Membership]) -> dict[Key, Period]:
    permissions = _permission_ids(Unit)
    inherited = _inherited({row.unit_id for row in memberships})
    return {
        (row.user_id, permissions[verb], unit, row.pk): (row.starts_on, row.ends_on)
        for row in memberships
        for verb in verbs_of(row)
        for unit in (
            row.unit_id,
            # What counts for the units below counts for these: they stand there.
            *(() if verb in INHERITED_VERBS else inherited.get(row.unit_id, ())),
        )
    }


def _inherited(units: set[int]) -> dict[int, list[int]]:
    """The units that ended and left what they had to one of these: heir to units."""
    inherited: dict[int, list[int]] = {}
    rows: Any = Unit.objects.filter(heir__isnull=False)
    if len(units) < FEW:
        rows = rows.filter(heir__in=units)
    for heir, unit in rows.order_by().values_list("heir", "pk"):
        inherited.setdefault(heir, []).append(unit)
    return inherited


def _page_rights(memberships: list[Membership]) -> dict[Key, Period]:
    permissions = _permission_ids(Page)
    units = {row.unit_id for row in memberships}
    return {
        (row.user_id, permissions[f"{action}_page"], page, row.pk): (
            row.starts_on,
            row.ends_on,
        )
        for pages, unit, actions in (
            (CongressPage.objects.all(), "unit", ROLE_CONGRESS_ACTIONS),
            (UnitPage.objects.all(), "unit", ROLE_UNIT_PAGE_ACTIONS),
            (PlanIndexPage.objects.all(), "unit", ROLE_INDEX_ACTIONS),
            (
                PlanPage.objects.exclude(derives_from=None),
                "issuer",
                ROLE_OWN_PLAN_ACTIONS,
            ),
        )
        for row, page in _with_pages(memberships, pages, unit, units)
        for action in actions[row.role]
    }


def _with_pages(
    memberships: list[Membership], rows: Any, field: str, units: set[int]
) -> Iterator[tuple[Membership, int]]:
    """Each membership with each of the pages whose field names its unit.

    What a unit left that ended belongs to its heir; but the page of such a unit is
    nobody's any more.
    """
    pages: dict[int, list[int]] = {}
    if len(units) < FEW:
        rows = rows.filter(
            Q(**{f"{field}__in": units}) | Q(**{f"{field}__heir__in": units})
        )
    for unit, heir, page in rows.values_list(field, f"{field}__heir", "pk"):
        owner = unit if heir is None or rows.model is UnitPage else heir
        if owner in units:
            pages.setdefault(owner, []).append(page)
    for row in memberships:
        for page in pages.get(row.unit_id, ()):
            yield row, page


def _sync_table(
    model: Any,  # UnitUserGrant or PageUserGrant
    wanted: dict[Key, Period],
    locked: set[int],
    ids: list[int] | None,
    report: AccessReport,
    check: bool,
) -> None:
    present = model.objects.filter(origin=Origin.MEMBERSHIP)
    if ids is not None:
        present = present.filter(user__in=ids)
    stale, changed = [], []
    for row in present:
        if row.user_id not in locked:
            continue
        key = (
            row.user_id,
            row.permission_id,
            row.content_object_id,
            row.membership_id,
        )
        period = wanted.pop(key, None)
        if period is None:
            stale.append(row.pk)
        elif (row.starts_on, row.ends_on) != period:
            row.starts_on, row.ends_on = period
            changed.append(row)
    report.removed += len(stale)
    report.changed += len(changed)
    report.added += len(wanted)
    name = model._meta.verbose_name_plural
    if stale or changed or wanted:
        report.lines.append(f"{name}: +{len(wanted)} -{len(stale)} ±{len(changed)}")
    if check:
        return
    model.objects.filter(pk__in=stale).delete()
    model.objects.bulk_update(changed, ["starts_on", "ends_on"], batch_size=500)
    model.objects.bulk_create(
        [
            model(
                user_id=user,
                permission_id=permission,
                content_object_id=target,
                membership_id=membership,
                origin=Origin.MEMBERSHIP,
                starts_on=starts,
                ends_on=ends,
            )
            for (user, permission, target, membership), (starts, ends) in (
                wanted.items()
            )
        ],
        batch_size=500,
    )


def role_groups() -> dict[str, Group]:
    """The groups of the roles, made where they are missing: role to group."""
    groups = {}
    for role, name in ROLE_GROUPS.items():
        groups[role], created = Group.objects.get_or_create(name=name)
        if created:
            _furnish(groups[role], role)
    return groups


def _furnish(group: Group, role: str) -> None:
    """What the role may with files: an editor handles those of plan papers."""
    if role != Role.EDITOR:
        return
    root = Collection.get_first_root_node()
    for app, codename in (
        ("wagtaildocs", "add_document"),
        ("wagtaildocs", "choose_document"),
        ("wagtailimages", "add_image"),
        ("wagtailimages", "choose_image"),
    ):
        GroupCollectionPermission.objects.get_or_create(
            group=group,
            collection=root,
            permission=Permission.objects.get(
                content_type__app_label=app, codename=codename
            ),
        )


def _sync_groups(
    memberships: list[Membership],
    locked: set[int],
    ids: list[int] | None,
    report: AccessReport,
    check: bool,
) -> None:
    today = timezone.localdate()
    current = [
        row for row in memberships if row.starts_on is None or row.starts_on <= today
    ]
    if check:
        groups = {
            group.name: group
            for group in Group.objects.filter(name__in=ROLE_GROUPS.values())
        }
        by_role = {role: groups.get(name) for role, name in ROLE_GROUPS.items()}
    else:
        by_role = dict(role_groups())
    for role, group in by_role.items():
        wanted = {row.user_id for row in current if row.role == role}
        present = set()
        if group is not None:
            people = group.user_set.all()
            if ids is not None:
                people = people.filter(pk__in=ids)
            present = locked & set(people.values_list("pk", flat=True))
        report.groups += len(wanted ^ present)
        if wanted ^ present:
            report.lines.append(
                f"{ROLE_GROUPS[role]}:"
                f" +{len(wanted - present)} -{len(present - wanted)}"
            )
        if group is not None and not check:
            group.user_set.remove(*(present - wanted))
            group.user_set.add(*(wanted - present))
