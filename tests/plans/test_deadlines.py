"""What is due and what is overdue; the list, and the reminders."""

from datetime import date, timedelta
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from home.models import HomePage
from plans.actions import guidance as guidance_actions
from plans.actions.congresses import Opening, open_congresses
from plans.actions.holidays import SHIPPED, load_holidays
from plans.actions.reminders import remind
from plans.actions.submissions import submit
from plans.actions.terms import set_terms
from plans.models import (
    CongressPage,
    DeadlineKind,
    DossierPage,
    Event,
    GuidancePage,
    KnownDeadline,
    LessonsPage,
    LevelRule,
    ResultReportPage,
    Role,
    Unit,
    WorkingDays,
)
from plans.models.deadlines import open_deadlines
from tests.builders import make_plan, make_user, unit
from tests.cast import IntranetTestCase
from tests.days import on
from tests.uploads import complete, use_own_folder

REVIEW_BEFORE = date(2023, 12, 11)
Kind = Event.Kind


def deadlines(*codes):
    """What is open of these units, as (kind, unit or number, before)."""
    units = Unit.objects.filter(code__in=codes) if codes else Unit.objects.all()
    return {
        (str(each.kind), each.unit.code if each.unit else each.number, each.before)
        for each in open_deadlines(units, WorkingDays())
    }


class DeadlinesTestCase(IntranetTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        load_holidays(lines=SHIPPED.read_text("utf-8").splitlines())
        # A Monday: Friday the 8th is the last working day before it.
        LevelRule.objects.filter(review_before__isnull=False).update(
            review_before=REVIEW_BEFORE
        )
        make_user("moi", "111", Role.BOARD)

    def hold(self, day, congress=None):
        congress = congress or self.congress
        CongressPage.objects.filter(pk=congress.pk).update(starts_on=day, ends_on=day)

    def add_below(self, model, congress, **values):
        page = model(title="Sau đại hội", live=False, **values)
        congress.add_child(instance=page)
        page.save_revision().publish()
        return page


class OpenDeadlinesTest(DeadlinesTestCase):
    def test_a_dossier_is_due_until_it_is_approved(self):
        self.assertIn(("dossier", "111", REVIEW_BEFORE), deadlines())
        DossierPage.objects.filter(pk=self.dossier.pk).update(live=True)
        self.assertNotIn(("dossier", "111", REVIEW_BEFORE), deadlines())

    def test_under_review_it_binds_whoever_is_to_decide(self):
        use_own_folder(self)
        complete(self.dossier, self.giang)
        submit(dossier=self.dossier, user=self.giang)
        found = deadlines()
        self.assertNotIn(("dossier", "111", REVIEW_BEFORE), found)
        self.assertIn(("decision", "11", REVIEW_BEFORE), found)
        self.assertNotIn(("decision", "1", REVIEW_BEFORE), found, "not its turn yet")

    def test_a_dossiers_own_date_goes_before_the_plans(self):
        own = date(2023, 12, 20)
        DossierPage.objects.filter(pk=self.dossier.pk).update(review_before=own)
        self.assertIn(("dossier", "111", own), deadlines("111"))
        self.assertNotIn(("dossier", "111", REVIEW_BEFORE), deadlines("111"))

    def test_a_vague_window_is_not_over_before_its_month_is(self):
        # "Early January", from the 1st on: the last day it can mean is the 31st.
        self.assertIn(("congress", "111", date(2024, 2, 1)), deadlines("111"))
        found = open_deadlines(Unit.objects.filter(code="111"), WorkingDays())
        (window,) = [each for each in found if each.kind == DeadlineKind.CONGRESS]
        self.assertEqual(window.words, "đầu tháng 01/2024")

    def test_an_exact_window_ends_on_its_last_day_or_never(self):
        LevelRule.objects.update(window_precision="day")
        self.assertNotIn("congress", {kind for kind, *_rest in deadlines("111")})
        LevelRule.objects.update(window_end=date(2024, 1, 10))
        self.assertIn(("congress", "111", date(2024, 1, 11)), deadlines("111"))
        CongressPage.objects.update(hold_before=date(2024, 3, 1))
        self.assertIn(("congress", "111", date(2024, 3, 1)), deadlines("111"))

    def test_once_its_days_are_set_the_window_is_no_matter_any_more(self):
        self.hold(date(2024, 1, 8))
        self.assertNotIn("congress", {kind for kind, *_rest in deadlines("111")})

    def test_lessons_and_report_are_due_after_the_congress(self):
        LevelRule.objects.update(report_within=5)
        # A Friday; a report counts Monday to Friday of the next week.
        self.hold(date(2024, 1, 5))
        with on(date(2024, 1, 5)):
            self.assertNotIn("lessons", {kind for kind, *_rest in deadlines("111")})
        found = deadlines("111")
        self.assertIn(("lessons", "111", date(2024, 1, 9)), found)
        self.assertIn(("report", "111", date(2024, 1, 13)), found)

    def test_tet_is_not_counted(self):
        LevelRule.objects.update(report_within=1)
        self.hold(date(2024, 2, 7))
        self.assertIn(("report", "111", date(2024, 2, 16)), deadlines("111"))

    def test_what_is_published_is_due_no_more_a_draft_is(self):
        LevelRule.objects.update(report_within=5)
        self.hold(date(2024, 1, 5))
        self.add_below(LessonsPage, self.congress)
        self.add_below(
            ResultReportPage,
            self.congress,
            doc_type="Báo cáo",
            issuer=unit("111"),
        )
        kinds = {kind for kind, *_rest in deadlines("111")}
        self.assertTrue(kinds.isdisjoint({"lessons", "report"}))
        LessonsPage.objects.get().unpublish()
        self.assertIn("lessons", {kind for kind, *_rest in deadlines("111")})

    def test_no_deadline_is_none(self):
        LevelRule.objects.update(lessons_within=None, report_within=None)
        self.hold(date(2024, 1, 5))
        kinds = {kind for kind, *_rest in deadlines("111")}
        self.assertEqual(kinds, {"dossier"})

    def test_a_congress_that_is_no_pilot_owes_no_lessons(self):
        self.hold(date(2024, 1, 5), self.neighbour)
        self.assertNotIn("lessons", {kind for kind, *_rest in deadlines("112")})

    def test_guidance_counts_the_units_that_have_yet_to_confirm(self):
        page = self.guidance(date(2023, 12, 15))
        self.assertIn(("reading", 8, date(2023, 12, 15)), deadlines())
        guidance_actions.acknowledge(
            guidance=page, unit=unit("111"), user=self.giang, version=1
        )
        self.assertIn(("reading", 7, date(2023, 12, 15)), deadlines())
        self.assertNotIn("reading", {kind for kind, *_rest in deadlines("111")})

    def guidance(self, before, **values):
        page = GuidancePage(
            title="Hướng dẫn",
            doc_type="Hướng dẫn",
            issuer=self.province,
            must_acknowledge=True,
            acknowledge_before=before,
            **values,
        )
        self.plan.add_child(instance=page)
        page.save_revision().publish()
        return GuidancePage.objects.get(pk=page.pk)

    def test_guidance_for_the_remaining_units_spares_the_pilots(self):
        page = self.guidance(date(2023, 12, 15), remaining_only=True)
        addressed = set(page.addressed_units.values_list("code", flat=True))
        self.assertEqual(addressed, {"11", "112", "113", "12", "121", "122", "123"})
        self.assertIn("không kể đơn vị làm điểm", page.addressee_words())
        self.assertNotIn("reading", {kind for kind, *_rest in deadlines("111")})

    def test_a_unit_that_has_ended_owes_nothing(self):
        Unit.objects.filter(code="111").update(valid_to=date(2023, 1, 1))
        self.assertEqual(deadlines("111"), set())


class ListTest(DeadlinesTestCase):
    url = "/thoi-han/"

    def shown(self, user, query=""):
        answer = self.get(user, f"{self.url}{query}")
        return [
            (str(each.kind), each.unit.code, left)
            for each, left in answer.context["rows"]
        ]

    def test_a_clerk_sees_what_his_unit_owes_and_nothing_of_others(self):
        with on(date(2023, 12, 6)):
            self.assertEqual(
                self.shown(self.giang), [("dossier", "111", 2), ("congress", "111", 39)]
            )

    def test_a_district_sees_its_own_and_those_below_the_late_first(self):
        DossierPage.objects.filter(pk=self.neighbour.dossier.pk).update(
            review_before=date(2023, 12, 1)
        )
        with on(date(2023, 12, 6)):
            self.assertEqual(
                self.shown(self.dung)[:2],
                [("dossier", "112", 4), ("dossier", "111", 2)],
            )
            self.assertEqual(
                self.shown(self.dung, "?loc=qua-han"), [("dossier", "112", 4)]
            )
            self.assertEqual(
                self.shown(self.dung, "?loc=sap-den"), [("dossier", "111", 2)]
            )
            self.assertEqual(self.shown(self.dung, "?cua=toi"), [])
            self.assertEqual(self.shown(self.kien), [])
            self.assertEqual(len(self.shown(self.binh)), 4)

    def test_the_last_good_day_is_in_time_and_the_next_is_late(self):
        with on(date(2023, 12, 10)):
            self.assertEqual(self.shown(self.giang, "?loc=qua-han"), [])
        with on(REVIEW_BEFORE):
            self.assertEqual(
                self.shown(self.giang, "?loc=qua-han"), [("dossier", "111", 1)]
            )
            text = self.get(self.giang, f"{self.url}?csv").content.decode()
            self.assertIn("Xã Đông 1;Huyện Ba 1;hồ sơ phải được duyệt", text)

    def test_whoever_belongs_nowhere_is_told_so(self):
        self.assertContains(self.get(self.lan, self.url), "không thuộc đơn vị nào")

    def test_the_home_page_shows_what_is_due_of_the_own_congress(self):
        self.hold(date(2024, 1, 5))
        home = HomePage.objects.get().get_url()
        self.assertContains(self.get(self.giang, home), "#sau-dai-hoi")
        self.assertNotContains(self.get(self.hanh, home), '#sau-dai-hoi">bài học')

    def test_it_costs_the_same_for_few_and_for_many(self):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(self.get(self.binh, self.url).status_code, 200)
            return len(queries)

        cost()
        few = cost()
        plan = make_plan(self.index, number=383)
        rest = Unit.objects.exclude(code="1").select_related("parent")
        open_congresses(plan=plan, openings=[Opening(each) for each in rest])
        self.assertEqual(cost(), few)


class RemindTest(DeadlinesTestCase):
    def setUp(self):
        # Only the dossier of commune 111 is due.
        LevelRule.objects.update(window_start=None, window_end=None)
        DossierPage.objects.exclude(pk=self.dossier.pk).update(live=True)

    def told(self, kind=None):
        events = Event.objects.filter(key__startswith="deadline:").order_by("pk")
        return [
            (str(event.kind), event.unit.code)
            for event in (events.filter(kind=kind) if kind else events)
        ]

    def remind_on(self, day):
        with on(day):
            return remind()

    def test_a_unit_is_reminded_at_each_distance_once(self):
        self.assertEqual(self.remind_on(date(2023, 11, 1)).near, 0)
        # The 24th of November has ten working days after it before the 11th.
        self.assertEqual(self.remind_on(date(2023, 11, 24)).near, 1)
        self.assertEqual(self.remind_on(date(2023, 11, 27)).near, 0)
        self.assertEqual(self.remind_on(date(2023, 12, 1)).near, 1)
        self.assertEqual(self.remind_on(date(2023, 12, 7)).near, 1)
        self.assertEqual(self.told(), [(Kind.DEADLINE_NEAR, "111")] * 3)

    def test_it_names_the_people_of_the_unit_and_the_days_left(self):
        self.remind_on(date(2023, 12, 7))
        event = Event.objects.get(kind=Kind.DEADLINE_NEAR)
        self.assertEqual(event.page_id, self.dossier.pk)
        self.assertEqual(event.data["left"], 1)
        self.assertEqual(event.data["deadline"], "dossier")
        self.assertEqual(event.data["before"], "2023-12-11")
        moi = Unit.objects.get(code="111").memberships.get(role=Role.BOARD).user_id
        self.assertEqual(set(event.data["people"]), {self.giang.pk, moi})

    def test_twice_is_the_same_as_once(self):
        self.remind_on(date(2023, 12, 7))
        again = self.remind_on(date(2023, 12, 7))
        self.assertEqual((again.near, again.passed, again.changed), (0, 0, 0))
        self.assertEqual(len(self.told()), 1)

    def test_late_it_tells_once_what_now_holds(self):
        # Nothing ran while ten, five and one days were left.
        self.assertEqual(self.remind_on(date(2023, 12, 8)).near, 1)
        self.assertEqual(self.remind_on(date(2023, 12, 9)).near, 0)

    @override_settings(PLANS_REMIND_DAYS=[3])
    def test_the_distances_are_the_settings(self):
        self.assertEqual(self.remind_on(date(2023, 12, 4)).near, 0)
        self.assertEqual(self.remind_on(date(2023, 12, 5)).near, 1)
        self.assertEqual(self.remind_on(date(2023, 12, 8)).near, 0)

    def test_past_it_the_unit_is_told_and_then_the_unit_above(self):
        told = self.remind_on(REVIEW_BEFORE)
        self.assertEqual((told.passed, told.escalated), (1, 1))
        self.assertEqual(
            self.told(Kind.DEADLINE_PASSED),
            [(Kind.DEADLINE_PASSED, "111"), (Kind.DEADLINE_PASSED, "11")],
        )
        above = Event.objects.get(unit__code="11", kind=Kind.DEADLINE_PASSED)
        self.assertEqual(above.data["units"], ["Xã Đông 1"])
        self.assertEqual(above.data["people"], [self.dung.pk], "not its clerk")
        told = self.remind_on(date(2023, 12, 12))
        self.assertEqual((told.passed, told.escalated), (0, 0))

    @override_settings(PLANS_ESCALATE_DAYS=3)
    def test_the_unit_above_hears_after_the_days_that_are_set(self):
        self.assertEqual(self.remind_on(date(2023, 12, 12)).escalated, 0)
        self.assertEqual(self.remind_on(date(2023, 12, 13)).escalated, 1)

    def test_units_below_one_are_told_of_together_for_one_page(self):
        DossierPage.objects.update(live=True)
        page = GuidancePage(
            title="Hướng dẫn",
            doc_type="Hướng dẫn",
            issuer=self.province,
            must_acknowledge=True,
            acknowledge_before=date(2023, 12, 11),
        )
        self.plan.add_child(instance=page)
        page.save_revision().publish()
        told = self.remind_on(date(2023, 12, 11))
        self.assertEqual((told.passed, told.escalated), (8, 3))
        district = Event.objects.get(key__endswith=":above", unit__code="11")
        self.assertEqual(len(district.data["units"]), 3)

    def test_what_has_been_overdue_for_long_is_told_to_nobody(self):
        told = self.remind_on(REVIEW_BEFORE + timedelta(days=91))
        self.assertEqual((told.passed, told.escalated), (0, 0))

    def test_a_changed_deadline_is_told_once_to_whom_it_binds(self):
        self.assertEqual(self.remind_on(date(2023, 11, 1)).changed, 0)
        LevelRule.objects.update(review_before=date(2023, 12, 20))
        self.assertEqual(self.remind_on(date(2023, 11, 2)).changed, 1)
        self.assertEqual(self.remind_on(date(2023, 11, 2)).changed, 0)
        event = Event.objects.get(kind=Kind.DEADLINE_CHANGED)
        self.assertEqual(
            (event.unit.code, event.data["was"], event.data["before"]),
            ("111", "2023-12-11", "2023-12-20"),
        )

    def test_a_deadline_that_comes_back_is_told_again(self):
        for number, day in enumerate((11, 20, 11, 20)):
            LevelRule.objects.update(review_before=date(2023, 12, day))
            changed = self.remind_on(date(2023, 11, 1)).changed
            self.assertEqual(changed, min(number, 1))
        self.assertEqual(len(self.told(Kind.DEADLINE_CHANGED)), 3)

    def test_a_deadline_set_for_one_unit_is_told_to_that_unit(self):
        DossierPage.objects.update(live=False)
        self.remind_on(date(2023, 11, 1))
        set_terms(
            dossier=self.dossier,
            user=self.an,
            review_before=date(2023, 12, 18),
            keep_until=None,
            reason="Bầu lại",
        )
        # It is told at once, and not once more.
        self.assertEqual(self.remind_on(date(2023, 11, 1)).changed, 0)
        event = Event.objects.get(kind=Kind.DEADLINE_CHANGED)
        self.assertEqual(event.unit.code, "111")

    def test_who_ran_at_the_same_time_has_told_it_already(self):
        self.remind_on(date(2023, 11, 1))
        LevelRule.objects.update(review_before=date(2023, 12, 20))
        known = list(KnownDeadline.objects.all())
        self.remind_on(date(2023, 11, 1))
        # What the other run had read before this one wrote.
        KnownDeadline.objects.filter(pk=known[0].pk).update(before=known[0].before)
        Event.objects.filter(kind=Kind.DEADLINE_CHANGED).update(key="x")
        KnownDeadline.objects.filter(pk=known[0].pk).update(before=date(2023, 12, 20))
        self.assertEqual(self.remind_on(date(2023, 11, 1)).changed, 0)

    def test_the_command_says_what_it_told_and_which_year_is_unknown(self):
        out, err = StringIO(), StringIO()
        with on(date(2023, 12, 7)):
            call_command("remind", stdout=out, stderr=err)
        self.assertIn("1", out.getvalue())
        self.assertEqual(err.getvalue(), "")
        with on(date(2031, 1, 7)):
            call_command("remind", stdout=out, stderr=err)
        self.assertIn("2031", err.getvalue())


class OwnDatesTest(DeadlinesTestCase):
    def test_the_plans_editors_set_them_and_no_old_revision_brings_others(self):
        url = reverse("plans:terms", args=[self.dossier.pk])
        sent = {
            "hold_before": "2024-02-01",
            "lessons_before": "2024-02-05",
            "report_before": "2024-02-10",
            "reason": "Lùi ngày",
        }
        self.assertEqual(self.post(self.an, url, sent).status_code, 302)
        congress = CongressPage.objects.get(pk=self.congress.pk)
        self.assertEqual(congress.report_before, date(2024, 2, 10))
        congress.latest_revision.publish(skip_permission_checks=True)
        congress.refresh_from_db()
        self.assertEqual(congress.hold_before, date(2024, 2, 1))
        self.assertEqual(
            timezone.localdate() and congress.lessons_before, date(2024, 2, 5)
        )

    def test_the_unit_itself_does_not(self):
        url = reverse("plans:terms", args=[self.dossier.pk])
        sent = {"hold_before": "2024-02-01", "reason": "x"}
        for user in (self.giang, self.dung, self.binh):
            self.assertEqual(self.post(user, url, sent).status_code, 404, user)
