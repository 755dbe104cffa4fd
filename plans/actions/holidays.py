"""Loading the public holidays, and the days that are worked to make up for others."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from plans.models import CalendarDay
from plans.models.shown import tell_shown_changed

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "holidays.csv"
COLUMNS = ["day", "works", "name", "tentative", "source"]
ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True)
class HolidaysReport:
    added: int
    replaced: int
    kept: int


def load_holidays(*, lines: Iterable[str]) -> HolidaysReport:
    """Load days from CSV lines: the whole file or nothing; twice is the same as once.

    A day that is here already is kept as the office has it, unless it was tentative.
    Raises ValidationError with every faulty line.
    """
    days = _read(lines)
    with transaction.atomic():
        present = CalendarDay.objects.in_bulk(
            [row.day for row in days], field_name="day"
        )
        new, replaced = [], []
        for row in days:
            old = present.get(row.day)
            if old is None:
                new.append(row)
            elif old.is_tentative and _values(row) != _values(old):
                row.pk = old.pk
                replaced.append(row)
        CalendarDay.objects.bulk_create(new)
        CalendarDay.objects.bulk_update(
            replaced, ["is_working", "name", "is_tentative", "source"]
        )
        tell_shown_changed()
    kept = len(days) - len(new) - len(replaced)
    return HolidaysReport(len(new), len(replaced), kept)


def _values(row: CalendarDay) -> tuple[object, ...]:
    return row.is_working, row.name, row.is_tentative, row.source


def _read(lines: Iterable[str]) -> list[CalendarDay]:
    reader = csv.DictReader(lines)
    if list(reader.fieldnames or []) != COLUMNS:
        raise ValidationError(_("The columns must be: %s") % ",".join(COLUMNS))
    days: dict[date, CalendarDay] = {}
    errors = []
    for number, row in enumerate(reader, start=2):
        try:
            day = date.fromisoformat(row["day"])
            days[day] = CalendarDay(
                day=day,
                is_working=ANSWERS[row["works"]],
                name=row["name"],
                is_tentative=ANSWERS[row["tentative"]],
                source=row["source"],
            )
        except (KeyError, TypeError, ValueError):
            errors.append(_("Line %(number)d cannot be read.") % {"number": number})
    if errors:
        raise ValidationError(errors)
    return list(days.values())
