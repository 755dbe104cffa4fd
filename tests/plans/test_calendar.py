"""Working days: weekends, holidays, and days that are made up for."""

from datetime import date
from io import StringIO

from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import TestCase

from plans.actions.holidays import SHIPPED, load_holidays
from plans.models import CalendarDay, WorkingDays

HEADER = "day,works,name,tentative,source"


def load(*rows):
    return load_holidays(lines=[HEADER, *rows])


class WorkingDaysTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        load_holidays(lines=SHIPPED.read_text("utf-8").splitlines())

    def setUp(self):
        self.days = WorkingDays()

    def test_weekends_are_off_without_any_data(self):
        CalendarDay.objects.all().delete()
        days = WorkingDays()
        self.assertTrue(days.works_on(date(2024, 2, 9)))
        self.assertFalse(days.works_on(date(2024, 2, 10)))
        self.assertFalse(days.knows(2024))

    def test_tet_and_the_holidays_of_2024_are_off(self):
        for day in (date(2024, 2, 8), date(2024, 2, 14), date(2024, 4, 18)):
            self.assertFalse(self.days.works_on(day), day)
        self.assertTrue(self.days.works_on(date(2024, 2, 15)))

    def test_a_bridging_day_is_off_and_its_saturday_is_worked(self):
        self.assertFalse(self.days.works_on(date(2024, 4, 29)))
        self.assertTrue(self.days.works_on(date(2024, 5, 4)))
        self.assertFalse(self.days.works_on(date(2024, 5, 11)))

    def test_days_after_skip_what_is_off(self):
        # The 26th of April 2024 is a Friday; the next four working days follow a
        # weekend, a bridging day, two holidays.
        friday = date(2024, 4, 26)
        self.assertEqual(self.days.after(friday, 0), friday)
        self.assertEqual(self.days.after(friday, 1), date(2024, 5, 2))
        self.assertEqual(self.days.after(friday, 3), date(2024, 5, 4))

    def test_days_left_before_an_exclusive_deadline(self):
        # "Before Monday the 11th": Friday the 8th is the last working day.
        monday = date(2023, 12, 11)
        self.assertEqual(self.days.left(monday, date(2023, 12, 6)), 2)
        self.assertEqual(self.days.left(monday, date(2023, 12, 8)), 0)
        self.assertEqual(self.days.left(monday, date(2023, 12, 20)), 0)

    def test_every_year_from_2023_to_2027_is_known_and_has_its_days(self):
        for year in range(2023, 2028):
            days = CalendarDay.objects.filter(day__year=year)
            # Eleven days by law, less those that fall on a Saturday or Sunday.
            self.assertGreaterEqual(days.filter(is_working=False).count(), 9, year)
            self.assertTrue(self.days.knows(year))
        self.assertFalse(
            CalendarDay.objects.filter(day__lt="2026-01-01", is_tentative=True)
        )

    def test_what_is_shipped_says_only_what_the_day_of_the_week_does_not(self):
        for row in CalendarDay.objects.all():
            weekend = row.day.weekday() >= 5
            self.assertEqual(row.is_working, weekend, row)


class LoadHolidaysTest(TestCase):
    ROW = "2028-01-26,no,Tết,yes,dự kiến"

    def test_twice_is_the_same_as_once(self):
        self.assertEqual(load(self.ROW).added, 1)
        again = load(self.ROW)
        self.assertEqual((again.added, again.replaced, again.kept), (0, 0, 1))

    def test_a_tentative_day_is_replaced_and_the_offices_own_is_kept(self):
        load(self.ROW, "2028-04-30,no,Của văn phòng,no,")
        report = load("2028-01-26,no,Tết,no,thông báo", "2028-04-30,yes,Khác,no,")
        self.assertEqual((report.replaced, report.kept), (1, 1))
        self.assertFalse(CalendarDay.objects.get(day="2028-01-26").is_tentative)
        self.assertEqual(
            CalendarDay.objects.get(day="2028-04-30").name, "Của văn phòng"
        )

    def test_a_faulty_line_loads_nothing_and_each_is_named(self):
        with self.assertRaises(ValidationError) as caught:
            load(self.ROW, "2028-13-01,no,x,no,", "2028-01-01,perhaps,x,no,")
        self.assertEqual(len(caught.exception.messages), 2)
        self.assertIn("3", caught.exception.messages[0])
        self.assertFalse(CalendarDay.objects.exists())

    def test_another_header_is_refused(self):
        with self.assertRaises(ValidationError):
            load_holidays(lines=["day,name", "2028-01-01,x"])

    def test_the_command_loads_what_is_shipped(self):
        out = StringIO()
        call_command("load_holidays", stdout=out)
        self.assertIn(str(CalendarDay.objects.count()), out.getvalue())
        with self.assertRaises(CommandError):
            call_command("load_holidays", "/khong/co.csv")
