"""A list of people as a table: one row a person in a role."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from plans.models import Role
from plans.text import fold

from .tables import Cell, Formula, TableError, TableRow

COLUMNS = {
    "full_name": ("Họ và tên", "họ tên", "full name", "name"),
    "email": ("Thư điện tử", "email", "e-mail", "địa chỉ thư điện tử"),
    "username": ("Tên đăng nhập", "username", "user name", "tài khoản"),
    "unit_code": ("Mã đơn vị", "unit code", "mã"),
    "role": ("Vai trò", "role"),
    "starts_on": ("Từ ngày", "ngày bắt đầu", "first day"),
    "ends_on": ("Đến ngày", "ngày kết thúc", "last day"),
}
"""What the columns are called: as in the model table, and otherwise."""
REQUIRED = ("full_name", "unit_code", "role")
LONGEST = {"full_name": 150, "email": 254, "username": 150, "unit_code": 20}
HEADER_WITHIN = 10
"""Rows before the header: a title, a place and date."""

ROLE_WORDS = {
    Role.STAFF: ("nhân viên", "công chức", "chuyên viên"),
    Role.BOARD: ("Ban Thường trực", "ủy viên Ban Thường trực", "BTT"),
    Role.HEAD: ("thủ trưởng", "chủ tịch"),
    Role.EDITOR: ("biên tập viên", "biên tập viên kế hoạch", "biên tập"),
}
"""What offices write beside the role's own name."""

CHECKS = (
    ("email", validate_email, gettext_lazy("“%s” is no address for mails.")),
    (
        "username",
        UnicodeUsernameValidator(),
        gettext_lazy("“%s” is no user name: letters, digits and @/./+/-/_ only."),
    ),
)

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True)
class PersonRow:
    """A person in a role, as the file has it."""

    line: int
    full_name: str
    email: str
    username: str
    unit_code: str
    role: str
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass
class PeopleTable:
    """The rows that could be read, and what is wrong: (line, message)."""

    rows: list[PersonRow] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)


def read_people(table: list[TableRow]) -> PeopleTable:
    """The people of the table. Raises TableError where it has no such columns."""
    place, columns = _header(table)
    roles = _role_words()
    people = PeopleTable()
    seen: dict[tuple[str, ...], int] = {}
    for row in table[place + 1 :]:
        cells = {
            name: row.cells[number] if number < len(row.cells) else ""
            for name, number in columns.items()
        }
        problems = list(_problems(cells))
        if not problems:
            try:
                person = _person(row.line, cells, roles)
            except ValueError as error:
                problems = [str(error)]
            else:
                people.rows.append(person)
                first = seen.setdefault(_key(person), row.line)
                if first != row.line:
                    text = _("The same person and role stand in line %d already.")
                    problems = [text % first]
        people.errors += [(row.line, text) for text in problems]
    if not people.rows and not people.errors:
        raise TableError(_("There is nobody below the names of the columns."))
    return people


def _header(table: list[TableRow]) -> tuple[int, dict[str, int]]:
    """Where the names of the columns stand, and which column is which."""
    names = {fold(name): column for column, every in COLUMNS.items() for name in every}
    for place, row in enumerate(table[:HEADER_WITHIN]):
        columns: dict[str, int] = {}
        for number, cell in enumerate(row.cells):
            column = names.get(fold(re.sub(r"\(.*?\)|\*", "", str(cell))))
            if column:
                columns.setdefault(column, number)
        if all(column in columns for column in REQUIRED):
            return place, columns
    wanted = ", ".join(f"“{COLUMNS[column][0]}”" for column in REQUIRED)
    text = _("The columns %s are not there. Take the model table.")
    raise TableError(text % wanted)


def _problems(cells: dict[str, Cell]) -> Iterable[str]:
    """What is wrong with the texts of a row."""
    for column, cell in cells.items():
        title = COLUMNS[column][0]
        if isinstance(cell, Formula):
            yield _("“%s” is a formula: paste its value.") % title
        elif column in REQUIRED and not cell:
            yield _("“%s” is empty.") % title
        elif isinstance(cell, str) and len(cell) > LONGEST.get(column, 500):
            yield _("“%s” is too long.") % title
    for column, check, text in CHECKS:
        cell = cells.get(column, "")
        if cell and not isinstance(cell, Formula):
            try:
                check(str(cell))
            except ValidationError:
                yield text % cell


def _person(line: int, cells: dict[str, Cell], roles: dict[str, str]) -> PersonRow:
    """The row as a person. Raises ValueError with a message for people."""
    texts = {name: str(cells.get(name, "")) for name in COLUMNS}
    starts_on = _day(cells.get("starts_on", ""))
    ends_on = _day(cells.get("ends_on", ""))
    if starts_on and ends_on and ends_on < starts_on:
        raise ValueError(_("The last day comes before the first."))
    if fold(texts["role"]) not in roles:
        names = ", ".join(f"“{label}”" for label in Role.labels)
        raise ValueError(
            _("“%(role)s” is no role. There are: %(roles)s.")
            % {"role": texts["role"], "roles": names}
        )
    return PersonRow(
        line=line,
        full_name=texts["full_name"],
        email=texts["email"].lower(),
        username=texts["username"].lower(),
        unit_code=texts["unit_code"],
        role=roles[fold(texts["role"])],
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _role_words() -> dict[str, str]:
    """What each role may be called, folded: to the role."""
    words: dict[str, str] = {}
    for role in Role:
        names = [role.value, *ROLE_WORDS[role]]
        for language in ("vi", "en"):
            with override(language):
                names.append(str(role.label))
        words |= {fold(name): role.value for name in names}
    return words


def _day(cell: Cell) -> date | None:
    """The day of a date cell, or of a text such as 05/01/2026 (day first)."""
    if isinstance(cell, date):
        return cell
    if not cell or isinstance(cell, Formula):
        return None
    match = _DAY.fullmatch(cell)
    try:
        if match:
            day, month, year = map(int, match.groups())
            return date(year, month, day)
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError(_("“%s” is not a date such as 31/12/2026.") % cell) from None


def _key(row: PersonRow) -> tuple[str, ...]:
    """What tells a row from another: a name alone does only within its unit."""
    who = row.email or row.username or fold(row.full_name)
    return who, row.unit_code, row.role
