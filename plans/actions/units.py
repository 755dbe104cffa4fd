"""Loading administrative units from CSV."""

import csv
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from .unit_tree import Key, UnitRow, UnitsError, UnitsReport, UnitTree

COLUMNS = ("code", "name", "level", "kind", "parent_code")
"""The columns a file must have; valid_from, valid_to and successors may follow."""

LONGEST = {"code": 20, "name": 200, "level": 30, "kind": 60}
"""How long a text of a unit may be."""


def load_units(*, lines: Iterable[str]) -> UnitsReport:
    """Load units from CSV lines: the whole file or nothing; twice is the same as once.

    A parent may stand below its children in the file, and may be in the database
    already. Units that are not in the file stay as they are.

    Raises UnitsError with every faulty line.
    """
    rows = _read(lines)
    with transaction.atomic():
        tree = UnitTree()
        tree.put(rows)
        tree.write()
        tree.link_successors(rows)
        return tree.report(len(rows))


def table_reader(lines: Iterable[str], columns: Iterable[str]) -> "csv.DictReader[str]":
    """A reader of CSV lines. Raises UnitsError where a column is missing."""
    reader = csv.DictReader(lines)
    header = [name.strip().lstrip("\ufeff") for name in reader.fieldnames or []]
    missing = [name for name in columns if name not in header]
    if missing:
        raise UnitsError(
            [(1, _("The column “%s” is missing.") % name) for name in missing]
        )
    reader.fieldnames = header
    return reader


def _read(lines: Iterable[str]) -> list[UnitRow]:
    reader = table_reader(lines, COLUMNS)
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
    for name, longest in LONGEST.items():
        if len(values[name]) > longest:
            raise ValueError(_("The column “%s” is too long.") % name)
    return UnitRow(
        line=line,
        **{name: values[name] for name in COLUMNS},
        valid_from=day_of(values.get("valid_from", "")),
        valid_to=day_of(values.get("valid_to", "")),
        successors=tuple(values.get("successors", "").split()),
    )


def day_of(text: str) -> date | None:
    """The day, or None of an empty text. Raises ValueError with a message."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("“%s” is not a date such as 2025-07-01.") % text) from None
