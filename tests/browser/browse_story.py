"""One plan from its paper to the guidance it leads to, with everybody at work.

The demo's plan: Phường 3 is reviewed by its city and the province in one meeting, the
district Mỹ Tú by the province alone.
"""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect
from wagtail.models import PageLogEntry, Site

from plans.actions import decisions, submissions
from plans.actions.sites import open_sections
from plans.actions.units import load_units
from plans.models import (
    CongressPage,
    DossierPage,
    DossierState,
    Event,
    GuidancePage,
    Notice,
    PlanPage,
    ResultReportPage,
    Role,
    Submission,
    Unit,
)
from plans.notifications.telling import tell_all
from tests.browser.browse_site import DESKTOP, PHONE, BrowserTestCase
from tests.builders import fresh, make_user, restore_root
from tests.uploads import office, pdf, use_own_folder

DATA = Path(load_units.__code__.co_filename).resolve().parents[1] / "data"
PAPER = DATA / "demo" / "ke-hoach-380.txt"

PROVINCE, CITY, MY_TU, WARD_3, OTHER_WARD_3 = "94", "941", "944", "31519", "31747"

PEOPLE = {
    "tinh": (PROVINCE, Role.EDITOR),
    "tinh-btt": (PROVINCE, Role.BOARD),
    "tp": (CITY, Role.STAFF),
    "tp-btt": (CITY, Role.BOARD),
    "mytu": (MY_TU, Role.STAFF),
    "mytu-btt": (MY_TU, Role.BOARD),
    "p3": (WARD_3, Role.STAFF),
    "p3-kia": (OTHER_WARD_3, Role.STAFF),
}


def sent(name, content):
    return {"name": name, "mimeType": "", "buffer": content}


class StoryTest(BrowserTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A hundred steps on a busy machine: one of them will take its time.
        expect.set_options(timeout=20_000)

    def setUp(self):
        StaticLiveServerTestCase.setUp(self)
        use_own_folder(self)
        restore_root()
        load_units(lines=(DATA / "soc_trang_units.csv").read_text("utf-8").splitlines())
        for name, (code, role) in PEOPLE.items():
            make_user(name, code, role)
        home = Site.objects.get(is_default_site=True).root_page
        open_sections(home=home, unit=Unit.objects.get(code=PROVINCE))
        self.pages = {}

    def test_the_whole_story(self):
        for scene in (
            self.the_paper_becomes_a_plan,
            self.my_tu_chooses_its_pilot,
            self.ward_3_attaches_its_papers_on_a_phone,
            self.ward_3_notes_the_partys_record_and_submits,
            self.the_city_returns_one_paper_on_a_phone,
            self.ward_3_mends_it_and_submits_again,
            self.the_province_signs_first,
            self.the_city_sees_what_changed_and_signs,
            self.my_tu_is_approved_by_the_province_alone,
            self.a_later_change_shows,
            self.ward_3_prepares_its_congress_on_a_phone,
            self.my_tu_keeps_to_the_plans_month,
            self.ward_3_writes_lessons_and_report_on_a_phone,
            self.the_province_registers_the_report,
            self.the_province_issues_guidance,
            self.a_commune_has_read_it,
            self.the_province_opens_the_remaining_congresses,
            self.each_is_told_of_what_concerns_him,
            self.the_history_tells_all,
        ):
            scene()

    # Who works

    @contextmanager
    def at_work(self, username, viewport=DESKTOP):
        """The person's own browser, signed in once for the whole story."""
        if (username, viewport["width"]) not in self.pages:
            self.pages[username, viewport["width"]] = self.sign_in(username, viewport)
        page = self.pages[username, viewport["width"]]
        self.open(page, "/")
        yield page
        self.assert_fits(page)

    def dossier(self, code):
        return DossierPage.objects.get(unit__code=code)

    def main(self, page):
        return page.get_by_role("main")

    def attach(self, page, number, *files):
        paper = page.locator(".checklist > li").nth(number)
        with page.expect_file_chooser() as chooser:
            paper.get_by_text("Chọn tệp hoặc chụp ảnh").click()
        chooser.value.set_files(list(files))
        expect(paper).to_contain_text("đã có")

    def note_the_record(self, page, number):
        record = page.locator(".checklist > li", has_text="cấp ủy")
        record.get_by_label("Số, ký hiệu").fill(number)
        record.get_by_label("Ngày", exact=True).fill("2023-11-20")
        record.get_by_role("button", name="Lưu").click()
        expect(page.locator(".notices")).to_contain_text("số và ngày")
        expect(record.get_by_label("Số, ký hiệu")).to_have_value(number)

    # The plan

    def the_paper_becomes_a_plan(self):
        call_command("import_plan", str(PAPER), "--publish", stdout=StringIO())
        plan = PlanPage.objects.get(number=380)
        self.assertTrue(plan.live)
        pilots = CongressPage.objects.values_list("unit__code", flat=True)
        self.assertEqual(set(pilots), {WARD_3, MY_TU})
        with self.at_work("p3-kia") as page:
            self.main(page).get_by_role("link", name=plan.title).first.click()
            expect(self.main(page)).to_contain_text("380/KH-MTTQ-BTT")
            # Another ward of the same name finds no dossier of its own.
            expect(self.main(page)).not_to_contain_text("trích ngang dự kiến")
            address = self.dossier(WARD_3).get_url()
            self.assertEqual(self.open(page, address).status, 404)
            self.open(page, "/")

    def my_tu_chooses_its_pilot(self):
        with self.at_work("mytu-btt") as page:
            self.main(page).get_by_role("link", name="Mỹ Tú").first.click()
            unit = page.get_by_label("Đơn vị", exact=True)
            unit.select_option(index=1)
            for box in page.get_by_role("checkbox").all():
                box.check()
            page.get_by_role("button", name="Chọn đơn vị này").click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("Mỹ Tú")
        pilot = CongressPage.objects.get(pilot_of__code=MY_TU)
        self.assertEqual(pilot.selected_by.code, MY_TU)

    # Phường 3

    def ward_3_attaches_its_papers_on_a_phone(self):
        with self.at_work("p3", PHONE) as page:
            self.open(page, self.dossier(WARD_3).get_url())
            programme = office(text="<w:p>Khai mạc lúc 8 giờ</w:p>")
            self.attach(page, 0, sent("Chương trình.docx", programme))
            self.attach(page, 1, sent("Tổng hợp.xlsx", office("xlsx")))
            self.attach(page, 2, *(sent(f"{n}.pdf", pdf(f"{n}")) for n in range(3)))
            expect(self.main(page)).to_contain_text("Trước khi trình còn phải")
            self.attach(page, 3, sent("Đề án.pdf", pdf("de an")))
            self.attach(page, 4, sent("Nghị quyết.pdf", pdf("nghi quyet")))

    def ward_3_notes_the_partys_record_and_submits(self):
        with self.at_work("p3", PHONE) as page:
            self.open(page, self.dossier(WARD_3).get_url())
            expect(self.main(page)).to_contain_text("chưa ghi số hoặc ngày")
            self.note_the_record(page, "12-NQ/ĐU")
            page.get_by_role("button", name="Trình duyệt").click()
            expect(self.main(page)).to_contain_text("Đã trình hồ sơ để duyệt.")
            expect(self.main(page)).to_contain_text("Tỉnh Sóc Trăng")
            self.assert_accessible(page)
        submission = Submission.objects.get()
        self.assertTrue(submission.is_joint)
        units = submission.steps.values_list("unit__code", flat=True)
        self.assertEqual(set(units), {CITY, PROVINCE})

    def the_city_returns_one_paper_on_a_phone(self):
        with self.at_work("tp") as page:
            # A clerk of the city reads, and decides nothing.
            self.open(page, "/duyet/")
            expect(self.main(page)).to_contain_text("Không có hồ sơ nào chờ")
        with self.at_work("tp-btt", PHONE) as page:
            self.main(page).get_by_role("link", name="Phường 3").first.click()
            paper = page.locator(".review-paper").first
            paper.get_by_label("phải làm lại").check()
            page.get_by_role("button", name="Trả lại", exact=True).click()
            expect(self.main(page)).to_contain_text("Hãy ghi lý do")
            paper = page.locator(".review-paper").first
            paper.get_by_label("Việc cần làm").fill("Khai mạc sớm hơn một giờ.")
            self.assert_accessible(page)
            page.get_by_role("button", name="Trả lại", exact=True).click()
            expect(page.locator(".notices")).to_contain_text("Đã trả lại")
        self.assertEqual(self.dossier(WARD_3).state, DossierState.RETURNED)

    def ward_3_mends_it_and_submits_again(self):
        with self.at_work("p3", PHONE) as page:
            self.open(page, self.dossier(WARD_3).get_url())
            expect(self.main(page)).to_contain_text("Khai mạc sớm hơn một giờ.")
            first = page.locator(".checklist > li").first
            first.get_by_text("Gửi bản mới").click()
            with page.expect_file_chooser() as chooser:
                first.get_by_text("Chọn bản mới").click()
            programme = office(text="<w:p>Khai mạc lúc 7 giờ</w:p>")
            chooser.value.set_files([sent("Chương trình mới.docx", programme)])
            expect(first).to_contain_text("bản thứ 2")
            page.get_by_label("Ghi chú gửi cấp duyệt").fill("Đã sửa giờ khai mạc.")
            page.get_by_role("button", name="Trình duyệt").click()
            expect(self.main(page)).to_contain_text("Đã trình hồ sơ để duyệt.")

    def the_province_signs_first(self):
        with self.at_work("tinh-btt") as page:
            self.main(page).get_by_role("link", name="Phường 3").first.click()
            expect(self.main(page)).to_contain_text("Đã sửa giờ khai mạc.")
            page.get_by_label("Số, ký hiệu văn bản").fill("77/BB-MTTQ")
            page.get_by_label("Ngày văn bản").fill("2023-12-05")
            page.get_by_role("button", name="Duyệt", exact=True).click()
            expect(page.locator(".notices")).to_contain_text("Đã duyệt")
        self.assertFalse(fresh(self.dossier(WARD_3)).live)

    def the_city_sees_what_changed_and_signs(self):
        with self.at_work("tp-btt") as page:
            self.main(page).get_by_role("link", name="Phường 3").first.click()
            programme = page.locator(".review-paper").first
            expect(programme).to_contain_text("Khai mạc sớm hơn một giờ.")
            expect(programme).to_contain_text("Chương trình.docx")
            self.assert_accessible(page)
            programme.get_by_role("link", name="Xem chỗ thay đổi").click()
            expect(page.locator("ins")).to_have_text("7")
            expect(page.locator("del")).to_have_text("8")
            self.assert_accessible(page)
            page.go_back()
            # One meeting, two signatures: its number stands there already.
            number = page.get_by_label("Số, ký hiệu văn bản")
            expect(number).to_have_value("77/BB-MTTQ")
            page.get_by_role("button", name="Duyệt", exact=True).click()
            expect(page.locator(".notices")).to_contain_text("tất cả các cấp duyệt")
        dossier = fresh(self.dossier(WARD_3))
        self.assertEqual(dossier.state, DossierState.APPROVED)
        last = dossier.submissions.first()
        self.assertEqual(dossier.live_revision_id, last.revision_id)

    # Mỹ Tú

    def my_tu_is_approved_by_the_province_alone(self):
        with self.at_work("mytu") as page:
            self.open(page, self.dossier(MY_TU).get_url())
            for number in range(5):
                self.attach(page, number, sent(f"{number}.pdf", pdf(f"my tu {number}")))
            self.note_the_record(page, "8-TB/HU")
            page.get_by_role("button", name="Trình duyệt").click()
            expect(self.main(page)).to_contain_text("Đã trình hồ sơ để duyệt.")
        (step,) = Submission.objects.get(dossier__unit__code=MY_TU).steps.all()
        self.assertEqual(step.unit.code, PROVINCE)
        with self.at_work("tinh-btt", PHONE) as page:
            self.main(page).get_by_role("link", name="Mỹ Tú").first.click()
            page.get_by_role("button", name="Duyệt", exact=True).click()
            expect(page.locator(".notices")).to_contain_text("tất cả các cấp duyệt")
        self.assertTrue(fresh(self.dossier(MY_TU)).live)

    def a_later_change_shows(self):
        with self.at_work("mytu") as page:
            self.open(page, self.dossier(MY_TU).get_url())
            self.attach(page, 0, sent("Bổ sung.pdf", pdf("bo sung")))
            self.open(page, self.dossier(MY_TU).get_url())
            expect(self.main(page)).to_contain_text("đã thay đổi sau khi duyệt")
        with self.at_work("tinh-btt") as page:
            self.open(page, self.dossier(MY_TU).get_url())
            page.get_by_role("link", name="Xem nội dung thay đổi").click()
            expect(self.main(page)).to_contain_text("Bổ sung.pdf")
            self.assert_accessible(page)

    # The congresses

    def congress(self, code):
        return CongressPage.objects.get(unit__code=code)

    def prepare(self, page, code, part):
        self.open(page, self.congress(code).get_url())
        self.main(page).get_by_role("link", name=part, exact=True).click()

    def save(self, page):
        self.main(page).get_by_role("button", name="Lưu", exact=True).click()

    def ward_3_prepares_its_congress_on_a_phone(self):
        with self.at_work("p3", PHONE) as page:
            self.prepare(page, WARD_3, "Thời gian, địa điểm")
            page.locator("#id_starts_on").fill("2024-01-05")
            page.locator("#id_venue").fill("Hội trường Phường 3")
            self.save(page)
            expect(self.main(page)).to_contain_text("05/01/2024")
            self.prepare(page, WARD_3, "Chương trình")
            page.get_by_role("link", name="chương trình mẫu").click()
            self.save(page)
            self.prepare(page, WARD_3, "Đại biểu")
            page.locator("#id_summoned").fill("100")
            self.save(page)
        with self.at_work("p3-kia", PHONE) as page:
            # The other wards read when and where; it is theirs to learn from.
            self.open(page, self.congress(WARD_3).get_url())
            expect(self.main(page)).to_contain_text("Hội trường Phường 3")
            expect(self.main(page)).to_contain_text("Chào cờ")
            self.assert_accessible(page)

    def my_tu_keeps_to_the_plans_month(self):
        with self.at_work("mytu") as page:
            self.prepare(page, MY_TU, "Thời gian, địa điểm")
            page.locator("#id_starts_on").fill("2024-05-02")
            self.save(page)
            expect(page.get_by_role("alert")).to_be_visible()
            page.locator("#id_starts_on").fill("2024-04-10")
            page.locator("#id_ends_on").fill("2024-04-11")
            self.save(page)
            expect(self.main(page)).to_contain_text("10/04/2024")

    def ward_3_writes_lessons_and_report_on_a_phone(self):
        with self.at_work("p3", PHONE) as page:
            self.open(page, self.congress(WARD_3).get_url())
            page.get_by_role("link", name="Viết bài học kinh nghiệm").click()
            page.locator("#id_lessons").fill("Gửi tài liệu trước một tuần.")
            page.locator("button[name=publish]").click()
            self.open(page, self.congress(WARD_3).get_url())
            page.get_by_role("link", name="Viết báo cáo kết quả").click()
            page.locator("#id_number").fill("7")
            page.locator("#id_body").fill("Đại hội thành công, có mặt 98 đại biểu.")
            page.locator("button[name=publish]").click()
            expect(self.main(page)).to_contain_text("BC-MTTQ-BTT")
        with self.at_work("p3-kia", PHONE) as page:
            self.open(page, self.congress(WARD_3).get_url())
            expect(self.main(page)).to_contain_text("Gửi tài liệu trước một tuần.")

    def the_province_registers_the_report(self):
        report = ResultReportPage.objects.get()
        self.assertTrue(report.live)
        with self.at_work("tinh") as page:
            self.open(page, report.get_url())
            page.get_by_role("link", name="Vào sổ").click()
            page.get_by_label("Số đến").fill("215")
            # It comes in on the day it was sent: the form has today already.
            page.get_by_role("button", name="Vào sổ").click()
            expect(self.main(page)).to_contain_text("215")
        self.assertEqual(report.receipt.number, "215")

    def the_province_opens_the_remaining_congresses(self):
        plan = PlanPage.objects.get(number=380)
        with self.at_work("tinh") as page:
            self.open(page, plan.get_url())
            page.get_by_role("link", name="Mở đại hội cho các đơn vị còn lại").click()
            expect(self.main(page)).to_contain_text("Phường 3")
            # The days the plan lays down for its pilots are past by now.
            today = timezone.localdate()
            for name, days in (("review_before", 30), ("hold_before", 60)):
                day = today + timedelta(days=days)
                page.locator(f"#id_{name}").fill(day.isoformat())
            # Mỹ Tú's own pilot commune has not met yet.
            page.locator("#id_before_pilots_end").check()
            page.get_by_role("button", name="Mở đại hội cho các đơn vị đã chọn").click()
            opened = expect(page.locator(".notices"))
            opened.to_contain_text("Đã mở 117 đại hội", timeout=60_000)
        self.assertEqual(plan.congresses.count(), 120)
        with self.at_work("p3-kia", PHONE) as page:
            self.open(page, self.dossier(OTHER_WARD_3).get_url())
            expect(self.main(page)).to_contain_text("Chọn tệp hoặc chụp ảnh")

    # Guidance

    def the_province_issues_guidance(self):
        plan = PlanPage.objects.get(number=380)
        with self.at_work("tinh") as page:
            self.open(page, f"/admin/pages/add/plans/guidancepage/{plan.pk}/")
            page.locator("#id_title").fill("Tổ chức Đại hội ở các đơn vị còn lại")
            page.locator("#id_doc_type").fill("Hướng dẫn")
            page.get_by_role("button", name="Chọn đơn vị").first.click()
            modal = page.locator(".modal-content")
            modal.get_by_role("link", name="Tỉnh Sóc Trăng").click()
            page.locator("#id_number").fill("15")
            page.locator("#id_symbol").fill("HD-MTTQ-BTT")
            page.locator("#id_issued_on").fill("15/01/2024")
            page.locator("#id_must_acknowledge").check()
            page.locator("footer [data-w-dropdown-target=toggle]").click()
            page.get_by_role("button", name="Xuất bản", exact=True).click()
            page.wait_for_load_state("networkidle")
            guidance = GuidancePage.objects.get()
            self.assertTrue(guidance.live)
        self.assertEqual(guidance.issuer.code, PROVINCE)

    def a_commune_has_read_it(self):
        guidance = GuidancePage.objects.get()
        with self.at_work("p3-kia", PHONE) as page:
            self.main(page).get_by_role("link", name=guidance.title).first.click()
            page.get_by_role("button", name="Tôi đã đọc").click()
            expect(self.main(page)).to_contain_text("đã đọc")
        with self.at_work("tinh") as page:
            self.open(page, guidance.get_url())
            page.get_by_role("link", name="Ai đã đọc").click()
            expect(self.main(page)).to_contain_text("1/120")

    # What everybody heard of it

    def told(self, kind, page):
        """Who was given a notice of such an event on the page."""
        notices = Notice.objects.filter(event__kind=kind, event__page=page.pk)
        return set(notices.values_list("user__username", flat=True))

    def each_is_told_of_what_concerns_him(self):
        Event.objects.update(tell_from=timezone.now())
        tell_all()
        ward, district = self.dossier(WARD_3), self.dossier(MY_TU)
        kind = Event.Kind
        self.assertEqual(self.told(kind.REVIEW_WAITING, ward), {"tp-btt", "tinh-btt"})
        self.assertEqual(self.told(kind.REVIEW_WAITING, district), {"tinh-btt"})
        for outcome in (kind.DOSSIER_RETURNED, kind.DOSSIER_APPROVED):
            self.assertIn("p3", self.told(outcome, ward))
            self.assertNotIn("tp-btt", self.told(outcome, ward))
        heard = Notice.objects.filter(event__page=ward.pk)
        names = set(heard.values_list("user__username", flat=True))
        self.assertLessEqual(names, {"p3", "tp", "tp-btt", "tinh", "tinh-btt"})
        guidance = GuidancePage.objects.get()
        self.assertLessEqual(
            {"p3", "p3-kia", "mytu", "tp"}, self.told(kind.PUBLISHED, guidance)
        )

    def the_history_tells_all(self):
        rows = PageLogEntry.objects.filter(page=self.dossier(WARD_3).pk)
        actions = list(rows.order_by("pk").values_list("action", flat=True))
        steps = [
            submissions.PARTY_RECORDED,
            submissions.SUBMITTED,
            decisions.RETURNED,
            submissions.SUBMITTED,
            decisions.APPROVED,
            decisions.APPROVED,
        ]
        self.assertEqual([each for each in actions if each in steps], steps)
