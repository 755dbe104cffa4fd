"""The board of a plan: units by stages, late first, and what each reader sees of it."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO

from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from plans.actions import decisions
from plans.actions.congresses import Opening, open_congress, open_congresses
from plans.actions.guidance import acknowledge
from plans.actions.submissions import submit
from plans.models import (
    CongressPage,
    DelegateSummary,
    DossierPage,
    GuidancePage,
    LessonsPage,
    Level,
    LevelRule,
    ReportReceipt,
    ResultReportPage,
    ReviewStep,
    Role,
    Unit,
)
from tests.builders import fresh, make_plan, make_units, make_user, open_site, unit
from tests.cast import IntranetTestCase
from tests.plans.test_queries import CostTestCase
from tests.uploads import complete, use_own_folder


class BoardTestCase(IntranetTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        # Whatever the day the tests run on, no time laid down is over.
        LevelRule.objects.update(window_start=None)

    def setUp(self):
        use_own_folder(self)

    def url(self, **query):
        url = reverse("plans:board", args=[self.plan.pk])
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return f"{url}?{asked}" if asked else url

    def board(self, user, **query):
        return self.get(user, self.url(**query))

    def rows(self, user, **query):
        """The board as rows of its table, by the code of the unit."""
        content = self.board(user, csv="", **query).content.decode("utf-8-sig")
        return {
            row["Mã"]: row for row in csv.DictReader(StringIO(content), delimiter=";")
        }

    def lead(self, user, stage, congress=None):
        congress = congress or self.congress
        args = [self.plan.pk, congress.pk, stage]
        return self.get(user, reverse("plans:board_cell", args=args))

    def approve(self, user, submission):
        step = submission.steps.waiting().get(unit__memberships__user=user)
        papers = {paper.pk: ("approved", "") for paper in submission.papers.all()}
        decisions.decide(
            step=step,
            user=user,
            verdict="approved",
            papers=papers,
            number="1",
            dated=timezone.localdate(),
            text="",
        )


class WhoSeesTest(BoardTestCase):
    def test_each_sees_his_own_unit_and_those_below(self):
        open_congress(plan=self.plan, unit=unit("121"))
        for user, codes in (
            (self.an, {"111", "112", "121"}),
            (self.binh, {"111", "112", "121"}),
            (self.root, {"111", "112", "121"}),
            (self.dung, {"111", "112"}),
            (self.chi, {"111", "112"}),
            (self.kien, {"121"}),
            (self.giang, {"111"}),
        ):
            self.assertEqual(set(self.rows(user)), codes, user)
            self.assertEqual(self.board(user).status_code, 200)

    def test_whoever_has_no_unit_has_no_board(self):
        for name in ("board", "delegate_totals"):
            url = reverse(f"plans:{name}", args=[self.plan.pk])
            self.assertEqual(self.get(self.lan, url).status_code, 404)

    def test_a_draft_plan_has_none(self):
        draft = make_plan(self.index, live=False, number=9)
        url = reverse("plans:board", args=[draft.pk])
        self.assertEqual(self.get(self.an, url).status_code, 404)

    def test_a_cell_of_another_unit_leads_nowhere(self):
        self.assertEqual(self.lead(self.giang, "chosen").status_code, 302)
        self.assertEqual(self.lead(self.hanh, "chosen").status_code, 404)
        self.assertEqual(self.lead(self.giang, "khong-co").status_code, 404)


class StagesTest(BoardTestCase):
    def stages(self):
        return [stage.key for stage in self.board(self.an).context["board"].stages]

    def test_they_follow_from_the_plan(self):
        self.assertEqual(
            self.stages(),
            [
                *("chosen", "complete", "party", "submitted"),
                *("review-district", "review-province"),
                *("dated", "held", "lessons", "report", "received"),
            ],
        )
        LevelRule.objects.update(party_first=False)
        ReviewStep.objects.filter(level__code="district").delete()
        self.assertNotIn("party", self.stages())
        self.assertNotIn("review-district", self.stages())

    def test_a_dossier_goes_through_them(self):
        row = self.rows(self.an)["111"]
        self.assertEqual(row["Đã chọn"], timezone.localdate().strftime("%d/%m/%Y"))
        self.assertEqual(row["Đủ hồ sơ"], "quá hạn")
        self.assertEqual(row["Quá hạn từ"], "10/12/2023")
        self.assertEqual(row["Đang chờ bước"], "Đủ hồ sơ")
        today = timezone.localdate().strftime("%d/%m/%Y")
        complete(self.dossier, self.giang)
        row = self.rows(self.an)["111"]
        self.assertEqual((row["Đủ hồ sơ"], row["Đã trình"]), (today, "quá hạn"))
        self.assertEqual(row["Cấp ủy thông qua"], "20/11/2023")
        submission = submit(dossier=self.dossier, user=self.giang)
        self.approve(self.dung, submission)
        row = self.rows(self.an)["111"]
        self.assertEqual((row["Đã trình"], row["Cấp huyện duyệt"]), (today, today))
        self.assertEqual(row["Cấp tỉnh duyệt"], "quá hạn")
        self.approve(self.binh, submission)
        row = self.rows(self.an)["111"]
        self.assertEqual((row["Cấp tỉnh duyệt"], row["Quá hạn từ"]), (today, ""))

    def test_what_was_returned_is_not_submitted_any_more(self):
        complete(self.dossier, self.giang)
        DossierPage.objects.update(review_before=timezone.localdate() + timedelta(9))
        submission = submit(dossier=self.dossier, user=self.giang)
        paper = submission.papers.first()
        decisions.decide(
            step=submission.steps.waiting().get(),
            user=self.dung,
            verdict="returned",
            papers={
                each.pk: ("returned", "Viết lại") if each == paper else ("approved", "")
                for each in submission.papers.all()
            },
            number="",
            dated=None,
            text="",
        )
        row = self.rows(self.an)["111"]
        self.assertEqual((row["Đã trình"], row["Cấp huyện duyệt"]), ("bị trả lại", ""))
        self.assertContains(self.board(self.an), "bị trả lại")

    def test_the_days_the_lessons_and_the_report(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        CongressPage.objects.filter(pk=self.congress.pk).update(starts_on=yesterday)
        row = self.rows(self.an)["111"]
        self.assertEqual(row["Đã tổ chức"], yesterday.strftime("%d/%m/%Y"))
        self.assertEqual(row["Rút kinh nghiệm"], "")  # due tomorrow at the earliest
        lessons = LessonsPage(title="Rút kinh nghiệm")
        fresh(self.congress).add_child(instance=lessons)
        lessons.save_revision().publish()
        row = self.rows(self.an)["111"]
        self.assertEqual(
            row["Rút kinh nghiệm"], timezone.localdate().strftime("%d/%m/%Y")
        )
        self.assertRedirects(
            self.lead(self.an, "lessons"), lessons.get_url(), target_status_code=200
        )
        # Only pilots are to be learnt from.
        self.assertEqual(self.rows(self.an)["112"]["Rút kinh nghiệm"], "–")

    def test_what_follows_a_congress_is_due_as_the_plan_says(self):
        LevelRule.objects.update(window_start=date(2024, 1, 1))
        self.assertEqual(self.rows(self.an)["111"]["Định ngày"], "quá hạn")
        CongressPage.objects.filter(pk=self.congress.pk).update(
            starts_on=date(2024, 1, 5)
        )
        row = self.rows(self.an)["111"]
        self.assertEqual((row["Định ngày"], row["Đã tổ chức"]), ("05/01/2024",) * 2)
        self.assertEqual(row["Rút kinh nghiệm"], "quá hạn")
        self.assertEqual(row["Báo cáo kết quả"], "")

    def test_a_report_that_was_received(self):
        report = ResultReportPage(
            title="Báo cáo", doc_type="Báo cáo", issuer=unit("111")
        )
        fresh(self.congress).add_child(instance=report)
        report.save_revision().publish()
        self.assertEqual(self.rows(self.an)["111"]["Đã nhận báo cáo"], "")
        ReportReceipt.objects.create(
            report=report, number="12", received_on=date(2024, 1, 9)
        )
        row = self.rows(self.an)["111"]
        self.assertEqual(row["Đã nhận báo cáo"], "09/01/2024")

    def test_guidance_that_asks_to_be_confirmed_is_a_stage(self):
        guidance = GuidancePage(
            title="Hướng dẫn", doc_type="Hướng dẫn", issuer=self.province
        )
        guidance.must_acknowledge = True
        guidance.acknowledge_before = timezone.localdate()
        self.plan.add_child(instance=guidance)
        guidance.save_revision().publish()
        self.assertEqual(self.rows(self.an)["111"]["Đã đọc hướng dẫn"], "quá hạn")
        acknowledge(
            guidance=fresh(guidance), unit=unit("111"), user=self.giang, version=1
        )
        rows = self.rows(self.an)
        self.assertNotIn(rows["111"]["Đã đọc hướng dẫn"], ("", "quá hạn"))
        self.assertEqual(rows["112"]["Đã đọc hướng dẫn"], "quá hạn")

    def test_each_cell_leads_to_the_thing(self):
        dossier = self.dossier.get_url()
        for stage, where in (
            ("chosen", f"{self.congress.get_url()}#days"),
            ("complete", f"{dossier}#tep"),
            ("party", f"{dossier}#tep"),
            ("submitted", f"{dossier}#trinh-duyet"),
            ("lessons", self.congress.get_url()),
        ):
            self.assertEqual(self.lead(self.giang, stage).url, where)
        complete(self.dossier, self.giang)
        submission = submit(dossier=self.dossier, user=self.giang)
        where = reverse("plans:submission", args=[submission.pk])
        self.assertEqual(self.lead(self.giang, "review-province").url, where)


class ListingTest(BoardTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        units = ("11", "113", "121")
        open_congresses(
            plan=cls.plan, openings=[Opening(unit=unit(code)) for code in units]
        )
        later = timezone.localdate() + timedelta(days=30)
        DossierPage.objects.update(review_before=later)
        DossierPage.objects.filter(unit__code="121").update(review_before="2024-01-01")
        DossierPage.objects.filter(unit__code="113").update(review_before="2024-02-01")

    def test_what_is_late_comes_first_the_longest_first(self):
        self.assertEqual(list(self.rows(self.an)), ["121", "113", "11", "111", "112"])

    def test_it_can_be_limited(self):
        district = unit("11")
        for query, codes in (
            ({"tre": 1}, ["121", "113"]),
            ({"tren": district.pk}, ["113", "111", "112"]),
            ({"cap": district.level_id}, ["11"]),
            ({"chua": "lessons"}, ["111"]),
            ({"chua": "khong-co"}, ["121", "113", "11", "111", "112"]),
            ({"cap": "khong-co"}, []),
            ({"trang": "99"}, ["121", "113", "11", "111", "112"]),
        ):
            self.assertEqual(list(self.rows(self.an, **query)), codes, query)
            self.assertEqual(self.board(self.an, **query).status_code, 200)

    def test_it_is_summed_up_by_upper_unit(self):
        groups = list(self.board(self.an).context["groups"])
        self.assertEqual(
            [(group.name, group.total, group.late) for group in groups],
            [
                ("Huyện Ba 1", 3, 1),
                ("Huyện Ba 2", 1, 1),
                ("Tỉnh Sông Trăng", 1, 0),
            ],
        )
        self.assertEqual(groups[1].awaited, ["xã"])
        chosen = groups[0].tallies[0]
        self.assertEqual((chosen.done, chosen.total), (3, 3))

    def test_a_districts_own_plan_is_shown(self):
        self.plan.derived_by.set([Level.objects.get(code="district")])
        self.plan.save()
        self.assertContains(self.board(self.an), "chưa có kế hoạch riêng", count=2)
        make_plan(self.plan, number=12, title="Kế hoạch huyện", issuer=unit("11"))
        page = self.board(self.an)
        self.assertContains(page, "chưa có kế hoạch riêng", count=1)
        self.assertContains(page, ">kế hoạch riêng</a>")

    def test_who_has_yet_to_choose_is_named_to_who_sees_the_unit(self):
        self.assertContains(self.board(self.an), "Huyện Ba 2")
        self.assertNotContains(self.board(self.dung), "Huyện Ba 2")

    def test_it_prints_without_links_and_pages(self):
        page = self.board(self.an, **{"in": 1})
        self.assertNotContains(page, "/chosen/")
        self.assertNotContains(page, "<select")
        self.assertContains(page, "quá hạn")

    def test_it_leaves_as_a_workbook_with_days_as_days(self):
        content = self.board(self.an, xlsx="").content
        sheet = load_workbook(BytesIO(content)).active
        header, first, *_others = list(sheet.values)
        self.assertEqual(first[header.index("Mã")], "121")
        self.assertEqual(first[header.index("Quá hạn từ")].year, 2024)


class DelegateTotalsTest(BoardTestCase):
    def setUp(self):
        super().setUp()
        other = open_congress(plan=self.plan, unit=unit("121"))
        for congress, summoned, present, women, age in (
            (self.congress, 100, 90, 30, "40.0"),
            (self.neighbour, 50, None, 2, None),
            (other, 200, None, None, "50.0"),
        ):
            DelegateSummary.objects.create(
                congress=congress,
                summoned=summoned,
                present=present,
                counted="present" if present else "summoned",
                women=women,
                average_age=age,
                youngest=20 if age else None,
            )

    def table(self, user, query="csv"):
        url = reverse("plans:delegate_totals", args=[self.plan.pk])
        content = self.get(user, f"{url}?{query}").content.decode("utf-8-sig")
        return list(csv.DictReader(StringIO(content), delimiter=";"))

    def test_they_are_summed_up_by_upper_unit(self):
        first, second, whole = self.table(self.an)
        self.assertEqual(first["Đơn vị"], "Huyện Ba 1")
        self.assertEqual((first["Triệu tập"], first["Có mặt"]), ("150", "90"))
        self.assertEqual(first["Giới tính: nữ"], "32")
        self.assertEqual(second["Giới tính: nữ"], "")
        self.assertEqual((whole["Đại hội"], whole["Triệu tập"]), ("3", "350"))
        # 40 years of 90 present, 50 years of 200 summoned.
        self.assertEqual(whole["tuổi bình quân"], "46,9")
        self.assertEqual(whole["tuổi trẻ nhất"], "20")

    def test_a_share_is_of_those_that_have_filled_it_in(self):
        page = self.get(self.an, reverse("plans:delegate_totals", args=[self.plan.pk]))
        self.assertEqual(
            str(page.context["whole"].percent("women")), "22.9"
        )  # 32 of 90 and 50
        self.assertContains(page, "90,0 %")

    def test_each_sums_up_only_what_he_sees_in_full(self):
        *groups, whole = self.table(self.dung)
        self.assertEqual([row["Đơn vị"] for row in groups], ["Huyện Ba 1"])
        self.assertEqual(whole["Triệu tập"], "150")
        self.assertEqual(self.table(self.giang)[-1]["Triệu tập"], "100")


class CostTest(CostTestCase):
    """The board costs the same queries for 12 and for 120 units, and stays small."""

    @classmethod
    def setUpTestData(cls):
        index = open_site(make_units(districts=10, communes=11))
        cls.few, cls.many = (make_plan(index, number=n) for n in (12, 120))
        units = list(Unit.objects.exclude(code="1").select_related("parent"))
        for plan, opened in ((cls.few, units[:12]), (cls.many, units)):
            open_congresses(plan=plan, openings=[Opening(unit=each) for each in opened])
        DelegateSummary.objects.bulk_create(
            DelegateSummary(congress=congress, summoned=100)
            for congress in CongressPage.objects.all()
        )
        cls.people = [
            make_user("binh", "1", Role.BOARD),
            make_user("dung", "11", Role.BOARD),
        ]

    def test_queries(self):
        for user in self.people:
            for name in ("board", "delegate_totals"):
                few, many = (
                    self.cost(user, reverse(f"plans:{name}", args=[plan.pk]))
                    for plan in (self.few, self.many)
                )
                self.assertEqual(few, many, (user, name))
                self.assertLess(many, 30)

    def test_size(self):
        for query in ("", "?trang=3", "?in=1"):
            url = reverse("plans:board", args=[self.many.pk]) + query
            self.client.force_login(self.people[0])
            self.assertLess(len(self.client.get(url).content), 100_000, query)
