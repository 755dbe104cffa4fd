"""The site in a real browser, as the people of the cast use it.

Not part of the plain test run: it needs Debian's chromium (`make browser`).
"""

import os
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from plans.actions.congresses import open_congress
from plans.models import CongressPage, DossierPage, Role, UnitIndexPage
from tests.builders import (
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)

PASSWORD = "bí mật nào đó"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class BrowserTestCase(StaticLiveServerTestCase):
    @classmethod
    def setUpClass(cls):
        # Playwright runs an event loop, in which Django otherwise refuses its queries.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        super().setUpClass()
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS
        )

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.playwright.stop()
        super().tearDownClass()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]

    def setUp(self):
        restore_root()
        self.province = make_units()
        self.index = open_site(self.province)
        self.plan = make_plan(self.index)
        for username, code, role in (
            ("an", "1", Role.EDITOR),
            ("giang", "111", Role.STAFF),
            ("hanh", "112", Role.STAFF),
            ("kien", "12", Role.BOARD),
            ("lan", "", ""),
        ):
            make_user(username, code, role)
        self.congress = open_congress(plan=self.plan, unit=unit("111"), pilot=True)
        DossierPage.objects.update(
            review_before=timezone.localdate() + timedelta(days=3)
        )

    def sign_in(self, username, viewport=DESKTOP, **options):
        context = self.browser.new_context(viewport=viewport, **options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.goto(f"{self.live_server_url}/")
        page.get_by_label("Tên đăng nhập").fill(username)
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        return page

    def open(self, page, path):
        return page.goto(f"{self.live_server_url}{path}")

    def assert_fits(self, page):
        width = page.evaluate("document.documentElement.scrollWidth")
        self.assertLessEqual(width, page.viewport_size["width"], page.url)

    def assert_accessible(self, page):
        results = Axe().run(page)
        self.assertEqual(
            results.violations_count, 0, f"{page.url}: {results.generate_report()}"
        )


class ReadingTest(BrowserTestCase):
    def addresses(self):
        return [
            "/",
            self.index.get_url(),
            self.plan.get_url(),
            self.congress.get_url(),
            self.congress.dossier.get_url(),
            UnitIndexPage.objects.get().get_url(),
            unit("111").page.get_url(),
            "/tim-kiem/?q=dai+hoi",
            "/khong-co/",
        ]

    def test_a_clerk_finds_the_dossier_and_its_deadline_on_a_phone(self):
        page = self.sign_in("giang", PHONE)
        page.get_by_role("main").get_by_role("link", name="Xã Đông 1").first.click()
        expect(page.get_by_role("main")).to_contain_text("trích ngang")
        expect(page.get_by_role("main")).to_contain_text("còn")
        self.assert_fits(page)

    def test_every_page_fits_phone_and_desktop_and_passes_axe(self):
        for viewport in (PHONE, DESKTOP):
            for scheme in ("light", "dark"):
                page = self.sign_in("giang", viewport, color_scheme=scheme)
                for path in self.addresses():
                    self.open(page, path)
                    self.assert_fits(page)
                    results = Axe().run(page)
                    self.assertEqual(
                        results.violations_count,
                        0,
                        f"{path} {viewport} {scheme}: {results.generate_report()}",
                    )

    def test_the_head_is_one_line_whatever_ones_name_is(self):
        names = {"last_name": "Công Tằng Tôn Nữ Hoàng", "first_name": "Thị Minh Khai"}
        get_user_model().objects.filter(username="giang").update(**names)
        page = self.sign_in("giang")
        for width in (1024, 1152, 1280, 1366, 1920):
            page.set_viewport_size({"width": width, "height": 700})
            boxes = [
                page.locator(f".masthead {part}").bounding_box()
                for part in (".wordmark", ".quicksearch input", ".bell", ".account")
            ]
            self.assertLess(max(box["y"] for box in boxes), 40, width)
            self.assertGreater(boxes[1]["width"], 100, width)

    def test_it_works_without_scripts(self):
        page = self.sign_in("giang", java_script_enabled=False)
        for path in self.addresses()[:-1]:
            self.assertEqual(self.open(page, path).status, 200, path)

    def test_nothing_is_asked_of_another_host_and_nothing_fails(self):
        page = self.sign_in("giang")
        asked, failed = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on(
            "console",
            lambda message: (
                failed.append(message.text) if message.type == "error" else None
            ),
        )
        for path in self.addresses()[:-1]:
            self.open(page, path)
        foreign = [
            url
            for url in asked
            if not url.startswith((self.live_server_url, "data:", "blob:"))
        ]
        self.assertEqual(foreign, [])
        self.assertEqual(failed, [])

    def test_the_keyboard_reaches_the_content_first(self):
        page = self.sign_in("lan")
        self.open(page, self.plan.get_url())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        self.assertTrue(page.url.endswith("#main"))

    def test_a_reader_does_not_find_a_dossier(self):
        page = self.sign_in("lan")
        self.assertEqual(self.open(page, self.congress.dossier.get_url()).status, 404)
        self.open(page, self.congress.get_url())
        expect(page.get_by_role("main")).not_to_contain_text("trích ngang")


class WorkingTest(BrowserTestCase):
    def test_a_board_chooses_its_pilot(self):
        page = self.sign_in("kien")
        page.get_by_role("main").get_by_role("link", name="Huyện Ba 2").first.click()
        page.get_by_label("Đơn vị", exact=True).select_option(label="Xã Đông 2 (122)")
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_role("main").locator("form [type=submit]").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Xã Đông 2")
        self.assertTrue(
            CongressPage.objects.filter(unit__code="122", is_pilot=True).exists()
        )

    def test_the_editor_writes_vietnamese_addresses(self):
        page = self.sign_in("an")
        self.open(page, f"/admin/pages/add/plans/planpage/{self.index.pk}/")
        page.locator("#id_title").press_sequentially("Đại hội điểm đầu năm", delay=20)
        page.locator("#id_title").blur()
        expect(page.locator("#id_slug")).to_have_value("dai-hoi-diem-dau-nam")

    def test_a_clerk_edits_the_own_congress_and_not_the_neighbours(self):
        neighbour = open_congress(plan=self.plan, unit=unit("112"))
        page = self.sign_in("giang")
        self.open(page, f"/admin/pages/{self.congress.pk}/edit/")
        page.locator("#id_venue").fill("Hội trường xã")
        page.locator("footer [data-w-dropdown-target=toggle]").click()
        page.get_by_role("button", name="Xuất bản", exact=True).click()
        page.wait_for_load_state("networkidle")
        self.open(page, self.congress.get_url())
        expect(page.get_by_role("main")).to_contain_text("Hội trường xã")
        self.open(page, f"/admin/pages/{neighbour.pk}/edit/")
        self.assertNotIn(f"/{neighbour.pk}/edit", page.url)
