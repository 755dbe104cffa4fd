"""docs/editors.md, "Thêm cán bộ của một xã", step by step, as a newcomer reads it."""

from playwright.sync_api import expect

from plans.models import Membership, Role
from tests.browser.browse_site import DESKTOP, PASSWORD, PHONE, BrowserTestCase
from tests.builders import make_user, unit
from tests.plans.test_people_import import excel, person


class NewcomerTest(BrowserTestCase):
    def setUp(self):
        super().setUp()
        make_user("oanh", "1", Role.HEAD)
        make_user("son", "1", Role.STAFF, manages_staff=True)

    def visit(self, viewport=DESKTOP, **options):
        context = self.browser.new_context(viewport=viewport, **options)
        self.addCleanup(context.close)
        return context.new_page()

    def add_a_clerk(self, page):
        """The steps 1 to 4: what comes of them is the link."""
        page.locator("summary", has_text="son").click()
        page.get_by_role("link", name="Cán bộ", exact=True).click()
        page.get_by_label("Đơn vị hoặc cán bộ").fill("xa dong 1")
        page.get_by_role("button", name="Tìm", exact=True).click()
        # On a phone the table is a list of cards.
        row = page.locator("tr", has_text="Xã Đông 1").filter(has_text="Huyện Ba 1")
        row.get_by_role("link").first.click()
        page.get_by_role("link", name="Thêm cán bộ").click()
        page.get_by_label("Họ và tên").fill("Nguyễn Thị Thủy")
        page.get_by_label("Vai trò").select_option(label="cán bộ")
        page.get_by_role("button", name="Thêm", exact=True).click()
        page.get_by_role("button", name="Hiện đường dẫn để trao tay").click()
        return page.locator("dd", has_text="/moi/").inner_text()

    def choose_a_password(self, page, link):
        """Step 5: open the link, choose a password, sign in."""
        page.goto(link)
        expect(page.get_by_role("main")).to_contain_text("thuynt")
        page.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
        page.get_by_label("Xác nhận mật khẩu mới").fill(PASSWORD)
        page.get_by_role("button", name="Lưu mật khẩu").click()
        page.get_by_label("Tên đăng nhập").fill("thuynt")
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()

    def test_a_newcomer_adds_a_clerk_who_edits_the_own_commune_only(self):
        manager = self.sign_in("son")
        link = self.add_a_clerk(manager)
        clerk = self.visit()
        self.choose_a_password(clerk, link)
        self.open(clerk, unit("111").page.get_url())
        clerk.get_by_role("link", name="Sửa trang này").click()
        clerk.locator("#id_phone").fill("0299 111 222")
        clerk.locator("footer [data-w-dropdown-target=toggle]").click()
        clerk.get_by_role("button", name="Xuất bản", exact=True).click()
        clerk.wait_for_load_state("networkidle")
        self.open(clerk, unit("111").page.get_url())
        expect(clerk.get_by_role("main")).to_contain_text("0299 111 222")
        neighbour = unit("112").page
        self.open(clerk, neighbour.get_url())
        expect(clerk.get_by_role("link", name="Sửa trang này")).to_have_count(0)
        self.open(clerk, f"/admin/pages/{neighbour.pk}/edit/")
        self.assertNotIn(f"/{neighbour.pk}/edit", clerk.url)
        # The link worked once.
        other = self.visit()
        other.goto(link)
        expect(other.get_by_role("main")).to_contain_text("không còn hiệu lực")

    def test_it_works_on_a_phone_and_without_script(self):
        manager = self.sign_in("son", PHONE, java_script_enabled=False)
        link = self.add_a_clerk(manager)
        clerk = self.visit(PHONE, java_script_enabled=False)
        self.choose_a_password(clerk, link)
        expect(clerk.get_by_role("heading", level=1)).to_contain_text("Nguyễn Thị Thủy")

    def test_every_screen_fits_and_passes_axe(self):
        giang = Membership.objects.get(user__username="giang")
        addresses = [
            "/can-bo/",
            "/can-bo/?q=dong",
            f"/can-bo/{unit('111').pk}/",
            f"/can-bo/{unit('111').pk}/them/",
            f"/can-bo/vai-tro/{giang.pk}/",
            f"/can-bo/nguoi/{giang.user_id}/",
            "/can-bo/nhap/",
            "/moi/MQ/khong-co/",
        ]
        for viewport, scheme in ((PHONE, "dark"), (DESKTOP, "light")):
            page = self.sign_in("oanh", viewport, color_scheme=scheme)
            for path in addresses:
                self.open(page, path)
                self.assert_fits(page)
                self.assert_accessible(page)

    def test_a_list_is_looked_at_and_taken_in(self):
        page = self.sign_in("oanh", PHONE)
        self.open(page, "/can-bo/nhap/")
        for rows, text in (
            ([person(role="giám đốc")], "Dòng 2"),
            ([person("Lê Một"), person("Lê Hai", "112")], "2 tài khoản mới"),
        ):
            file = {"name": "ds.xlsx", "mimeType": "", "buffer": excel(*rows)}
            page.get_by_label("Danh sách cán bộ").set_input_files([file])
            page.get_by_role("button", name="Xem trước").click()
            expect(page.get_by_role("main")).to_contain_text(text)
            self.assert_fits(page)
            self.assert_accessible(page)
        page.get_by_role("button", name="Nhập 2 dòng").click()
        expect(page.locator("dd", has_text="/moi/")).to_have_count(2)
        self.assert_fits(page)
        self.assert_accessible(page)
