"""Loading administrative units."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from modelsearch.backends import get_search_backends

from plans.models import Level, Unit
from plans.models.shown import tell_shown_changed
from plans.models.units import STEP, path_step, step_number

COLUMNS = ("code", "name", "level", "kind", "parent_code")
"""The columns a file must have; valid_from, valid_to and successors may follow."""

KNOWN_LEVELS = {"province": ("tỉnh", 1), "district": ("huyện", 2), "commune": ("xã", 3)}
"""Name and order for the levels of Vietnam's units; any other is named by its code."""


class UnitsError(Exception):
    """The file cannot be loaded. `errors` holds (line number, message), in order."""

    def __init__(self, errors: list[tuple[int, str]]) -> None:
        self.errors = errors
        super().__init__(
            "\n".join(_("Line %d: %s") % (line, text) for line, text in errors)
        )


Key = tuple[str, date | None]


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
    valid_to: date | None
    successors: tuple[str, ...]

    @property
    def key(self) -> "Key":
        """What a unit is known by: its code and the day it came into force."""
        return self.code, self.valid_from


def load_units(*, lines: Iterable[str]) -> UnitsReport:
    """Load units from CSV lines: the whole file or nothing; twice is the same as once.

    A parent may stand below its children in the file, and may be in the database
    already. Units that are not in the file stay as they are.

    Raises UnitsError with every faulty line.
    """
    rows = _read(lines)
    with transaction.atomic():
        tell_shown_changed()
        return _Loader(rows).load()


def _read(lines: Iterable[str]) -> list[UnitRow]:
    reader = csv.DictReader(lines)
    header = [name.strip().lstrip("\ufeff") for name in reader.fieldnames or []]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise UnitsError(
            [(1, _("The column “%s” is missing.") % name) for name in missing]
        )
    reader.fieldnames = header
    rows: list[UnitRow] = []
    errors: list[tuple[int, str]] = []
    seen: dict[Key, int] = {}
    for record in reader:
        try:
            row = _row(reader.line_num, record)
        except ValueError as error:
            errors.append((reader.line_num, str(error)))
            continue
        if row.key in seen:
            text = _("The code %(code)s stands on line %(line)d already.")
            errors.append((row.line, text % {"code": row.code, "line": seen[row.key]}))
        seen[row.key] = row.line
        rows.append(row)
    if not rows and not errors:
        errors.append((reader.line_num or 1, _("The file holds no units.")))
    if errors:
        raise UnitsError(errors)
    return rows


def _row(line: int, record: dict[str, str | None]) -> UnitRow:
    """The record as a row. Raises ValueError with a message for people."""
    if None in record or None in record.values():
        raise ValueError(_("The line has too many or too few columns."))
    values = {name: " ".join((value or "").split()) for name, value in record.items()}
    for name in ("code", "name", "level"):
        if not values[name]:
            raise ValueError(_("The column “%s” is empty.") % name)
    for name, longest in (("code", 20), ("name", 200), ("level", 30), ("kind", 60)):
        if len(values[name]) > longest:
            raise ValueError(_("The column “%s” is too long.") % name)
    return UnitRow(
        line=line,
        **{name: values[name] for name in COLUMNS},
        valid_from=_day(values.get("valid_from", "")),
        valid_to=_day(values.get("valid_to", "")),
        successors=tuple(values.get("successors", "").split()),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("“%s” is not a date such as 2025-07-01.") % text) from None


class _Loader:
    """Brings the database's tree in step with the rows, all in memory, then writes.

    treebeard's own bulk load takes seconds for a few thousand units; here the paths
    are computed and the rows written at once.
    """

    def __init__(self, rows: list[UnitRow]) -> None:
        self.rows = rows
        self.units = list(Unit.objects.select_for_update(of=("self",)))
        self.by_pk = {unit.pk: unit for unit in self.units}
        self.known = {(unit.code, unit.valid_from): unit for unit in self.units}
        self.parents = {
            id(unit): self.by_pk[unit.parent_id] if unit.parent_id else None
            for unit in self.units
        }
        self.errors: list[tuple[int, str]] = []
        self.created: list[Unit] = []
        self.edited: set[int] = set()
        self.changed: dict[int, Unit] = {}

    def load(self) -> UnitsReport:
        levels = self._levels()
        units = [self._unit(row, levels) for row in self.rows]
        for row, unit in zip(self.rows, units, strict=True):
            self._set_parent(row, unit)
        self._check_codes()
        self._refuse_errors()
        self._assign_paths()
        self._refuse_errors()
        self._write()
        self._link_successors()
        transaction.on_commit(self._index)
        created = len(self.created)
        edited = len(self.edited)
        return UnitsReport(created, edited, len(self.rows) - created - edited)

    def _refuse_errors(self) -> None:
        if self.errors:
            raise UnitsError(sorted(self.errors))

    def _levels(self) -> dict[str, Level]:
        levels = {level.code: level for level in Level.objects.all()}
        for code in dict.fromkeys(row.level for row in self.rows):
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
            self.known[row.key] = unit
            self.units.append(unit)
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
            parent = self._in_force(row.parent_code, row.valid_from, row.valid_to)
            if parent is None:
                text = _("There is no unit with the code %s above this one.")
                self.errors.append((row.line, text % row.parent_code))
        if unit.pk and self.parents[id(unit)] is not parent:
            self._edit(unit)
        self.parents[id(unit)] = parent

    def _in_force(
        self, code: str, first: date | None, last: date | None
    ) -> Unit | None:
        """The latest unit with the code whose period meets the one given."""
        met = [
            unit
            for unit in self._by_code.get(code, ())
            if (unit.valid_to is None or first is None or unit.valid_to >= first)
            and (unit.valid_from is None or last is None or unit.valid_from <= last)
        ]
        return max(met, key=lambda unit: unit.valid_from or date.min, default=None)

    @cached_property
    def _by_code(self) -> dict[str, list[Unit]]:
        by_code: dict[str, list[Unit]] = {}
        for unit in self.units:
            by_code.setdefault(unit.code, []).append(unit)
        return by_code

    def _check_codes(self) -> None:
        for row in self.rows:
            same = [unit for unit in self._by_code[row.code] if unit.valid_to is None]
            if row.valid_to is None and len(same) > 1:
                text = _("Another unit in force has the code %s; end it first.")
                self.errors.append((row.line, text % row.code))

    def _assign_paths(self) -> None:
        """Give a path to whoever has none, or whose parent's has changed."""
        self.used: dict[str, int] = {}
        for unit in self.units:
            if unit.path:
                upper = unit.path[:-STEP]
                self.used[upper] = max(self.used.get(upper, 0), step_number(unit.path))
        lines = {id(self.known[row.key]): row.line for row in self.rows}
        done: set[int] = set()
        for unit in self.units:
            chain = self._chain(unit, done)
            if chain is None:
                text = _("The unit stands below itself.")
                self.errors.append((lines.get(id(unit), 1), text))
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
            link = self.parents[id(link)]
        return chain[::-1]

    def _assign_path(self, unit: Unit) -> None:
        parent = self.parents[id(unit)]
        upper = parent.path if parent else ""
        if unit.path and unit.path[:-STEP] == upper:
            return
        self.used[upper] = self.used.get(upper, 0) + 1
        unit.path = upper + path_step(self.used[upper])
        if unit.pk:
            self.changed[unit.pk] = unit

    def _write(self) -> None:
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
        Unit.objects.bulk_update(
            changed, ["name", "level", "kind", "parent", "path"], batch_size=200
        )

    def _index(self) -> None:
        """Bring the search index in step: a bulk write sends no signal."""
        units = [*self.created, *self.changed.values()]
        if units:
            for backend in get_search_backends(with_auto_update=True):
                backend.add_bulk(Unit, units)

    def _link_successors(self) -> None:
        for row in self.rows:
            if row.successors:
                units = {
                    code: self._in_force(code, row.valid_to, None)
                    for code in row.successors
                }
                missing = [code for code, unit in units.items() if unit is None]
                text = _("There is no unit in force with the code %s.")
                self.errors += [(row.line, text % code) for code in missing]
                self._refuse_errors()
                self.known[row.key].successors.set(filter(None, units.values()))
