"""What each page type shows on the site, and where it may stand."""

from datetime import date, timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail.test.utils import WagtailPageTestCase

from home.models import HomePage
from plans.actions.congresses import choose_pilot, open_congress
from plans.actions.sites import open_sections
from plans.models import (
    CongressPage,
    DossierPage,
    GuidancePage,
    LessonsPage,
    LevelRule,
    PlanIndexPage,
    PlanPage,
    ResultReportPage,
    Unit,
    UnitIndexPage,
    UnitPage,
)
from plans.models.unit_pages import unit_tree
from tests.builders import make_plan, unit
from tests.cast import IntranetTestCase


class TreeTest(WagtailPageTestCase):
    def test_what_may_stand_where(self):
        self.assertAllowedSubpageTypes(HomePage, {PlanIndexPage, UnitIndexPage})
        self.assertAllowedSubpageTypes(PlanIndexPage, {PlanPage})
        self.assertAllowedSubpageTypes(PlanPage, {CongressPage, GuidancePage, PlanPage})
        self.assertAllowedSubpageTypes(
            CongressPage, {DossierPage, LessonsPage, ResultReportPage}
        )
        self.assertAllowedSubpageTypes(UnitIndexPage, {UnitPage})
        for leaf in (
            DossierPage,
            LessonsPage,
            ResultReportPage,
            GuidancePage,
            UnitPage,
        ):
            self.assertAllowedSubpageTypes(leaf, set())

    def test_what_is_opened_by_an_action_is_not_created_by_hand(self):
        for page_type in (CongressPage, DossierPage, UnitPage):
            self.assertFalse(page_type.is_creatable)
        for page_type in (PlanPage, GuidancePage, LessonsPage, ResultReportPage):
            self.assertTrue(page_type.is_creatable)


class PlanTest(IntranetTestCase):
    def test_the_plan_shows_the_whole_paper_in_order(self):
        text = self.get(self.lan, self.plan.get_url()).content.decode()
        parts = (
            "ỦY BAN MTTQ VIỆT NAM",
            "380/KH-MTTQ-BTT",
            "ngày 06 tháng 9 năm 2023",
            "Tổ chức Đại hội điểm cấp xã và cấp huyện",
            "Căn cứ Điều lệ",
            "MỤC ĐÍCH",
            "Rút kinh nghiệm sớm.",
            "NỘI DUNG",
            "Đại hội điểm cấp xã",
            "Thường trực Tỉnh ủy",
            "CHỦ TỊCH",
            "Trần Văn Mẫu",
        )
        start = text.index("<article") if "<article" in text else 0
        for part in parts:
            self.assertIn(part, text[start:])
        places = [text.rindex(part) for part in parts[5:]]
        self.assertEqual(places[:3], sorted(places[:3]))

    def test_it_shows_its_rules_and_its_congresses(self):
        response = self.get(self.lan, self.plan.get_url())
        for text in (
            "đầu tháng 01/2024",
            "10/12/2023",
            self.congress.get_url(),
            "Huyện Ba 2",
        ):
            self.assertContains(response, text)

    def test_a_deadline_that_is_not_laid_down_is_said_so(self):
        open_congress(plan=self.plan, unit=unit("12"), pilot=True)
        self.assertContains(self.get(self.lan, self.plan.get_url()), "chưa quy định")

    def test_an_index_lists_by_year_the_newest_first(self):
        newer = make_plan(
            self.index, number=5, issued_on=date(2024, 3, 1), title="Năm sau"
        )
        make_plan(self.index, number=6, live=False, title="Còn là bản nháp")
        response = self.get(self.lan, self.index.get_url())
        self.assertEqual(list(response.context["plans"]), [newer, self.plan])
        self.assertEqual(response.context["years"], [2024, 2023])
        response = self.get(self.lan, self.index.get_url() + "?nam=2023")
        self.assertEqual(list(response.context["plans"]), [self.plan])
        for wrong in ("1999", "x", "²"):
            response = self.get(self.lan, self.index.get_url() + f"?nam={wrong}")
            self.assertEqual(len(response.context["plans"]), 2)

    def test_a_base_links_to_the_plan_that_stands_here(self):
        older = make_plan(self.index, number=379, title="Kế hoạch chung")
        self.plan.bases.all().update(linked_plan=older)
        self.assertContains(self.get(self.lan, self.plan.get_url()), older.get_url())
        older.unpublish()
        self.assertNotContains(self.get(self.lan, self.plan.get_url()), older.get_url())

    def test_a_plan_made_from_this_one_is_listed(self):
        child = make_plan(
            self.plan, number=12, title="Kế hoạch của huyện", issuer=unit("11")
        )
        self.assertContains(self.get(self.lan, self.plan.get_url()), child.get_url())

    def test_a_rules_window_is_not_turned_round(self):
        rule = self.plan.level_rules.first()
        rule.window_end = rule.window_start - timedelta(days=1)
        with self.assertRaises(ValidationError):
            rule.full_clean()
        self.assertEqual(rule.last_review_day, date(2023, 12, 9))
        self.assertIsNone(LevelRule().last_review_day)


class CongressTest(IntranetTestCase):
    def test_it_shows_unit_pilot_deadline_and_invited_chairs(self):
        response = self.get(self.lan, self.congress.get_url())
        for text in ("Xã Đông 1", "Xã Đông 2", "Xã Đông 3", "10/12/2023"):
            self.assertContains(response, text)

    def test_its_stage_follows_from_its_dates(self):
        today = timezone.localdate()
        congress = self.congress
        self.assertEqual(congress.stage, CongressPage.Stage.PREPARING)
        congress.starts_on = today + timedelta(days=1)
        self.assertEqual(congress.stage, CongressPage.Stage.SCHEDULED)
        congress.starts_on, congress.ends_on = today - timedelta(days=2), today
        self.assertEqual(congress.stage, CongressPage.Stage.SCHEDULED)
        congress.ends_on = today - timedelta(days=1)
        self.assertEqual(congress.stage, CongressPage.Stage.HELD)

    def test_it_does_not_end_before_it_begins(self):
        self.congress.starts_on = date(2024, 1, 5)
        self.congress.ends_on = date(2024, 1, 4)
        with self.assertRaises(ValidationError) as caught:
            self.congress.full_clean()
        self.assertIn("ends_on", caught.exception.message_dict)

    def test_a_chosen_pilot_shows_its_conditions(self):
        rule = self.plan.rule_for(unit("121"))
        congress = choose_pilot(
            plan=self.plan,
            unit=unit("121"),
            user=self.kien,
            checks={c.pk: (True, "theo biên bản số 5") for c in rule.conditions.all()},
        )
        self.assertContains(
            self.get(self.lan, congress.get_url()), "theo biên bản số 5"
        )

    def test_lessons_and_report_are_shown_once_published(self):
        lessons = LessonsPage(
            title="Rút kinh nghiệm", lessons="Mời sớm hơn.", live=False
        )
        self.congress.add_child(instance=lessons)
        report = ResultReportPage(
            title="Kết quả đại hội", doc_type="Báo cáo", issuer=unit("111"), live=False
        )
        self.congress.add_child(instance=report)
        url = self.congress.get_url()
        for page in (lessons, report):
            self.assertNotContains(self.get(self.lan, url), page.get_url())
            page.save_revision().publish()
            self.assertContains(self.get(self.lan, url), page.get_url())
        self.assertContains(self.get(self.lan, lessons.get_url()), "Mời sớm hơn.")
        self.assertContains(self.get(self.lan, report.get_url()), "Kết quả đại hội")

    def test_a_dossier_shows_its_papers_and_marks_personal_data(self):
        response = self.get(self.giang, self.dossier.get_url())
        for item in self.dossier.items.all():
            self.assertContains(response, item.title)
        self.assertContains(response, "dữ liệu cá nhân")
        self.assertContains(response, "10/12/2023")

    def test_a_dossier_shows_the_note_as_last_saved(self):
        url = reverse("wagtailadmin_pages:edit", args=[self.dossier.pk])
        data = {
            "title": self.dossier.title,
            "slug": self.dossier.slug,
            "note": "Đang chờ cấp ủy",
            "comments-TOTAL_FORMS": 0,
            "comments-INITIAL_FORMS": 0,
        }
        self.post(self.giang, url, data)
        self.assertContains(
            self.get(self.giang, self.dossier.get_url()), "Đang chờ cấp ủy"
        )

    def test_a_dossier_may_have_a_deadline_of_its_own(self):
        DossierPage.objects.filter(pk=self.dossier.pk).update(
            review_before=timezone.localdate() + timedelta(days=3)
        )
        dossier = DossierPage.objects.get(pk=self.dossier.pk)
        self.assertFalse(dossier.is_overdue)
        self.assertEqual(dossier.congress.review_before, dossier.review_before)


class UnitPagesTest(IntranetTestCase):
    def test_the_directory_shows_the_tree(self):
        directory = UnitIndexPage.objects.get()
        response = self.get(self.lan, directory.get_url())
        for each in Unit.objects.select_related("page"):
            self.assertContains(response, each.page.get_url())

    def test_a_large_country_is_shown_from_the_top(self):
        with self.assertNumQueries(2):
            top = unit_tree(Unit.objects.all())
        self.assertEqual([len(node.children) for node in top], [2])
        self.assertEqual(top[0].units_below, 2)
        from_limit = unit_tree_with_limit(4)
        self.assertEqual([node.children[0].children for node in from_limit], [[]])
        self.assertEqual(from_limit[0].children[0].units_below, 3)

    def test_a_unit_shows_its_people_congresses_and_units_below(self):
        response = self.get(self.lan, unit("11").page.get_url())
        self.assertContains(response, unit("111").page.get_url())
        self.assertContains(response, self.congress.get_url())
        self.assertEqual(
            {row.user.username for row in response.context["people"]}, {"chi", "dung"}
        )
        response = self.get(self.lan, self.province.page.get_url())
        self.assertContains(response, self.plan.get_url())

    def test_sections_are_opened_once(self):
        before = Page.objects.count()
        open_sections(home=HomePage.objects.get(), unit=self.province)
        call_command("open_site", unit="1", verbosity=0)
        self.assertEqual(Page.objects.count(), before)
        with self.assertRaises(CommandError):
            call_command("open_site", unit="999")

    def test_a_new_unit_gets_its_page(self):
        Unit.objects.create(
            code="19",
            name="Huyện mới",
            level=unit("11").level,
            kind="huyện",
            parent=self.province,
        )
        call_command("open_site", unit="1", verbosity=0)
        self.assertEqual(unit("19").page.slug, "huyen-moi-19")


def unit_tree_with_limit(limit):
    with mock.patch("plans.models.unit_pages.TREE_LIMIT", limit):
        return unit_tree(Unit.objects.all())


class OrganisationTest(IntranetTestCase):
    """Units and memberships in the admin: for administrators."""

    def test_an_administrator_lists_and_adds_people(self):
        url = reverse("membership:index")
        self.assertContains(self.get(self.root, url), "giang")
        data = {"user": self.lan.pk, "unit": unit("113").pk, "role": "staff"}
        self.post(self.root, reverse("membership:add"), data)
        self.assertTrue(self.lan.memberships.filter(unit=unit("113")).exists())
        self.assertTrue(self.lan.groups.filter(name="plans: staff").exists())

    def test_nobody_else_does(self):
        for user in (self.an, self.dung, self.giang):
            for name in (
                "membership:index",
                "membership:add",
                "unit:index",
                "level:add",
            ):
                self.assertEqual(self.get(user, reverse(name)).status_code, 302, name)
        self.post(
            self.giang,
            reverse("membership:add"),
            {"user": self.giang.pk, "unit": self.province.pk, "role": "editor"},
        )
        self.assertFalse(self.giang.memberships.filter(role="editor").exists())

    def test_units_are_listed_and_chosen(self):
        self.assertContains(self.get(self.root, reverse("unit:index")), "Xã Đông 3")
        url = reverse("plans_unit_chooser:choose")
        html = self.get(self.an, url).json()["html"]
        self.assertIn("Huyện Ba 1", html)
        self.assertIn("Xã Đông 3", html)
        chosen = reverse("plans_unit_chooser:chosen", args=[unit("113").pk])
        result = self.get(self.an, chosen).json()["result"]
        self.assertEqual(result["title"], "Xã Đông 3, Huyện Ba 1")
        edit = reverse("wagtailadmin_pages:edit", args=[self.index.pk])
        self.assertContains(self.get(self.an, edit), "Tỉnh Sông Trăng")
