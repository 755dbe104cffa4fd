"""Dates and numbers as papers write them."""

import re
from datetime import date

YEAR = r"(?:19|20)\d\d"
DAY = (
    r"(?:ngày\s+)?(?P<day>\d{1,2})(?:\s*/\s*|\s*-\s*|\s+tháng\s+)"
    r"(?P<month>\d{1,2})(?:\s*/\s*|\s*-\s*|\s+năm\s+)(?P<year>(?:19|20)\d\d)(?!\d)"
)
"""A full date, as a pattern for spelled text: 25/5/2023, 22 tháng 11 năm 2025."""

_NUMBERS = {
    word: number
    for number, word in enumerate(
        ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"], start=1
    )
}
NUMBER = rf"(?:\d{{1,3}}|{'|'.join(_NUMBERS)})"
"""A small number in figures or in letters, as a pattern for spelled text."""


def read_number(text: str) -> int:
    """The value of what `NUMBER` matched."""
    return _NUMBERS.get(text) or int(text)


def make_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def matched_date(match: re.Match[str]) -> date | None:
    """The date that a match of `DAY` stands for, or None where there is no such day."""
    return make_date(int(match["year"]), int(match["month"]), int(match["day"]))
