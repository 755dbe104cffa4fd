"""The model table of people, to be filled in and sent back."""

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from plans.importing.people import COLUMNS, REQUIRED
from plans.importing.tables import MAX_ROWS
from plans.models import Role

WIDTHS = {"full_name": 28, "email": 30, "username": 18, "unit_code": 12, "role": 34}
DATES = ("starts_on", "ends_on")


def model_table() -> bytes:
    """An Excel file with the columns, a list of the roles to choose from, and notes."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Danh sách"
    for number, (column, names) in enumerate(COLUMNS.items(), start=1):
        letter = get_column_letter(number)
        head = sheet.cell(1, number, names[0] + ("*" if column in REQUIRED else ""))
        head.font = Font(bold=True)
        sheet.column_dimensions[letter].width = WIDTHS.get(column, 14)
        # As text, or Excel drops zeros and turns days and months around.
        for line in range(2, MAX_ROWS + 2):
            cell = sheet.cell(line, number)
            cell.number_format = "dd/mm/yyyy" if column in DATES else "@"
    roles = DataValidation(
        type="list", formula1=f'"{",".join(_listed(role) for role in Role)}"'
    )
    roles.add(f"{get_column_letter(list(COLUMNS).index('role') + 1)}2:E{MAX_ROWS + 1}")
    sheet.add_data_validation(roles)
    sheet.freeze_panes = "A2"
    notes = book.create_sheet("Hướng dẫn")
    notes.column_dimensions["A"].width = 90
    for line, text in enumerate(_notes(), start=1):
        notes.cell(line, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _listed(role: Role) -> str:
    # Excel splits its lists at commas.
    return str(role.label).partition(",")[0]


def _notes() -> list[str]:
    roles = ", ".join(f"“{role.label}”" for role in Role)
    return [
        _("One row is one person in one role. Columns with * must be filled in."),
        _("A person with two roles has two rows, with the same address or user name."),
        _("The roles: %s.") % roles,
        _("Unit codes are the official ones, such as 31519; they are text."),
        _("Dates are day, month, year: 31/12/2026. Empty: from now on, without end."),
        _("Without an e-mail you get a link on paper for the person."),
        _(
            "Whoever has an account is found by the address or the user name; people"
            " without both by their name within the unit."
        ),
        _("Sending the same list again changes nothing."),
    ]
