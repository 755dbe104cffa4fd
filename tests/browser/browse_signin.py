"""Signing in in a real browser, and what the policy of the pages lets it load."""

from base64 import b32decode
from time import time

from django.contrib.auth import get_user_model
from django.urls import reverse
from django_otp.oath import TOTP
from playwright.sync_api import expect
from wagtail.images.tests.utils import get_test_image_file

from plans.models import UnitIndexPage
from tests.browser.browse_site import PASSWORD, PHONE, BrowserTestCase
from tests.builders import unit


def code_from(secret: str) -> str:
    """What a telephone shows that was given the key on the page."""
    totp = TOTP(b32decode(secret.replace(" ", "")))
    totp.time = time()
    return f"{totp.token():06}"


class SigningInTest(BrowserTestCase):
    def fill(self, page, username, password=PASSWORD):
        page.get_by_label("Tên đăng nhập").fill(username)
        page.get_by_label("Mật khẩu", exact=True).fill(password)
        page.get_by_role("button", name="Đăng nhập").click()

    def test_a_second_factor_is_set_up_and_asked_for_on_a_phone(self):
        page = self.sign_in("giang", PHONE)
        page.locator(".account summary").click()
        page.get_by_role("link", name="Tài khoản của tôi").click()
        page.get_by_role("link", name="Bật xác thực hai bước").click()
        self.assert_fits(page)
        self.assert_accessible(page)
        picture = page.locator("img.qr")
        self.assertTrue(picture.evaluate("image => image.naturalWidth > 0"))
        page.get_by_label("Mã", exact=True).fill(
            code_from(page.locator("code").inner_text())
        )
        page.get_by_role("button", name="Bật").click()
        codes = page.locator(".codes code").all_inner_texts()
        self.assertEqual(len(codes), 10)
        self.assert_fits(page)
        self.assert_accessible(page)
        page.get_by_role("link", name="Tôi đã cất giữ").click()
        expect(page.get_by_role("main")).to_contain_text("Còn 10 mã dự phòng")

        other = self.browser.new_context(viewport=PHONE).new_page()
        self.addCleanup(other.context.close)
        self.open(other, self.congress.get_url())
        self.fill(other, "giang")
        expect(other.get_by_role("heading", level=1)).to_contain_text("bước hai")
        self.assert_fits(other)
        self.assert_accessible(other)
        other.get_by_label("Mã", exact=True).fill(codes[0])
        other.get_by_role("button", name="Tiếp tục").click()
        self.assertTrue(other.url.endswith(self.congress.get_url()), other.url)

    def test_another_device_is_signed_out(self):
        page, other = self.sign_in("giang"), self.sign_in("giang", PHONE)
        self.open(page, reverse("account"))
        self.assert_accessible(page)
        page.get_by_role("button", name="Đăng xuất thiết bị này").click()
        expect(page.locator(".notices")).to_contain_text("Đã đăng xuất 1 thiết bị")
        self.open(other, reverse("account"))
        self.assertIn("/dang-nhap/", other.url)

    def test_the_lock_is_told_and_the_way_out_of_it(self):
        page = self.browser.new_context(viewport=PHONE).new_page()
        self.addCleanup(page.context.close)
        self.open(page, "/")
        for _number in range(5):
            self.fill(page, "giang", "sai")
        expect(page.get_by_role("alert")).to_contain_text("sau 15 phút")
        self.assert_fits(page)
        self.assert_accessible(page)
        page.get_by_role("link", name="Quên mật khẩu").click()
        page.get_by_label("Thư điện tử").fill("giang@example.vn")
        page.get_by_role("button", name="Gửi liên kết").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("hộp thư")
        self.assert_accessible(page)

    def test_it_works_without_script(self):
        page = self.sign_in("giang", java_script_enabled=False)
        self.open(page, reverse("password_change"))
        page.get_by_label("Mật khẩu cũ").fill(PASSWORD)
        page.get_by_label("Mật khẩu mới", exact=True).fill("hoa sen nở tháng sáu")
        page.get_by_label("Xác nhận mật khẩu mới").fill("hoa sen nở tháng sáu")
        page.get_by_role("button", name="Đổi mật khẩu").click()
        expect(page.locator(".notices")).to_contain_text("Đã đổi mật khẩu")


class PolicyTest(BrowserTestCase):
    """No page of the site or the admin asks for what its policy forbids."""

    def watched(self, username):
        page = self.sign_in(username)
        self.told = []

        def note(message):
            if "Security Policy" in message.text or message.type == "error":
                self.told.append(f"{page.url}: {message.text}")

        page.on("console", note)
        page.on("pageerror", lambda error: self.told.append(f"{page.url}: {error}"))
        return page

    def assert_quiet(self):
        # The browser's own time zone is none of the site's business.
        told = [text for text in self.told if "Invalid time zone" not in text]
        self.assertEqual(told, [])

    def test_the_site(self):
        page = self.watched("giang")
        for path in (
            "/",
            self.index.get_url(),
            self.plan.get_url(),
            self.congress.get_url(),
            self.congress.dossier.get_url(),
            UnitIndexPage.objects.get().get_url(),
            unit("111").page.get_url(),
            "/tim-kiem/?q=dai+hoi",
            "/duyet/",
            reverse("account"),
            reverse("set_up_second_factor"),
            reverse("password_change"),
        ):
            self.assertEqual(self.open(page, path).status, 200, path)
            page.wait_for_load_state("networkidle")
        self.assert_quiet()

    def test_a_script_that_was_smuggled_in_does_not_run(self):
        page = self.watched("giang")
        self.open(page, "/")
        page.evaluate(
            """() => {
                const image = document.createElement("div");
                image.innerHTML = '<img src="/x" onerror="window.ran = 1">';
                document.body.append(image);
                const script = document.createElement("script");
                script.textContent = "window.ran = 2";
                document.body.append(script);
            }"""
        )
        page.wait_for_timeout(500)
        self.assertIsNone(page.evaluate("window.ran"))
        self.assertTrue(any("Security Policy" in text for text in self.told))

    def test_the_admin(self):
        root = get_user_model().objects.create_superuser("root", password=PASSWORD)
        page = self.watched("root")
        for name, args in (
            ("wagtailadmin_home", []),
            ("wagtailadmin_explore", [self.plan.pk]),
            ("wagtailadmin_pages:history", [self.plan.pk]),
            ("wagtailadmin_pages:usage", [self.plan.pk]),
            ("wagtailadmin_pages:edit", [self.congress.pk]),
            ("wagtailadmin_pages:edit", [self.congress.dossier.pk]),
            ("wagtailadmin_pages:edit", [unit("111").page.pk]),
            ("wagtailadmin_pages:add", ["plans", "guidancepage", self.plan.pk]),
            ("wagtailadmin_reports:site_history", []),
            ("wagtailusers_users:index", []),
            ("sign_in_of_person", [root.pk]),
            ("wagtailusers_groups:index", []),
            ("wagtailimages:index", []),
            ("wagtaildocs:index", []),
            ("wagtailredirects:add", []),
        ):
            page.goto(self.live_server_url + reverse(name, args=args))
            page.wait_for_load_state("networkidle")
        self.assert_quiet()

    def test_the_editor_with_its_choosers_panels_and_preview(self):
        get_user_model().objects.create_superuser("root", password=PASSWORD)
        page = self.watched("root")
        self.open(page, reverse("wagtailadmin_pages:edit", args=[self.plan.pk]))
        page.wait_for_load_state("networkidle")
        page.locator("[data-chooser-action-choose]:visible").first.click()
        page.locator(".modal-body").first.wait_for()
        page.locator(".modal [data-dismiss='modal']").first.click()
        page.locator(".modal").wait_for(state="detached")
        for panel in page.locator("button[id$='-ADD']:visible").all():
            panel.click()
        page.get_by_role("tab").nth(1).click()
        page.locator("button[id='id_level_rules-ADD']").click()
        page.locator(
            "[aria-controls='form-side-preview'], [data-side-panel-toggle='preview']"
        ).first.click()
        page.frame_locator("iframe[title]").first.locator("body").wait_for()
        page.wait_for_load_state("networkidle")
        self.assert_quiet()

    def test_images_that_are_sent(self):
        get_user_model().objects.create_superuser("root", password=PASSWORD)
        page = self.watched("root")
        self.open(page, reverse("wagtailimages:add_multiple"))
        image = get_test_image_file(filename="a.png").read()
        page.locator("input[type=file]").first.set_input_files(
            [{"name": "a.png", "mimeType": "image/png", "buffer": image}]
        )
        page.locator("#upload-list .upload-complete").first.wait_for()
        page.wait_for_load_state("networkidle")
        self.assert_quiet()
