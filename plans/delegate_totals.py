"""The delegates of a plan's congresses, summed up by upper unit."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    When,
)
from django.utils.translation import gettext as _

from plans.models import DelegateSummary, PlanPage, Unit
from plans.models.delegates import COUNTS
from plans.models.small_groups import percent

WHOLE = Case(
    When(counted=DelegateSummary.Counted.PRESENT, then=F("present")),
    default=F("summoned"),
)
"""How many delegates the groups of a summary are counted among."""

SHOWN = (
    *("women", "party_members", "ethnic_minority", "religious"),
    *("university", "postgraduate", "theory_high"),
)
"""The groups the screen has room for; a table to take away has all."""


@dataclass
class DelegateTotal:
    """What the congresses under one upper unit come to.

    `among` holds for each group how many delegates it is counted among: those of the
    congresses that have filled it in.
    """

    name: str
    congresses: int = 0
    summaries: int = 0
    summoned: int = 0
    present: int = 0
    summoned_of_present: int = 0
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    among: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    years: Decimal = Decimal(0)
    aged: int = 0
    youngest: int | None = None
    oldest: int | None = None

    def number(self, name: str) -> int | None:
        """How many are in the group, or None where no congress has filled it in."""
        return self.counts[name] if self.among[name] else None

    def percent(self, name: str) -> Decimal | None:
        return percent(self.counts[name], self.among[name])

    @property
    def known_present(self) -> int | None:
        return self.present if self.summoned_of_present else None

    @property
    def present_percent(self) -> Decimal | None:
        return percent(self.present, self.summoned_of_present)

    @property
    def average_age(self) -> Decimal | None:
        if not self.aged:
            return None
        return (self.years / self.aged).quantize(Decimal("0.1"))

    def shown(self) -> list[tuple[str, int | None, Decimal | None]]:
        """The groups the screen has room for: name, number, percentage."""
        return [
            (DelegateSummary.label(name), self.number(name), self.percent(name))
            for name in SHOWN
        ]

    def add(self, other: "DelegateTotal") -> None:
        for name in (
            *("congresses", "summaries", "summoned", "present"),
            *("summoned_of_present", "years", "aged"),
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in COUNTS:
            self.counts[name] += other.counts[name]
            self.among[name] += other.among[name]
        self.youngest = _extreme(min, self.youngest, other.youngest)
        self.oldest = _extreme(max, self.oldest, other.oldest)


def _extreme(choose: Any, *ages: int | None) -> int | None:
    return choose((age for age in ages if age is not None), default=None)


def delegate_totals(plan: PlanPage, units: QuerySet[Unit]) -> list[DelegateTotal]:
    """A total for each upper unit of these units, and last that of all; two queries.

    Only for who sees the numbers of each of the units in full.
    """
    group = ("unit__parent__path", "unit__parent__name", "unit__parent")
    congresses = plan.opened_congresses().filter(live=True, unit__in=units).order_by()
    totals = {
        row["unit__parent"]: DelegateTotal(
            row["unit__parent__name"] or "–", congresses=row["number"]
        )
        for row in congresses.values(*group)
        .annotate(number=Count("pk"))
        .order_by(*group[:1])
    }
    whole = DelegateTotal(_("All together"))
    for row in _sums(congresses):
        _fill(totals[row["congress__unit__parent"]], row)
    for total in totals.values():
        whole.add(total)
    return [*totals.values(), whole]


def _sums(congresses: Any) -> Iterable[dict[str, Any]]:
    present = Q(present__isnull=False)
    years = Sum(F("average_age") * F("asked"), output_field=DecimalField())
    return (
        DelegateSummary.objects.filter(congress__in=congresses)
        .order_by()
        .alias(asked=WHOLE)
        .values("congress__unit__parent")
        .annotate(
            summaries=Count("pk"),
            all_summoned=Sum("summoned"),
            all_present=Sum("present", default=0),
            summoned_of_present=Sum("summoned", filter=present, default=0),
            years=years,
            aged=Sum("asked", filter=Q(average_age__isnull=False), default=0),
            least=Min("youngest"),
            most=Max("oldest"),
            **{f"sum_{name}": Sum(name, default=0) for name in COUNTS},
            **{
                f"among_{name}": Sum(
                    "asked", filter=Q(**{f"{name}__isnull": False}), default=0
                )
                for name in COUNTS
            },
        )
    )


def _fill(total: DelegateTotal, row: dict[str, Any]) -> None:
    total.summaries, total.summoned = row["summaries"], row["all_summoned"]
    total.present = row["all_present"]
    total.summoned_of_present = row["summoned_of_present"]
    total.years, total.aged = row["years"] or Decimal(0), row["aged"]
    total.youngest, total.oldest = row["least"], row["most"]
    for name in COUNTS:
        total.counts[name] = row[f"sum_{name}"]
        total.among[name] = row[f"among_{name}"]
