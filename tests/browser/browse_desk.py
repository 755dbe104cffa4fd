"""The dossier desk in a real browser, on a phone."""

from unittest import mock

from playwright.sync_api import expect

from plans.actions.archives import pack
from plans.models import Attachment, DossierArchive
from plans.views import archives
from tests.browser.browse_site import DESKTOP, PHONE, BrowserTestCase
from tests.uploads import office, pdf, picture, use_own_folder


def sent(name, content):
    return {"name": name, "mimeType": "", "buffer": content}


class DeskTest(BrowserTestCase):
    def setUp(self):
        super().setUp()
        use_own_folder(self)
        self.dossier = self.congress.dossier

    def papers(self, page):
        return page.locator(".checklist > li")

    def choose(self, page, paper, *files):
        """What a person does: press the button, choose, confirm."""
        with page.expect_file_chooser() as chooser:
            paper.get_by_text("Chọn tệp hoặc chụp ảnh").click()
        chooser.value.set_files(list(files))

    def test_a_clerk_completes_a_dossier_on_a_phone(self):
        page = self.sign_in("giang", PHONE)
        self.open(page, self.dossier.get_url())
        self.assert_fits(page)
        papers = self.papers(page)
        files = [
            [sent("Chương trình.docx", office())],
            [sent("Tổng hợp.xlsx", office("xlsx")), sent("Ảnh.jpg", picture())],
            [sent("Báo cáo 1.pdf", pdf("1")), sent("Báo cáo 2.pdf", pdf("2"))],
            [sent("Đề án.docx", office(text="De an")), sent("DS.pdf", pdf("3"))],
        ]
        for number, chosen in enumerate(files):
            self.choose(page, papers.nth(number), *chosen)
            expect(papers.nth(number)).to_contain_text("đã có")
        expect(page.locator(".file")).to_have_count(7)
        missing = page.locator('.checklist > li[data-in="no"]')
        expect(missing).to_have_count(1)
        # The Party committee passes the papers once they are there.
        expect(missing).to_contain_text("cấp ủy Đảng cùng cấp")
        self.assertEqual(Attachment.objects.current().count(), 7)
        self.assert_fits(page)
        self.assert_accessible(page)

    def test_a_wrong_file_is_explained_and_the_page_stays(self):
        page = self.sign_in("giang", PHONE)
        self.open(page, self.dossier.get_url())
        first = self.papers(page).first
        self.choose(page, first, sent("a.pdf", b"<html>"), sent("b.pdf", pdf()))
        status = page.get_by_role("status")
        expect(status).to_contain_text("Nội dung của “a.pdf” không đúng")
        expect(status).to_contain_text("Đã nhận “b.pdf”")
        expect(first.locator(".file")).to_have_count(1)

    def test_a_new_version_and_taking_back(self):
        page = self.sign_in("giang")
        self.open(page, self.dossier.get_url())
        first = self.papers(page).first
        self.choose(page, first, sent("a.pdf", pdf()))
        first.get_by_text("Gửi bản mới").click()
        with page.expect_file_chooser() as chooser:
            first.get_by_text("Chọn bản mới").click()
        chooser.value.set_files([sent("b.pdf", pdf("2"))])
        expect(first).to_contain_text("bản thứ 2")
        first.get_by_role("button", name="Rút lại b.pdf").click()
        expect(first).to_contain_text("còn thiếu")
        expect(first).to_contain_text("2 tệp trước đây")

    def test_files_are_dropped_on_a_paper(self):
        page = self.sign_in("giang")
        self.open(page, self.dossier.get_url())
        first = self.papers(page).first
        transfer = page.evaluate_handle(
            """content => {
                const data = new DataTransfer();
                data.items.add(new File([content], "thả.pdf"));
                return data;
            }""",
            pdf().decode(),
        )
        first.locator("form.attach").dispatch_event("drop", {"dataTransfer": transfer})
        expect(first).to_contain_text("thả.pdf")

    def test_everything_works_without_script(self):
        page = self.sign_in("giang", DESKTOP, java_script_enabled=False)
        self.open(page, self.dossier.get_url())
        first = self.papers(page).first
        first.locator("input[type=file]").set_input_files([sent("a.pdf", pdf())])
        first.get_by_role("button", name="Gửi", exact=True).click()
        expect(page.locator(".notices")).to_contain_text("Đã nhận “a.pdf”")
        first = self.papers(page).first
        first.get_by_role("button", name="Rút lại a.pdf").click()
        expect(self.papers(page).first).to_contain_text("còn thiếu")

    def test_the_neighbour_finds_no_dossier(self):
        page = self.sign_in("hanh")
        self.assertEqual(self.open(page, self.dossier.get_url()).status, 404)

    def test_a_paper_is_shown_in_the_browser(self):
        page = self.sign_in("giang")
        self.open(page, self.dossier.get_url())
        first = self.papers(page).first
        self.choose(page, first, sent("ảnh.png", picture("PNG")))
        with page.expect_popup() as popup:
            first.get_by_role("link", name="ảnh.png", exact=True).click()
        popup.value.wait_for_load_state()
        self.assertTrue(popup.value.evaluate("document.images[0].naturalWidth > 0"))

    def test_a_paper_is_shown_on_the_desk_and_put_away(self):
        page = self.sign_in("giang", PHONE)
        told = []
        page.on("console", lambda message: told.append(message.text))
        self.open(page, self.dossier.get_url())
        first = self.papers(page).first
        self.choose(page, first, sent("ảnh.png", picture("PNG")), sent("a.pdf", pdf()))
        buttons = first.get_by_role("button", name="Xem tại đây")
        expect(buttons).to_have_count(2)
        buttons.first.click()
        shown = first.locator("img.paper-preview")
        expect(shown).to_be_visible()
        expect(shown).to_have_js_property("complete", True)
        self.assertTrue(shown.evaluate("image => image.naturalWidth > 0"))
        buttons.last.click()
        expect(first.locator("iframe.paper-preview")).to_be_visible()
        self.assert_fits(page)
        self.assert_accessible(page)
        buttons.first.click()
        expect(shown).to_have_count(0)
        self.assertFalse([text for text in told if "Security Policy" in text])

    def test_a_large_dossier_is_packed_and_fetched(self):
        self.enterContext(mock.patch.object(archives, "LARGE", 1))
        page = self.sign_in("giang", PHONE)
        self.open(page, self.dossier.get_url())
        first = self.papers(page).first
        self.choose(page, first, sent("a.pdf", pdf()))
        expect(first).to_contain_text("a.pdf")
        page.get_by_role("button", name="Tải cả hồ sơ").click()
        expect(page.get_by_role("status")).to_contain_text("0 %")
        self.assert_fits(page)
        self.assert_accessible(page)
        pack.func(str(DossierArchive.objects.get().key))
        with page.expect_download() as download:
            page.get_by_role("link", name="Tải về").click()
        self.assertTrue(download.value.suggested_filename.endswith(".zip"))
        self.assert_accessible(page)
