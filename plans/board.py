"""The board of a plan: its units by stages, what is late first, and their totals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from plans.models import PlanPage, Unit
from plans.models.congresses import OWN_DEADLINES
from plans.models.derivations import deriving_units
from plans.stages import Facts, Stage, stages_of

COLUMNS = (
    *("pk", "level_id", "level__name", "rule_id", "is_pilot"),
    *("unit_id", "unit__code", "unit__name", "unit__path"),
    *("unit__parent", "unit__parent__name", "unit__parent__path"),
    *("selected_on", "first_published_at", "starts_on", "ends_on"),
    *("dossier__review_before", *OWN_DEADLINES),
)
"""What is read of each congress beside what the stages ask."""


class CellState(StrEnum):
    NONE = "none"
    """The stage does not concern the congress."""
    DONE = "done"
    LATE = "late"
    TROUBLE = "trouble"
    NEXT = "next"
    """The first that is not reached."""
    LATER = "later"


@dataclass(frozen=True)
class Cell:
    """How a congress stands to a stage; `since` is the day it was reached."""

    stage: Stage
    state: CellState
    since: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Row:
    """A congress by stages; `late_since` is the earliest day that was missed."""

    facts: Facts
    cells: list[Cell]
    late_since: date | None

    @property
    def waits_for(self) -> Cell | None:
        """The first stage that is not reached, or None where all are."""
        open_states = {CellState.NEXT, CellState.LATE, CellState.TROUBLE}
        return next((cell for cell in self.cells if cell.state in open_states), None)


@dataclass
class Tally:
    """How many congresses have reached a stage, of those it concerns."""

    done: int = 0
    total: int = 0


@dataclass
class Group:
    """The congresses under one upper unit, summed up.

    `awaited` names the levels of which the unit has yet to choose a pilot; `own_plan`
    is the plan it has made of this one.
    """

    unit: int | None
    name: str
    path: str
    tallies: list[Tally]
    total: int = 0
    late: int = 0
    awaited: list[str] = field(default_factory=list)
    own_plan: PlanPage | None = None
    lacks_own_plan: bool = False


class Board:
    """The congresses of the plan in these units, by stages.

    As many queries whatever their number: the rows are one, each kind of part of the
    rules and each thing the groups tell another.
    """

    def __init__(self, plan: PlanPage, units: QuerySet[Unit]) -> None:
        self.plan, self.units = plan, units

    @cached_property
    def stages(self) -> list[Stage]:
        return stages_of(self.plan, self._rules.values())

    @cached_property
    def _rules(self) -> dict[int, Any]:
        return {rule.pk: rule for rule in self.plan.rules_with_parts()}

    @cached_property
    def rows(self) -> list[Row]:
        """All of them: what is late first, the longest first, then in tree order."""
        reads: dict[str, Any] = {}
        for stage in self.stages:
            reads |= stage.reads
        read = (
            self.plan.opened_congresses()
            .filter(live=True, unit__in=self.units)
            .annotate(**reads)
            .order_by("unit__path")
            .values(*COLUMNS, *reads)
        )
        rows = [self._row(values) for values in read.iterator(chunk_size=2000)]
        return sorted(rows, key=lambda row: row.late_since or date.max)

    def _row(self, values: dict[str, Any]) -> Row:
        facts = SimpleNamespace(
            **values,
            rule=self._rules.get(values["rule_id"]),
            last_day=values["ends_on"] or values["starts_on"],
        )
        today = timezone.localdate()
        cells: list[Cell] = []
        late: set[date] = set()
        waits = False
        for stage in self.stages:
            cell, due = _cell(stage, facts, today)
            if cell.state == CellState.LATE and due:
                # What comes later and was due by the same day waits for this.
                if due in late:
                    cell = Cell(stage, CellState.LATER, words=cell.words)
                late.add(due)
            elif cell.state == CellState.NEXT and waits:
                cell = Cell(stage, CellState.LATER)
            waits = waits or _is_open(cell)
            cells.append(cell)
        return Row(facts, cells, min(late, default=None))

    def groups(self, rows: Sequence[Row]) -> list[Group]:
        """The rows by upper unit, what is late first; with who has yet to choose."""
        groups: dict[int | None, Group] = {}
        for row in rows:
            facts = row.facts
            group = self._group(
                groups,
                facts.unit__parent,
                facts.unit__parent__name or facts.unit__name,
                facts.unit__parent__path or facts.unit__path,
            )
            group.total += 1
            group.late += bool(row.late_since)
            _count(group.tallies, row)
        for unit in self.awaited:
            group = self._group(groups, unit.pk, unit.name, unit.path)
            group.awaited.append(unit.awaited_level)
        own_plans = {own.issuer_id: own for own in self._own_plans()}
        asked = set(deriving_units(self.plan).values_list("pk", flat=True))
        for key, group in groups.items():
            group.own_plan = own_plans.get(key)
            group.lacks_own_plan = key in asked and group.own_plan is None
        return sorted(groups.values(), key=lambda group: (-group.late, group.path))

    def _group(
        self, groups: dict[int | None, Group], unit: int | None, name: str, path: str
    ) -> Group:
        if unit not in groups:
            tallies = [Tally() for _stage in self.stages]
            groups[unit] = Group(unit, name, path, tallies)
        return groups[unit]

    @cached_property
    def awaited(self) -> list[Any]:
        """The upper units that have yet to choose a pilot, with `awaited_level`."""
        return list(self.plan.upper_units_to_choose().filter(pk__in=self.units))

    def _own_plans(self) -> Iterable[PlanPage]:
        plans = PlanPage.objects.live().child_of(self.plan).order_by("pk")
        return plans.listed("issuer", "issued_on", "first_published_at")

    def totals(self, rows: Iterable[Row]) -> list[Tally]:
        """How many of the rows have reached each stage."""
        tallies = [Tally() for _stage in self.stages]
        for row in rows:
            _count(tallies, row)
        return tallies


def _cell(stage: Stage, facts: Facts, today: date) -> tuple[Cell, date | None]:
    """The cell, and the day before which its stage is due."""
    if not stage.applies(facts):
        return Cell(stage, CellState.NONE), None
    if since := stage.since(facts):
        return Cell(stage, CellState.DONE, since), None
    due = stage.due(facts)
    words = stage.trouble(facts)
    if due and due <= today:
        return Cell(stage, CellState.LATE, words=words), due
    if words:
        return Cell(stage, CellState.TROUBLE, words=words), due
    return Cell(stage, CellState.NEXT), due


def _is_open(cell: Cell) -> bool:
    return cell.state not in {CellState.NONE, CellState.DONE}


def _count(tallies: list[Tally], row: Row) -> None:
    for tally, cell in zip(tallies, row.cells, strict=True):
        if cell.state != CellState.NONE:
            tally.total += 1
            tally.done += cell.state == CellState.DONE
