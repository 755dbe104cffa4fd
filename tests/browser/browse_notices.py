"""From following a page to ending its mails, in a real browser."""

import re

from django.contrib.auth import get_user_model
from django.core import mail
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import expect

from plans.models import Subscription
from plans.notifications.delivery import deliver
from plans.notifications.telling import tell_all
from tests.browser.browse_site import DESKTOP, PHONE, BrowserTestCase


@override_settings(PLANS_BURST_SECONDS=0)
class NoticesTest(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.lan = get_user_model().objects.get(username="lan")
        self.lan.email = "lan@example.vn"
        self.lan.save(update_fields=["email"])

    def publish_a_change(self):
        """The province's editor changes the plan in the admin and publishes it."""
        page = self.sign_in("an")
        edit = reverse("wagtailadmin_pages:edit", args=[self.plan.pk])
        self.open(page, edit)
        expect(page.get_by_text("1 người: Bạn theo dõi trang này.")).to_be_visible()
        page.get_by_label("nội dung thay đổi").first.fill("Lùi hạn nộp hồ sơ.")
        self.press_publish(page)

    def press_publish(self, page):
        page.locator("footer .w-dropdown__toggle, .footer .w-dropdown__toggle").click()
        page.locator("button[name=action-publish]").click()
        page.wait_for_load_state()

    def test_follow_hear_of_it_and_end_the_mails(self):
        # The worker has told what happened before she follows the plan.
        tell_all()
        reader = self.sign_in("lan", PHONE)
        self.open(reader, self.plan.get_url())
        reader.get_by_role("button", name="Theo dõi").click()
        expect(reader.get_by_role("link", name="Đang theo dõi")).to_be_visible()
        self.assert_fits(reader)
        self.publish_a_change()
        tell_all()
        deliver()
        reader.reload()
        expect(reader.locator(".bell-count")).to_have_text("1")
        reader.locator(".bell").click()
        expect(reader.locator(".told")).to_contain_text("Sửa đổi: Lùi hạn nộp hồ sơ.")
        self.assert_fits(reader)
        self.assert_accessible(reader)
        reader.locator(".told a").first.click()
        expect(reader.locator(".bell-count")).to_have_count(0)
        (message,) = [m for m in mail.outbox if m.to == ["lan@example.vn"]]
        address = message.extra_headers["List-Unsubscribe"].strip("<>")
        path = re.sub(r"^https?://[^/]+", "", address)
        stranger = self.browser.new_context(locale="vi-VN").new_page()
        self.open(stranger, path)
        self.assert_accessible(stranger)
        self.assertTrue(Subscription.objects.get(user=self.lan).by_mail)
        stranger.get_by_role("button", name="Ngừng gửi cho tôi").click()
        expect(stranger.get_by_role("status")).to_contain_text("Đã ngừng")
        self.assertFalse(Subscription.objects.get(user=self.lan).by_mail)

    def test_a_comment_is_told_and_leads_to_where_it_stands(self):
        tell_all()
        edit = reverse("wagtailadmin_pages:edit", args=[self.congress.pk])
        clerk = self.sign_in("giang")
        self.open(clerk, edit)
        field = clerk.locator("[data-contentpath=venue]").first
        field.hover()
        field.get_by_role("button", name="Thêm ý kiến").click()
        clerk.locator(".comment textarea").fill("@an: hội trường nào?")
        clerk.locator(".comment").get_by_role("button", name="Ý kiến").click()
        clerk.get_by_role("button", name="Lưu bản nháp").click()
        clerk.wait_for_load_state()
        tell_all()
        editor = self.sign_in("an")
        self.open(editor, reverse("plans:notices"))
        told = editor.locator(".told").first
        expect(told).to_contain_text("Bạn được nhắc tên trong một ý kiến")
        told.locator("a").first.click()
        expect(editor).to_have_url(re.compile(re.escape(edit)))
        editor.get_by_role("button", name="ý kiến").first.click()
        expect(editor.locator(".comment").first).to_contain_text("hội trường nào?")

    def test_choosing_works_without_script_and_on_a_phone(self):
        page = self.sign_in("giang", PHONE, java_script_enabled=False)
        self.open(page, reverse("plans:notice_settings"))
        self.assert_fits(page)
        page.locator("select[name=files-mail]").select_option("weekly")
        page.locator("[name=quiet_from]").fill("21:00")
        page.locator("[name=quiet_until]").fill("06:00")
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator(".notices")).to_contain_text("Đã lưu.")
        page.get_by_role("button", name="Tạo địa chỉ").last.click()
        expect(page.locator("#address")).to_have_value(re.compile(r"/lich/.+\.ics$"))
        self.assert_fits(page)

    def test_the_screens_are_accessible(self):
        page = self.sign_in("giang", DESKTOP)
        follow = reverse("plans:follow", args=[self.plan.pk])
        for path in (
            reverse("plans:following"),
            reverse("plans:notices"),
            reverse("plans:notice_settings"),
            follow,
        ):
            self.open(page, path)
            self.assert_fits(page)
            self.assert_accessible(page)
