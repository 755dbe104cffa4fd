"""After a congress: lessons, the result report, its receipt, and who may do what."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry

from home.models import HomePage
from plans.actions import outcomes as actions
from plans.actions.congresses import Opening, open_congresses
from plans.models import (
    Attachment,
    CongressPage,
    LessonsPage,
    LevelRule,
    PlanPage,
    ReportReceipt,
    ResultReportPage,
    Unit,
)
from tests.builders import make_plan, unit
from tests.cast import IntranetTestCase
from tests.uploads import pdf, upload, use_own_folder

LESSONS = {
    "held_on": "2024-01-09",
    "organisers": "Ban Thường trực huyện",
    "strengths": "Chuẩn bị kỹ.",
    "limits": "Hội trường chật.",
    "causes": "",
    "lessons": "Duyệt hồ sơ sớm hơn.",
}
REPORT = {
    "title": "Kết quả Đại hội điểm",
    "number": "5",
    "symbol": "BC-MTTQ-BTT",
    "issued_place": "Đông 1",
    "issued_on": "2024-01-12",
    "body": "Đại hội có 80 đại biểu.\nĐại hội thành công.",
    "signer_title": "CHỦ TỊCH",
    "signer_name": "Lê Văn A",
}


def hold(congress, day=date(2024, 1, 8)):
    """The congress was held that day."""
    CongressPage.objects.filter(pk=congress.pk).update(starts_on=day, ends_on=day)
    return CongressPage.objects.get(pk=congress.pk)


class OutcomesTestCase(IntranetTestCase):
    def setUp(self):
        use_own_folder(self)
        self.congress = hold(self.congress)
        self.lessons_url = reverse("plans:write_lessons", args=[self.congress.pk])
        self.report_url = reverse("plans:write_report", args=[self.congress.pk])

    def report(self, **values):
        terms = {"title": "Kết quả", "issued_on": date(2024, 1, 12)} | values
        return actions.write_report(
            congress=self.congress, user=self.giang, values=terms, publish=True
        )


class WritingTest(OutcomesTestCase):
    def test_a_clerk_publishes_the_lessons_from_one_form(self):
        self.assertContains(
            self.get(self.giang, self.congress.get_url()), self.lessons_url
        )
        answer = self.post(self.giang, self.lessons_url, LESSONS | {"publish": "1"})
        page = LessonsPage.objects.get()
        self.assertRedirects(answer, page.get_url())
        self.assertTrue(page.live)
        self.assertEqual(page.lessons, "Duyệt hồ sơ sớm hơn.")
        self.assertEqual(page.get_parent().pk, self.congress.pk)
        entries = PageLogEntry.objects.filter(page=page.pk, user=self.giang)
        self.assertIn("wagtail.publish", entries.values_list("action", flat=True))
        for reader in (self.lan, self.hanh):
            self.assertContains(self.get(reader, page.get_url()), "Hội trường chật.")
            # The units that come after the pilots find them at the plan.
            self.assertContains(self.get(reader, self.plan.get_url()), page.get_url())

    def test_a_draft_is_kept_and_goes_on_where_it_was(self):
        self.post(self.giang, self.lessons_url, {"strengths": "Kỹ.", "keep": "1"})
        page = LessonsPage.objects.get()
        self.assertFalse(page.live)
        self.assertContains(self.get(self.giang, self.lessons_url), "Kỹ.")
        self.assertEqual(self.get(self.lan, page.get_url()).status_code, 404)
        self.assertNotContains(self.get(self.lan, self.plan.get_url()), page.get_url())
        self.post(self.giang, self.lessons_url, LESSONS | {"publish": "1"})
        self.assertEqual(LessonsPage.objects.get().strengths, "Chuẩn bị kỹ.")

    def test_what_lacks_is_said_and_nothing_typed_is_lost(self):
        sent = {"strengths": "Rất dài và công phu", "held_on": "", "publish": "1"}
        answer = self.post(self.giang, self.lessons_url, sent)
        self.assertContains(answer, "Rất dài và công phu", status_code=422)
        self.assertIn("lessons", answer.context["form"].errors)
        self.assertFalse(LessonsPage.objects.exists())

    def test_a_report_is_a_paper_with_its_head_and_its_file(self):
        with_file = REPORT | {"publish": "1", "uploads": upload(pdf(), "Báo cáo.pdf")}
        self.post(self.giang, self.report_url, with_file)
        page = ResultReportPage.objects.get()
        self.assertEqual(page.reference, "05/BC-MTTQ-BTT")
        self.assertEqual(page.issuer, unit("111"))
        self.assertEqual([item.text for item in page.items], REPORT["body"].split("\n"))
        self.assertEqual(page.sent_on, timezone.localdate())
        self.assertIn("BAN THƯỜNG TRỰC", page.issuer_lines)
        self.assertEqual(Attachment.objects.get().page_id, page.pk)
        self.assertContains(self.get(self.lan, page.get_url()), "80 đại biểu")

    def test_a_report_needs_a_text_or_a_file(self):
        empty = REPORT | {"body": "", "publish": "1"}
        answer = self.post(self.giang, self.report_url, empty)
        self.assertEqual(answer.status_code, 422)
        self.assertIn("body", answer.context["form"].errors)
        scanned = empty | {"uploads": upload(pdf(), "Quét.pdf")}
        self.assertEqual(
            self.post(self.giang, self.report_url, scanned).status_code, 302
        )

    def test_a_sent_report_is_not_changed_in_silence(self):
        self.post(self.giang, self.report_url, REPORT | {"publish": "1"})
        changed = REPORT | {"body": "Có 81 đại biểu.", "publish": "1"}
        answer = self.post(self.giang, self.report_url, changed)
        self.assertIn("change_note", answer.context["form"].errors)
        noted = changed | {"change_note": "Sửa số đại biểu."}
        self.post(self.giang, self.report_url, noted)
        page = ResultReportPage.objects.get()
        self.assertContains(self.get(self.lan, page.get_url()), "Sửa số đại biểu.")
        self.assertContains(self.get(self.lan, page.get_url()), "81 đại biểu")

    def test_a_number_used_before_is_said_at_its_field(self):
        self.report(number=5, symbol="BC-MTTQ-BTT")
        other = hold(
            open_congresses(
                plan=make_plan(self.index, number=381), openings=[Opening(unit("111"))]
            )[0]
        )
        answer = self.post(
            self.giang,
            reverse("plans:write_report", args=[other.pk]),
            REPORT | {"publish": "1"},
        )
        self.assertEqual(answer.status_code, 422)
        self.assertIn("number", answer.context["form"].errors)

    def test_headings_made_on_the_editing_desk_are_not_flattened(self):
        page = self.report()
        page.body = [("section", {"marker": "I.", "heading": "KẾT QUẢ", "text": ""})]
        page.change_note = "Chia mục."
        page.save_revision(user=self.giang).publish()
        shown = self.get(self.giang, self.report_url)
        self.assertNotIn("body", shown.context["form"].fields)
        sent = REPORT | {"change_note": "Sửa người ký.", "publish": "1"}
        self.post(self.giang, self.report_url, sent)
        page = ResultReportPage.objects.get()
        self.assertEqual(page.items[0].heading, "KẾT QUẢ")
        self.assertEqual(page.signer_name, "Lê Văn A")

    def test_before_the_congress_is_over_nothing_is_written(self):
        hold(self.congress, timezone.localdate() + timedelta(days=3))
        self.assertNotContains(
            self.get(self.giang, self.congress.get_url()), self.lessons_url
        )
        answer = self.post(self.giang, self.lessons_url, LESSONS | {"publish": "1"})
        self.assertEqual(answer.status_code, 422)
        self.assertFalse(LessonsPage.objects.exists())

    def test_nobody_else_writes_for_a_unit(self):
        for user in (self.lan, self.hanh, self.chi, self.dung, self.kien, self.binh):
            for url in (self.lessons_url, self.report_url):
                self.assertEqual(self.get(user, url).status_code, 404, user)
                self.assertEqual(self.post(user, url, LESSONS).status_code, 404, user)
            with self.assertRaises(PermissionDenied):
                actions.write_lessons(
                    congress=self.congress, user=user, values={}, publish=False
                )
        self.assertFalse(LessonsPage.objects.exists())

    def test_two_who_write_at_once_make_one_page(self):
        for text in ("một", "hai"):
            actions.write_lessons(
                congress=self.congress,
                user=self.giang,
                values={"lessons": text},
                publish=True,
            )
        self.assertEqual(LessonsPage.objects.get().lessons, "hai")

    def test_a_locked_page_is_left_as_it_is(self):
        page = self.report()
        ResultReportPage.objects.filter(pk=page.pk).update(
            locked=True, locked_by=self.an, locked_at=timezone.now()
        )
        with self.assertRaises(ValidationError):
            self.report(title="Khác", change_note="x")


class ReceiptTest(OutcomesTestCase):
    def setUp(self):
        super().setUp()
        self.page = self.report(sent_on=date(2024, 1, 12))
        self.url = reverse("plans:receive_report", args=[self.page.pk])

    def test_the_office_of_the_issuer_registers_it_and_the_unit_sees_that(self):
        self.assertContains(self.get(self.binh, "/"), self.url)
        sent = {"number": "123", "received_on": "2024-01-15"}
        self.assertRedirects(self.post(self.binh, self.url, sent), self.page.get_url())
        receipt = ReportReceipt.objects.get()
        self.assertEqual((receipt.number, receipt.user), ("123", self.binh))
        for url in (self.page.get_url(), self.congress.get_url()):
            shown = self.get(self.giang, url)
            self.assertContains(shown, "123")
            self.assertContains(shown, "15/01/2024")
        self.assertNotContains(
            self.get(self.binh, HomePage.objects.get().get_url()), self.url
        )

    def test_entered_again_it_is_corrected_and_the_history_keeps_both(self):
        for number in ("123", "124"):
            actions.register_report(
                report=self.page,
                user=self.an,
                number=number,
                received_on=date(2024, 1, 15),
            )
        self.assertEqual(ReportReceipt.objects.get().number, "124")
        entries = PageLogEntry.objects.filter(action=actions.RECEIVED)
        self.assertEqual(entries.count(), 2)

    def test_only_who_works_there_registers_superusers_included(self):
        for user in (self.lan, self.giang, self.chi, self.dung, self.kien, self.root):
            self.assertEqual(self.get(user, self.url).status_code, 404, user)
            sent = {"number": "1", "received_on": "2024-01-15"}
            self.assertEqual(self.post(user, self.url, sent).status_code, 404, user)
            self.assertNotContains(self.get(user, self.page.get_url()), self.url)
        self.assertFalse(ReportReceipt.objects.exists())

    def test_a_day_that_cannot_be_is_refused(self):
        tomorrow = timezone.localdate() + timedelta(days=1)
        for day in (tomorrow, date(2024, 1, 11)):
            sent = {"number": "9", "received_on": day.isoformat()}
            answer = self.post(self.binh, self.url, sent)
            self.assertContains(answer, 'value="9"', status_code=422)
            self.assertIn("received_on", answer.context["form"].errors)

    def test_a_draft_is_no_report_yet(self):
        self.page.unpublish()
        page = ResultReportPage.objects.get()
        self.assertEqual(self.get(self.binh, self.url).status_code, 404)
        with self.assertRaises(PermissionDenied):
            actions.register_report(
                report=page, user=self.binh, number="1", received_on=date(2024, 1, 15)
            )


class OverviewTest(OutcomesTestCase):
    def setUp(self):
        super().setUp()
        self.url = reverse("plans:outcomes", args=[self.plan.pk])
        LevelRule.objects.update(report_within=5)

    def rows(self, user=None):
        return list(self.get(user or self.binh, self.url).context["pages"])

    def test_what_is_late_comes_first_then_what_is_there(self):
        hold(self.neighbour)
        self.report()
        first, second = self.rows()
        self.assertEqual(first.congress.unit.code, "111")
        self.assertEqual(first.late, date(2024, 1, 10), "its lessons are missing")
        self.assertIsNotNone(first.report)
        # A congress that is no pilot owes a report and no lessons.
        self.assertEqual(second.late, date(2024, 1, 16))
        self.assertIsNone(second.lessons_before)

    def test_nothing_is_late_before_its_day(self):
        hold(self.congress, timezone.localdate() - timedelta(days=1))
        LevelRule.objects.update(lessons_within=3)
        self.assertEqual([row.late for row in self.rows()], [None, None])

    def test_the_table_can_be_taken_away(self):
        self.report(sent_on=date(2024, 1, 12))
        text = self.get(self.binh, f"{self.url}?csv").content.decode()
        self.assertIn("Xã Đông 1;Huyện Ba 1;08/01/2024", text)
        self.assertIn("12/01/2024", text)

    def test_only_who_watches_the_units_sees_it(self):
        for user in (self.lan, self.giang, self.chi, self.dung, self.kien):
            self.assertEqual(self.get(user, self.url).status_code, 404, user)
            self.assertNotContains(self.get(user, self.plan.get_url()), self.url)
        for user in (self.binh, self.an, self.root):
            self.assertContains(self.get(user, self.plan.get_url()), self.url)

    def test_it_costs_the_same_for_one_congress_and_for_many(self):
        def cost(plan):
            url = reverse("plans:outcomes", args=[plan.pk])
            self.get(self.binh, url)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                self.assertEqual(self.get(self.binh, url).status_code, 200)
            return len(queries)

        other = make_plan(self.index, number=390)
        open_congresses(plan=other, openings=[Opening(unit("111"))])
        few = cost(other)
        rest = Unit.objects.exclude(code__in=["1", "111"]).select_related("parent")
        open_congresses(plan=other, openings=[Opening(each) for each in rest])
        self.assertEqual(PlanPage.objects.get(pk=other.pk).congresses.count(), 8)
        self.assertEqual(cost(other), few)
