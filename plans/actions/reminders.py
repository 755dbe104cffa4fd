"""Telling units what is due, what is overdue, and which deadline was changed.

Everything that is told has a key, made of the deadline and of what is said of it, and
is recorded once for ever: so the whole may run twice, late, or at the same time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.models import Page

from plans.models import (
    Deadline,
    DeadlineKind,
    Event,
    GuidancePage,
    KnownDeadline,
    Membership,
    Role,
    Unit,
    WorkingDays,
)
from plans.models.deadlines import open_deadlines

from .events import new_event, record_events

DISTANCES = (10, 5, 1)
"""Working days before the last good day on which a unit is reminded, unless set."""

TOO_LATE = timedelta(days=90)
"""Nobody is told of what has been overdue for longer; the lists still show it."""

AT_ONCE = 500
"""Events that are written in one transaction."""

DECIDING = frozenset({Role.BOARD, Role.HEAD})
"""Who decides in a unit, and hears that a unit below it is late."""

Kind = Event.Kind


@dataclass
class Reminders:
    """What was told: how many events of each sort."""

    near: int = 0
    passed: int = 0
    escalated: int = 0
    changed: int = 0


@dataclass
class People:
    """Who works where today: the keys of users by the key of their unit."""

    all: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    deciding: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls) -> "People":
        people = cls()
        rows = Membership.objects.current().filter(user__is_active=True).order_by("pk")
        for unit, user, role in rows.values_list("unit", "user", "role"):
            people.all[unit].append(user)
            if role in DECIDING:
                people.deciding[unit].append(user)
        inherited: Any = Unit.objects.filter(heir__isnull=False).order_by()
        for unit, heir in inherited.values_list("pk", "heir"):
            people.all[unit] = people.all[heir]
            people.deciding[unit] = people.deciding[heir]
        return people

    def bound(self, bound: "Bound") -> list[int]:
        """Whom the deadline binds: of a decision, those who may take one."""
        is_decision = bound.kind == DeadlineKind.DECISION
        return (self.deciding if is_decision else self.all)[bound.unit.pk]


@dataclass(frozen=True)
class Bound:
    """A deadline with the unit it binds: never several of them in one."""

    kind: DeadlineKind
    page: Any
    unit: Unit
    before: date

    @property
    def name(self) -> str:
        return f"deadline:{self.kind}:{self.page.pk}:{self.unit.pk}"


def remind() -> Reminders:
    """Tell everything that is to be told today and has not been told."""
    days, people, today = WorkingDays(), People.load(), timezone.localdate()
    bound = list(_bound(days))
    told = Reminders()
    told.changed = _tell_changes(bound, people)
    recent = [each for each in bound if today - each.before <= TOO_LATE]
    told.near = _record(_near(recent, days, people, today))
    told.passed = _record(_passed(recent, people, today))
    told.escalated = _record(_escalated(recent, days, people, today))
    return told


def remember(kind: str, page: Page, unit: Unit, before: date | None) -> None:
    """Keep that the unit is told of the deadline already; None: it has none any more.

    Called inside the transaction of the action that told it.
    """
    terms = {"kind": kind, "page_id": page.pk, "unit": unit}
    if before is None:
        KnownDeadline.objects.filter(**terms).delete()
    else:
        KnownDeadline.objects.update_or_create(**terms, defaults={"before": before})


def _bound(days: WorkingDays) -> Iterator[Bound]:
    for deadline in open_deadlines(Unit.objects.all(), days):
        for unit in _units_of(deadline):
            yield Bound(deadline.kind, deadline.page, unit, deadline.before)


def _units_of(deadline: Deadline) -> Iterable[Unit]:
    if deadline.unit:
        return [deadline.unit]
    guidance = GuidancePage.objects.select_related("issuer").get(pk=deadline.page.pk)
    units = guidance.addressed_units_with_reading().filter(said_at=None)
    return units.select_related("parent")


def _near(
    bound: Iterable[Bound], days: WorkingDays, people: People, today: date
) -> Iterator[Event]:
    """One reminder for the smallest distance that is reached: a late run skips some."""
    distances = sorted(getattr(settings, "PLANS_REMIND_DAYS", DISTANCES))
    farthest = timedelta(days=4 * max(distances, default=0) + 30)
    for each in bound:
        if not today < each.before <= today + farthest:
            continue
        left = days.left(each.before, today)
        reached = next((number for number in distances if left <= number), None)
        if reached is not None:
            yield _event(
                Kind.DEADLINE_NEAR,
                each,
                people.bound(each),
                f"{each.before}:near:{reached}",
                left=left,
            )


def _passed(bound: Iterable[Bound], people: People, today: date) -> Iterator[Event]:
    for each in bound:
        if each.before <= today:
            yield _event(
                Kind.DEADLINE_PASSED,
                each,
                people.bound(each),
                f"{each.before}:passed",
            )


def _escalated(
    bound: Iterable[Bound], days: WorkingDays, people: People, today: date
) -> Iterator[Event]:
    """A unit above hears of those directly below it; of all at once for one page."""
    patience = getattr(settings, "PLANS_ESCALATE_DAYS", 1)
    late: dict[tuple[int, int, str, date], list[Bound]] = defaultdict(list)
    tomorrow = today + timedelta(days=1)
    for each in bound:
        above = each.unit.parent_id
        if not above or each.before > today:
            continue
        if days.between(each.before, tomorrow) >= patience:
            late[above, each.page.pk, each.kind, each.before].append(each)
    parents = Unit.objects.in_bulk({above for above, *_rest in late})
    for (above, page, kind, before), group in late.items():
        yield new_event(
            kind=Kind.DEADLINE_PASSED,
            page=group[0].page,
            unit=parents[above],
            data={
                "deadline": kind,
                "before": before.isoformat(),
                "units": [each.unit.name for each in group],
                "people": people.deciding[above],
            },
            key=f"deadline:{kind}:{page}:{above}:{before}:above",
        )


def _event(kind: str, bound: Bound, people: list[int], said: str, **data: Any) -> Event:
    return new_event(
        kind=kind,
        page=bound.page,
        unit=bound.unit,
        data={
            "deadline": bound.kind,
            "before": bound.before.isoformat(),
            "people": people,
            **data,
        },
        key=f"{bound.name}:{said}",
    )


def _record(events: Iterable[Event]) -> int:
    """Write the events that are new, a few hundred at a time; how many they were."""
    waiting = {event.key: event for event in events}
    keys = list(waiting)
    number = 0
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        with transaction.atomic():
            known = set(
                Event.objects.filter(key__in=some).values_list("key", flat=True)
            )
            new = [waiting[key] for key in some if key not in known]
            record_events(new)
        number += len(new)
    return number


def _tell_changes(bound: Iterable[Bound], people: People) -> int:
    """Tell whom a deadline binds that it is another than he was told last."""
    known = {
        (row.kind, row.page_id, row.unit_id): row for row in KnownDeadline.objects.all()
    }
    new, number = [], 0
    for each in bound:
        row = known.get((each.kind, each.page.pk, each.unit.pk))
        if row is None:
            new.append(
                KnownDeadline(
                    kind=each.kind,
                    page_id=each.page.pk,
                    unit=each.unit,
                    before=each.before,
                )
            )
        elif row.before != each.before:
            number += _tell_change(each, row, people)
    KnownDeadline.objects.bulk_create(new, batch_size=AT_ONCE, ignore_conflicts=True)
    return number


def _tell_change(bound: Bound, row: KnownDeadline, people: People) -> int:
    with transaction.atomic():
        # Whoever runs at the same time finds the row changed, and tells nothing.
        first = KnownDeadline.objects.filter(pk=row.pk, version=row.version).update(
            before=bound.before, version=F("version") + 1
        )
        if first:
            event = _event(
                Kind.DEADLINE_CHANGED,
                bound,
                people.bound(bound),
                f"changed:{row.version + 1}",
                was=row.before.isoformat(),
            )
            record_events([event])
    return first
