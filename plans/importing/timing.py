"""When a congress is held and reviewed, as a paper words it."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from .dates import DAY, NUMBER, YEAR, make_date, matched_date, read_number
from .spelling import spelled


def _year(group: str) -> str:
    """A year behind a month or a quarter, as a pattern."""
    return rf"(?:\s*/\s*|\s*-\s*|\s+năm\s+)(?P<{group}>{YEAR})(?!\d)"


_MONTH = r"tháng\s+(?P<month>\d{1,2})" + _year("year")
_TO = r"\s+(?:đến|tới)(?:\s+hết)?\s+"
_DURATION = re.compile(
    rf"(?:không quá|tối đa|trong vòng|trong)\s+(?P<number>{NUMBER})"
    r"(?:\s*\([^)]*\))?\s+ngày"
)
_PART = re.compile(
    r"(?:(?P<part>nửa đầu|nửa cuối|đầu|giữa|cuối|trong|thượng tuần|trung tuần|hạ tuần)"
    rf"\s+)?{_MONTH}"
)
_DAYS = re.compile(
    r"từ\s+(?:ngày\s+)?(?P<from_day>\d{1,2})(?:(?:\s*/\s*|\s+tháng\s+)"
    r"(?P<from_month>\d{1,2}))?(?:(?:\s*/\s*|\s+năm\s+)(?P<from_year>(?:19|20)\d\d))?"
    rf"(?:{_TO}|\s*[-–]\s*){DAY}"
)
_MONTHS = re.compile(
    r"từ\s+(?:đầu\s+)?tháng\s+(?P<from_month>\d{1,2})"
    rf"(?:{_year('from_year')})?{_TO}(?:cuối\s+)?{_MONTH}"
)
_QUARTER = re.compile(
    r"(?:trong\s+)?quý\s+(?P<quarter>iv|i{1,3}|[1-4])" + _year("year")
)
_BEFORE = r"(?:xong\s+|hoàn thành\s+)?trước"
_UNTIL = (
    r"(?:chậm nhất|muộn nhất|không muộn hơn)(?:\s+là)?(?:\s+vào)?(?:\s+đến)?"
    r"|đến\s+hết|hết"
)
_DEADLINE = re.compile(
    rf"(?:(?P<before>{_BEFORE})|(?P<until>{_UNTIL}))\s+"
    rf"(?:{DAY}|tháng\s+(?P<in_month>\d{{1,2}}){_year('of_year')})"
)
_YEARLESS = re.compile(
    rf"(?:{_BEFORE}|{_UNTIL})\s+(?:ngày\s+)?\d{{1,2}}\s*/\s*\d{{1,2}}(?![/\d])"
)
_ONE_DAY = re.compile(DAY)
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

DAY_PRECISION = "day"
MONTH_PRECISION = "month"
PART_PRECISION = "part"
"""Early, middle or late in a month: the paper says no day, so none is made up."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a congress is held; `text` is the paper's own wording."""

    text: str
    start: date | None
    end: date | None
    precision: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline: the last good day is the one before `before`."""

    text: str
    before: date


def find_durations(text: str) -> list[int]:
    """The numbers of days in "không quá 01 ngày" and the like."""
    return [read_number(m["number"]) for m in _DURATION.finditer(spelled(text))]


def find_deadline(text: str) -> Deadline | None:
    """The first deadline in the text; "chậm nhất ngày 9/12" is before the 10th."""
    for match in _DEADLINE.finditer(spelled(text)):
        wording = text[match.start() : match.end()]
        if match["day"]:
            day = matched_date(match)
        else:
            day = make_date(int(match["of_year"]), int(match["in_month"]), 1)
            if day and match["until"]:
                day = _last_day(day)
        if day:
            return Deadline(wording, day + timedelta(days=1) if match["until"] else day)
    return None


def find_yearless_deadline(text: str) -> str:
    """The wording of a deadline that names a day without its year, or ""."""
    match = _YEARLESS.search(spelled(text))
    return text[match.start() : match.end()] if match else ""


def find_windows(text: str) -> list[Window]:
    """The times that the text names, in order; deadlines count as open windows."""
    plain = spelled(text)
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, Window]] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(plain):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            if window := read(match, text[match.start() : match.end()].strip()):
                taken.append(match.span())
                found.append((match.start(), window))
    return [window for _start, window in sorted(found, key=lambda pair: pair[0])]


def _days(match: re.Match[str], wording: str) -> Window | None:
    end = matched_date(match)
    if not end:
        return None
    start = make_date(
        int(match["from_year"] or end.year),
        int(match["from_month"] or end.month),
        int(match["from_day"]),
    )
    return Window(wording, start, end, DAY_PRECISION)


def _months(match: re.Match[str], wording: str) -> Window | None:
    last = make_date(int(match["year"]), int(match["month"]), 1)
    if not last:
        return None
    year = int(match["from_year"] or last.year)
    start = make_date(year, int(match["from_month"]), 1)
    return Window(wording, start, _last_day(last), MONTH_PRECISION)


def _quarter(match: re.Match[str], wording: str) -> Window | None:
    quarter = _QUARTERS.get(match["quarter"]) or int(match["quarter"])
    start = date(int(match["year"]), quarter * 3 - 2, 1)
    end = _last_day(start.replace(month=quarter * 3))
    return Window(wording, start, end, MONTH_PRECISION)


def _open(match: re.Match[str], wording: str) -> Window | None:
    deadline = find_deadline(wording)
    if not deadline:
        return None
    last = deadline.before - timedelta(days=1)
    return Window(wording, None, last, DAY_PRECISION)


def _part(match: re.Match[str], wording: str) -> Window | None:
    first = make_date(int(match["year"]), int(match["month"]), 1)
    if not first:
        return None
    last = _last_day(first)
    bounds: dict[str, tuple[date | None, date | None, str]] = {
        "đầu": (first, None, PART_PRECISION),
        "giữa": (None, None, PART_PRECISION),
        "cuối": (None, last, PART_PRECISION),
        "nửa đầu": (first, first.replace(day=15), DAY_PRECISION),
        "nửa cuối": (first.replace(day=16), last, DAY_PRECISION),
        "thượng tuần": (first, first.replace(day=10), DAY_PRECISION),
        "trung tuần": (first.replace(day=11), first.replace(day=20), DAY_PRECISION),
        "hạ tuần": (first.replace(day=21), last, DAY_PRECISION),
    }
    start, end, precision = bounds.get(match["part"], (first, last, MONTH_PRECISION))
    return Window(wording, start, end, precision)


def _one_day(match: re.Match[str], wording: str) -> Window | None:
    day = matched_date(match)
    return Window(wording, day, day, DAY_PRECISION) if day else None


def _last_day(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


# Ranges first: a single day or month inside them is not a time of its own.
_READERS = (
    (_DAYS, _days),
    (_MONTHS, _months),
    (_DEADLINE, _open),
    (_QUARTER, _quarter),
    (_PART, _part),
    (_ONE_DAY, _one_day),
)
