"""Tables to take away: as CSV, which Excel in Vietnamese opens by a double click, and
as a workbook of Excel.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.formats import localize
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from plans.inspection.types import FILE_TYPES

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> str:
    """The value as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_response(
    name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    """A table to download: UTF-8 with its mark, semicolons, each cell made safe."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "private, no-store"
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    for row in (header, *rows):
        writer.writerow([safe_cell(_written(value)) for value in row])
    return response


def _written(value: Any) -> Any:
    """Numbers with their comma and days as they are written here."""
    return localize(value) if isinstance(value, (Decimal, date)) else value


def xlsx_response(
    name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    """The same as a workbook of one sheet: numbers and days stay what they are."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    titles = [WriteOnlyCell(sheet, safe_cell(title)) for title in header]
    for title in titles:
        title.font = Font(bold=True)
    sheet.append(titles)
    for row in rows:
        sheet.append([_typed(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=FILE_TYPES["xlsx"].mime)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "private, no-store"
    return response


def _typed(value: Any) -> Any:
    return value if isinstance(value, (int, Decimal, date)) else safe_cell(value)


FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
"""The ways to take a table away, by the ending of its name."""


def asked_format(query: Mapping[str, Any]) -> str:
    """The format a query string names (`?csv`), or an empty text."""
    return next((name for name in FORMATS if name in query), "")


def table_response(
    name: str, ending: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    """A table in the format of the ending; `name` is without it."""
    return FORMATS[ending](f"{name}.{ending}", header, rows)
