"""How dates and deadlines are shown."""

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.test import SimpleTestCase
from django.utils import timezone, translation

from plans.templatetags.plans_tags import decree_date, due, leaf, papers, written_name


class DecreeDateTest(SimpleTestCase):
    def test_days_below_ten_and_the_first_two_months_get_a_zero(self):
        self.assertEqual(decree_date(date(2023, 9, 6)), "ngày 06 tháng 9 năm 2023")
        self.assertEqual(decree_date(date(2024, 2, 16)), "ngày 16 tháng 02 năm 2024")

    def test_an_undated_paper_keeps_its_blanks(self):
        self.assertRegex(decree_date(None), r"^ngày\s+tháng\s+năm$")


class DueTest(SimpleTestCase):
    def shown(self, days, **options):
        """The deadline so many days from today, in English."""
        with translation.override("en"):
            return due(timezone.localdate() + timedelta(days=days), **options)

    def test_the_day_before_is_the_last_one(self):
        self.assertIn("today is the last day", self.shown(1))
        self.assertIn("1 day late", self.shown(0))
        self.assertIn("1 day left", self.shown(2))

    def test_it_warns_in_the_last_week_and_not_before(self):
        self.assertIn('data-tone="warn"', self.shown(8))
        self.assertIn('data-tone=""', self.shown(9))

    def test_days_are_no_longer_counted_when_long_past(self):
        self.assertIn("long past", self.shown(-400))

    def test_it_is_calm_when_asked(self):
        self.assertIn('data-tone=""', self.shown(-400, calm=True))
        self.assertNotIn("late", self.shown(-3, calm=True))

    def test_none_is_said_in_words(self):
        with translation.override("en"):
            self.assertIn("not laid down", due(None))
            self.assertIn("no date", leaf(None))

    def test_the_leaf_shows_the_last_good_day(self):
        self.assertIn('datetime="2023-12-09"', leaf(date(2023, 12, 10)))


class SmallThingsTest(SimpleTestCase):
    def test_the_family_name_comes_first(self):
        user = User(username="lan", first_name="Lan", last_name="Nguyễn Thị")
        self.assertEqual(written_name(user), "Nguyễn Thị Lan")
        self.assertEqual(written_name(User(username="lan")), "lan")

    def test_papers_are_counted_against_those_required(self):
        self.assertIn("2/4", papers(2, 4))
        self.assertEqual(papers("", 4), "4")
        self.assertEqual(papers("", 0), "–")
