"""Four runs of the reminders at one moment, on either database."""

from datetime import date

from django.test import TransactionTestCase

from plans.actions.congresses import Opening, open_congresses
from plans.actions.openings import OwnDates, open_remaining
from plans.actions.reminders import remind
from plans.models import CongressPage, Event, KnownDeadline, LevelRule, Role, Unit
from tests.builders import make_plan, make_units, make_user, open_site, restore_root
from tests.days import on
from tests.plans.test_review_races import DONE, race

RUNS = 4


class ReminderRaceTests(TransactionTestCase):
    def setUp(self):
        restore_root()
        self.plan = make_plan(open_site(make_units()))
        self.communes = Unit.objects.filter(level__code="commune")

    def open_all(self):
        units = self.communes.select_related("parent")
        open_congresses(plan=self.plan, openings=[Opening(each) for each in units])

    def told(self, kind):
        return Event.objects.filter(kind=kind, key__startswith="deadline:").count()

    def remind_on(self, day):
        with on(day):
            return race(*[remind] * RUNS)

    def test_each_unit_is_told_once(self):
        self.open_all()
        self.assertEqual(self.remind_on(date(2023, 12, 8)), [DONE] * RUNS)
        self.assertEqual(self.told(Event.Kind.DEADLINE_NEAR), 6)
        # The deadline of a dossier, and the window of a congress.
        self.assertEqual(KnownDeadline.objects.count(), 12)
        self.assertEqual(self.remind_on(date(2023, 12, 12)), [DONE] * RUNS)
        # Six units, and their two upper units for each of the pages.
        self.assertEqual(self.told(Event.Kind.DEADLINE_PASSED), 6 + 6)

    def test_a_change_is_told_once(self):
        self.open_all()
        with on(date(2023, 11, 1)):
            remind()
        LevelRule.objects.exclude(review_before=None).update(review_before="2023-12-20")
        self.assertEqual(self.remind_on(date(2023, 11, 1)), [DONE] * RUNS)
        self.assertEqual(self.told(Event.Kind.DEADLINE_CHANGED), 6)

    def test_opened_at_one_moment_each_congress_is_opened_once(self):
        an = make_user("an", "1", Role.EDITOR)
        dates = OwnDates(date(2099, 1, 1), date(2099, 1, 1))

        def open_them():
            open_remaining(plan=self.plan, units=self.communes, user=an, dates=dates)

        self.assertEqual(race(*[open_them] * RUNS), [DONE] * RUNS)
        self.assertEqual(CongressPage.objects.count(), 6)
