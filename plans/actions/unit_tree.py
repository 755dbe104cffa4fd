"""The tree of units, changed in memory and written at once.

treebeard's own bulk load takes seconds for a few thousand units; here the paths are
computed and the rows written in bulk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from modelsearch.backends import get_search_backends

from plans.models import Level, Unit
from plans.models.shown import tell_shown_changed
from plans.models.units import STEP, path_step, step_number
from plans.text import on_line

KNOWN_LEVELS = {"province": ("tỉnh", 1), "district": ("huyện", 2), "commune": ("xã", 3)}
"""Name and order for the levels of Vietnam's units; any other is named by its code."""

Key = tuple[str, date | None]


class UnitsError(Exception):
    """The file cannot be taken. `errors` holds (line number, message), in order."""

    def __init__(self, errors: list[tuple[int, str]]) -> None:
        self.errors = errors
        super().__init__("\n".join(on_line(*error) for error in errors))


@dataclass(frozen=True)
class UnitsReport:
    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class UnitRow:
    line: int
    code: str
    name: str
    level: str
    kind: str
    parent_code: str
    valid_from: date | None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """What a unit is known by: its code and the day it came into force."""
        return self.code, self.valid_from


class UnitTree:
    """All units, their rows locked until the end of the transaction.

    `put` and `end` change them in memory, `write` brings the database in step.
    """

    def __init__(self) -> None:
        self.units = list(
            Unit.objects.select_related("level").select_for_update(of=("self",))
        )
        by_pk = {unit.pk: unit for unit in self.units}
        self.known = {(unit.code, unit.valid_from): unit for unit in self.units}
        self.parents = {
            id(unit): by_pk[unit.parent_id] if unit.parent_id else None
            for unit in self.units
        }
        self.heirs = {
            id(unit): by_pk[unit.heir_id] for unit in self.units if unit.heir_id
        }
        self.by_code: dict[str, list[Unit]] = {}
        for unit in self.units:
            self.by_code.setdefault(unit.code, []).append(unit)
        self.errors: list[tuple[int, str]] = []
        self.lines: dict[int, int] = {}
        self.created: list[Unit] = []
        self.edited: set[int] = set()
        self.changed: dict[int, Unit] = {}

    # What is to change

    def put(self, rows: Sequence[UnitRow]) -> None:
        """Take in the units of the rows; a parent may follow its children."""
        levels = self._levels(rows)
        # A file that knows nothing of a unit's end does not undo it.
        rows = [
            replace(row, valid_to=unit.valid_to)
            if (unit := self.known.get(row.key)) and unit.heir_id
            else row
            for row in rows
        ]
        units = [self._unit(row, levels) for row in rows]
        for row, unit in zip(rows, units, strict=True):
            self.lines[id(unit)] = row.line
            self._set_parent(row, unit)

    def end(self, unit: Unit, last_day: date, heir: Unit) -> None:
        """The unit ends on the day; the heir answers for what it leaves."""
        if id(unit) not in self.heirs:
            unit.former_path = unit.path
        unit.valid_to = last_day
        self.heirs[id(unit)] = heir
        self._edit(unit)

    def in_force(self, code: str, first: date | None, last: date | None) -> Unit | None:
        """The latest unit with the code whose period meets the one given."""
        met = [
            unit
            for unit in self.by_code.get(code, ())
            if (unit.valid_to is None or first is None or unit.valid_to >= first)
            and (unit.valid_from is None or last is None or unit.valid_from <= last)
        ]
        return max(met, key=lambda unit: unit.valid_from or date.min, default=None)

    def _levels(self, rows: Iterable[UnitRow]) -> dict[str, Level]:
        levels = {level.code: level for level in Level.objects.all()}
        for code in dict.fromkeys(row.level for row in rows):
            if code not in levels:
                name, order = KNOWN_LEVELS.get(code, (code, len(levels) + 1))
                levels[code] = Level.objects.create(code=code, name=name, order=order)
        return levels

    def _unit(self, row: UnitRow, levels: dict[str, Level]) -> Unit:
        """The row's unit, with the row's values but for its parent."""
        values = {
            "name": row.name,
            "level_id": levels[row.level].pk,
            "kind": row.kind,
            "valid_to": row.valid_to,
        }
        unit = self.known.get(row.key)
        if unit is None:
            unit = Unit(code=row.code, valid_from=row.valid_from, **values)
            unit.level = levels[row.level]
            self.known[row.key] = unit
            self.units.append(unit)
            self.by_code.setdefault(unit.code, []).append(unit)
            self.created.append(unit)
        elif any(getattr(unit, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(unit, name, value)
            self._edit(unit)
        return unit

    def _edit(self, unit: Unit) -> None:
        self.edited.add(unit.pk)
        self.changed[unit.pk] = unit

    def _set_parent(self, row: UnitRow, unit: Unit) -> None:
        parent = None
        if row.parent_code:
            parent = self.in_force(row.parent_code, row.valid_from, row.valid_to)
            if parent is None:
                text = _("There is no unit with the code %s above this one.")
                self.errors.append((row.line, text % row.parent_code))
        if unit.pk and self.parents[id(unit)] is not parent:
            self._edit(unit)
        self.parents[id(unit)] = parent

    # Bringing the database in step

    def write(self) -> None:
        """Write what has changed, or raise UnitsError and write nothing of it."""
        self._check_codes()
        self._pass_on()
        self._refuse_errors()
        self._assign_paths()
        self._refuse_errors()
        tell_shown_changed()
        self._save()
        transaction.on_commit(self._index)

    def link_successors(self, rows: Iterable[UnitRow]) -> None:
        for row in rows:
            if row.successors:
                units = {
                    code: self.in_force(code, row.valid_to, None)
                    for code in row.successors
                }
                missing = [code for code, unit in units.items() if unit is None]
                text = _("There is no unit in force with the code %s.")
                self.errors += [(row.line, text % code) for code in missing]
                self._refuse_errors()
                self.known[row.key].successors.set(filter(None, units.values()))

    def report(self, rows: int) -> UnitsReport:
        created, edited = len(self.created), len(self.edited)
        return UnitsReport(created, edited, rows - created - edited)

    def _refuse_errors(self) -> None:
        if self.errors:
            raise UnitsError(sorted(self.errors))

    def _check_codes(self) -> None:
        for units in self.by_code.values():
            same = [unit for unit in units if unit.valid_to is None]
            if len(same) > 1:
                line = max(self.lines.get(id(unit), 1) for unit in same)
                text = _("Another unit in force has the code %s; end it first.")
                self.errors.append((line, text % same[0].code))

    def _pass_on(self) -> None:
        """What was left to a unit that ends itself, or stands below it, passes on."""
        for unit in self.units:
            if heir := self._last_heir(self.heirs.get(id(unit))):
                self.heirs[id(unit)] = heir
            elif unit.valid_to is None:
                self.parents[id(unit)] = self._last_heir(self.parents[id(unit)])

    def _last_heir(self, unit: Unit | None) -> Unit | None:
        while unit is not None and id(unit) in self.heirs:
            unit = self.heirs[id(unit)]
        return unit

    def _upper(self, unit: Unit) -> Unit | None:
        return self.heirs.get(id(unit)) or self.parents[id(unit)]

    def _assign_paths(self) -> None:
        """Give a path to whoever has none, or whose upper unit's has changed."""
        self.used: dict[str, int] = {}
        for unit in self.units:
            if unit.path:
                upper = unit.path[:-STEP]
                self.used[upper] = max(self.used.get(upper, 0), step_number(unit.path))
        done: set[int] = set()
        for unit in self.units:
            chain = self._chain(unit, done)
            if chain is None:
                text = _("The unit stands below itself.")
                self.errors.append((self.lines.get(id(unit), 1), text))
                return
            for link in chain:
                self._assign_path(link)
                done.add(id(link))

    def _chain(self, unit: Unit, done: set[int]) -> list[Unit] | None:
        """The unit and what stands above it, from the top; None if that is a circle."""
        chain: list[Unit] = []
        link: Unit | None = unit
        while link is not None and id(link) not in done:
            if any(link is other for other in chain):
                return None
            chain.append(link)
            link = self._upper(link)
        return chain[::-1]

    def _assign_path(self, unit: Unit) -> None:
        above = self._upper(unit)
        upper = above.path if above else ""
        if unit.path and unit.path[:-STEP] == upper:
            return
        self.used[upper] = self.used.get(upper, 0) + 1
        unit.path = upper + path_step(self.used[upper])
        if unit.pk:
            self.changed[unit.pk] = unit

    def _save(self) -> None:
        changed = list(self.changed.values())
        # What ends makes room for what begins with the same code.
        Unit.objects.bulk_update(changed, ["valid_to"], batch_size=500)
        for depth in sorted({unit.depth for unit in self.created}):
            units = [unit for unit in self.created if unit.depth == depth]
            for unit in units:
                unit.parent = self.parents[id(unit)]
            Unit.objects.bulk_create(units, batch_size=500)
        for unit in changed:
            unit.parent = self.parents[id(unit)]
            unit.heir = self.heirs.get(id(unit))
        fields = ["name", "level", "kind", "parent", "path", "heir", "former_path"]
        Unit.objects.bulk_update(changed, fields, batch_size=200)

    def _index(self) -> None:
        """Bring the search index in step: a bulk write sends no signal."""
        units = [*self.created, *self.changed.values()]
        if units:
            for backend in get_search_backends(with_auto_update=True):
                backend.add_bulk(Unit, units)
