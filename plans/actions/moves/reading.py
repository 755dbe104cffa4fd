"""What a file of moves says, and which units it means."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

from plans.actions.unit_tree import KNOWN_LEVELS, UnitRow, UnitsError, UnitTree
from plans.actions.units import LONGEST, table_reader
from plans.models import Level, Membership, Unit

COLUMNS = (
    *("code", "new_code"),
    *("new_name", "new_level", "new_kind", "new_parent_code"),
)
"""The columns of the file: a unit that ends, and one that takes its place."""


@dataclass(frozen=True)
class MoveRow:
    line: int
    code: str
    new_code: str
    new_name: str
    new_level: str
    new_kind: str
    new_parent_code: str

    @property
    def description(self) -> tuple[str, ...]:
        return self.new_name, self.new_level, self.new_kind, self.new_parent_code

    def begins(self, day: date) -> UnitRow:
        """The row of the unit that begins on the day."""
        name, level, kind, parent_code = self.description
        return UnitRow(self.line, self.new_code, name, level, kind, parent_code, day)


@dataclass
class Passage:
    """A line of the file: a unit that ends, and one that takes its place.

    `is_heir` where that one answers for what the unit leaves: the first that the file
    names. `people`, `notes` and `conflicts` say what passes, in the reader's language;
    `begun` are the memberships that begin with it in the heir.
    """

    line: int
    old: Unit
    new: Unit
    is_heir: bool
    people: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    begun: list[Membership] = field(default_factory=list)

    @property
    def passes_people(self) -> bool:
        """Whether its people go on in the heir: never to another level's rights."""
        return self.is_heir and self.old.level_id == self.new.level_id


def read_moves(lines: Iterable[str]) -> list[MoveRow]:
    """The rows of the file. Raises UnitsError with every faulty line."""
    reader = table_reader(lines, COLUMNS)
    rows: list[MoveRow] = []
    errors: list[tuple[int, str]] = []
    for record in reader:
        try:
            rows.append(_row(reader.line_num, record))
        except ValueError as error:
            errors.append((reader.line_num, str(error)))
    errors += _repeated(rows)
    if not rows and not errors:
        errors.append((reader.line_num or 1, _("The file holds no units.")))
    if errors:
        raise UnitsError(sorted(errors))
    return rows


def _row(line: int, record: dict[str, str | None]) -> MoveRow:
    if None in record or None in record.values():
        raise ValueError(_("The line has too many or too few columns."))
    values = {name: " ".join((value or "").split()) for name, value in record.items()}
    for name in ("code", "new_code"):
        if not values[name]:
            raise ValueError(_("The column “%s” is empty.") % name)
    for name in COLUMNS:
        if len(values[name]) > LONGEST.get(name.removeprefix("new_"), 20):
            raise ValueError(_("The column “%s” is too long.") % name)
    return MoveRow(line, **{name: values[name] for name in COLUMNS})


def _repeated(rows: list[MoveRow]) -> Iterable[tuple[int, str]]:
    """Lines that say a thing twice, or one unit differently."""
    pairs: dict[tuple[str, str], int] = {}
    described: dict[str, MoveRow] = {}
    for row in rows:
        pair = (row.code, row.new_code)
        if pair in pairs:
            yield row.line, _("The same stands on line %d already.") % pairs[pair]
        pairs[pair] = row.line
        first = described.setdefault(row.new_code, row)
        if row.description != first.description:
            text = _("Line %(line)d says something else of the unit %(code)s.")
            yield row.line, text % {"line": first.line, "code": row.new_code}


def resolve(tree: UnitTree, rows: list[MoveRow], day: date) -> list[Passage]:
    """Put the units into the tree that begin on the day, and end the others before it.

    Nothing is written. Raises UnitsError with every line whose units are not known.
    """
    ending = _ending(tree, rows, day)
    for unit in ending.values():
        # Nothing that begins stands below what ends.
        unit.valid_to = unit.valid_to or day - timedelta(days=1)
    new = _taking_their_place(tree, rows, day)
    passages: list[Passage] = []
    for row in rows:
        if row.code in ending and row.new_code in new:
            old = ending[row.code]
            is_heir = all(passage.old is not old for passage in passages)
            passages.append(Passage(row.line, old, new[row.new_code], is_heir))
    for passage in passages:
        if passage.is_heir:
            _end(tree, passage, day)
    if tree.errors:
        raise UnitsError(sorted(tree.errors))
    for unit in (*ending.values(), *new.values()):
        unit.parent = tree.parents[id(unit)]
    return passages


def _ending(tree: UnitTree, rows: list[MoveRow], day: date) -> dict[str, Unit]:
    """The units of the first column, by their codes: in force on the day before."""
    last = day - timedelta(days=1)
    ending: dict[str, Unit] = {}
    for row in rows:
        unit = tree.in_force(row.code, last, last)
        if unit is None:
            text = _("No unit with the code %s is in force on the day before.")
            tree.errors.append((row.line, text % row.code))
        elif unit.valid_to not in (None, last):
            text = _("%s ends on another day already.")
            tree.errors.append((row.line, text % unit))
        else:
            ending[row.code] = unit
    return ending


def _taking_their_place(
    tree: UnitTree, rows: list[MoveRow], day: date
) -> dict[str, Unit]:
    """The units of the second column, by their codes: those in force, or new ones."""
    levels = {*Level.objects.values_list("code", flat=True), *KNOWN_LEVELS}
    units: dict[str, Unit] = {}
    begin: list[MoveRow] = []
    for row in {row.new_code: row for row in reversed(rows)}.values():
        present = tree.in_force(row.new_code, day, day)
        if present is None:
            if fault := _fault(row, levels):
                tree.errors.append((row.line, fault))
            else:
                begin.append(row)
        elif row.new_name not in ("", present.name):
            text = _("The unit %(code)s is in force as “%(name)s”.")
            values = {"code": row.new_code, "name": present.name}
            tree.errors.append((row.line, text % values))
        else:
            units[row.new_code] = present
    begin.sort(key=lambda row: row.line)
    tree.put([row.begins(day) for row in begin])
    return units | {row.new_code: tree.known[row.new_code, day] for row in begin}


def _fault(row: MoveRow, levels: set[str]) -> str:
    """Why no unit can begin as the row says, or an empty text."""
    if not (row.new_name and row.new_level and row.new_kind):
        return _("A unit that begins needs its name, its level and its kind.")
    if row.new_level not in levels:
        return _("There is no level with the code %s.") % row.new_level
    return ""


def _end(tree: UnitTree, passage: Passage, day: date) -> None:
    heir = tree.heirs.get(id(passage.old))
    if heir is None:
        tree.end(passage.old, day - timedelta(days=1), passage.new)
    elif heir is not passage.new:
        text = _("%(old)s has passed to %(heir)s already.")
        values = {"old": passage.old, "heir": heir}
        tree.errors.append((passage.line, text % values))
