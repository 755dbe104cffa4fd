"""Which days are worked: weekends, public holidays, and days made up for.

The holidays are rows that the office keeps: how Tết falls, and which Saturday is worked
instead of a bridging day, is announced year by year (Labour Code 2019, art. 111, 112).
"""

from datetime import date, timedelta

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class CalendarDay(models.Model):
    """A day that is not what its day of the week says: off, or worked on."""

    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField(
        _("is worked"),
        default=False,
        help_text=_("For a Saturday or Sunday that makes up for another day."),
    )
    name = models.CharField(_("name"), max_length=200)
    is_tentative = models.BooleanField(
        _("tentative"),
        default=False,
        help_text=_("Not announced yet. Loading the holidays again may replace it."),
    )
    source = models.CharField(_("by which paper"), max_length=200, blank=True)

    class Meta:
        ordering = ["-day"]
        verbose_name = _("holiday or day made up for")
        verbose_name_plural = _("holidays and days made up for")

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}: {self.name}"


class WorkingDays:
    """Counts working days; reads the table once, when it is first asked."""

    @cached_property
    def exceptions(self) -> dict[date, bool]:
        return dict(CalendarDay.objects.values_list("day", "is_working"))

    def works_on(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < SATURDAY)

    def after(self, day: date, number: int) -> date:
        """The working day that comes so many working days after the day."""
        while number > 0:
            day += ONE_DAY
            number -= self.works_on(day)
        return day

    def between(self, start: date, end: date) -> int:
        """How many working days there are from `start` until before `end`."""
        days = (end - start).days
        return sum(self.works_on(start + ONE_DAY * each) for each in range(days))

    def left(self, before: date, today: date) -> int:
        """The working days that remain after today until an exclusive deadline."""
        return self.between(today + ONE_DAY, before)

    def knows(self, year: int) -> bool:
        """Whether the year's holidays have been entered."""
        return any(day.year == year for day in self.exceptions)
