"""A table that somebody sends, CSV or Excel, as rows of text and dates.

Nothing of the file is trusted: how much of it is read is bounded before it is read.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from plans.inspection import archives
from plans.inspection.refusal import broken
from plans.inspection.types import FILE_TYPES
from plans.text import on_line, one_line

from .reading import MAX_BYTES, PaperReadingError, read_paper

MAX_ROWS = 1_000
MAX_LINES = 5_000
"""Lines that are looked at: between the rows many may be empty."""
MAX_COLUMNS = 30
MAX_CELL = 500
MAX_UNPACKED = 6 * 1024 * 1024
"""A thousand rows of ten columns are half a MiB of XML."""


class TableError(ValidationError):
    """A file that cannot be read as a table; the message says why and what to do."""


class Formula(str):
    """A cell that holds a formula: what it comes to is not known."""


Cell = str | date | Formula


@dataclass(frozen=True)
class TableRow:
    """A row that is not empty; `line` is its place in the file, from 1."""

    line: int
    cells: list[Cell]


def read_table(*, data: bytes, name: str) -> list[TableRow]:
    """The rows of the table that are not empty. Raises TableError."""
    if len(data) > MAX_BYTES:
        text = _("The file is larger than %(size)s MB.")
        raise TableError(text % {"size": MAX_BYTES // 1024**2})
    ending = name.rpartition(".")[2].lower()
    if ending == "xlsx":
        lines = _excel_lines(data, name)
    elif ending in {"csv", "txt"}:
        lines = _csv_lines(data)
    else:
        raise TableError(_("Send an Excel file (.xlsx) or a CSV file (.csv)."))
    rows = []
    for number, cells in lines:
        values = [_clean(cell) for cell in cells[:MAX_COLUMNS]]
        if any(values):
            rows.append(TableRow(number, values))
        if len(rows) > MAX_ROWS or number > MAX_LINES:
            text = _("The file has more than %(count)s lines.")
            raise TableError(text % {"count": MAX_ROWS})
    if not rows:
        raise TableError(_("The file is empty."))
    return rows


def _clean(cell: Any) -> Cell:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date | Formula):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else one_line(str(cell)[: 2 * MAX_CELL])[:MAX_CELL]


def _csv_lines(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    try:
        text = read_paper(data)
    except PaperReadingError as error:
        raise TableError(str(error)) from error
    head = text.lstrip().partition("\n")[0]
    # Excel in Vietnamese writes semicolons.
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        # What stands in several lines is one row, told by its last line.
        yield from ((reader.line_num, cells) for cells in reader)
    except csv.Error as error:
        raise TableError(on_line(reader.line_num, str(error))) from error


def _excel_lines(data: bytes, name: str) -> Iterator[tuple[int, list[Any]]]:
    """The lines of the first sheet that is shown."""
    file = io.BytesIO(data)
    archives.check(file, name, FILE_TYPES["xlsx"])
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise TableError(_("“%s” holds far more than a list of people.") % name)
    try:
        book = load_workbook(file, read_only=True, keep_links=False)
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        sheet = (shown or book.worksheets)[0]
        # What the file says of its size need not be true.
        sheet.reset_dimensions()
        lines = sheet.iter_rows(max_row=MAX_LINES + 1, max_col=MAX_COLUMNS)
        for number, line in enumerate(lines, start=1):
            yield number, [_value(cell) for cell in line]
    except Exception as error:
        # openpyxl lets through whatever its parts raise.
        raise broken(name) from error


def _value(cell: Any) -> Any:
    if cell.data_type == "f":
        return Formula(str(cell.value))
    return "" if cell.data_type == "e" else cell.value
