"""Changing the password, and a new one where it was forgotten."""

import re
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from intranet.accounts.signing_out import PASSWORD_CHANGED
from plans.actions.invitations import invite
from plans.models import Invitation
from tests.accounts.people import PASSWORD, SignInTestCase, code_at
from tests.accounts.test_second_factor import actions_on

NEW = "hoa sen nở tháng sáu"


class ChangeTest(SignInTestCase):
    def setUp(self):
        self.sign_in()

    def change(self, old=PASSWORD, new=NEW, again=None):
        return self.client.post(
            reverse("password_change"),
            {
                "old_password": old,
                "new_password1": new,
                "new_password2": again or new,
            },
        )

    def test_it_signs_the_other_devices_out_and_this_one_stays(self):
        other = self.new_client()
        self.sign_in(client=other)
        with self.captureOnCommitCallbacks(execute=True):
            self.assertRedirects(self.change(), reverse("account"))
        self.assert_outside(other)
        self.assert_inside()
        self.assertIn(PASSWORD_CHANGED, actions_on(self.giang))
        self.assertEqual(mail.outbox[0].to, ["giang@example.vn"])

    def test_the_new_one_lets_in_and_the_old_one_does_not(self):
        self.change()
        self.sign_in(client=(old := self.new_client()))
        self.assert_outside(old)
        self.sign_in(password=NEW, client=(new := self.new_client()))
        self.assert_inside(new)

    def test_what_is_wrong_is_said_in_vietnamese_and_nothing_changes(self):
        for terms, text in (
            ({"old": "sai"}, "Mật khẩu cũ"),
            ({"new": "ngắn"}, "ít nhất 10 ký tự"),
            ({"new": "1234567890123"}, "chữ số"),
            ({"new": "password123"}, "phổ biến"),
            ({"new": "giang@example"}, "giống"),
            ({"again": "khác hẳn cái kia"}, "không"),
        ):
            response = self.change(**terms)
            self.assertContains(response, 'class="errorlist"')
            errors = " ".join(
                str(error)
                for errors in response.context["form"].errors.values()
                for error in errors
            )
            self.assertIn(text, errors)
            self.assertNotRegex(errors, r"\b(password|The|This|too)\b")
        self.sign_in(client=(still := self.new_client()))
        self.assert_inside(still)

    def test_the_admin_has_no_second_place_for_it(self):
        page = self.client.get(reverse("wagtailadmin_account"))
        self.assertNotContains(page, "old_password")


class ForgottenTest(SignInTestCase):
    def ask(self, email="giang@example.vn"):
        return self.client.post(reverse("password_reset"), {"email": email})

    def link(self, base="http://testserver"):
        return re.search(base + r"(/\S+)", mail.outbox[-1].body)[1]

    def set_new(self, password=NEW, **terms):
        link = self.link(**terms)
        page = self.client.get(link, follow=True)
        url = page.redirect_chain[-1][0] if page.redirect_chain else link
        return self.client.post(
            url, {"new_password1": password, "new_password2": password}
        )

    def test_the_link_in_the_mail_sets_a_new_one_once(self):
        self.ask()
        self.assertIn("Kính gửi", mail.outbox[0].body)
        self.assertRedirects(self.set_new(), reverse("login"))
        self.sign_in(password=NEW)
        self.assert_inside()
        again = self.client.get(self.link(), follow=True)
        self.assertContains(again, "không còn hiệu lực")

    def test_an_address_without_account_gets_the_same_answer_and_no_mail(self):
        known, unknown = self.ask(), self.ask("khong-co@example.vn")
        self.assertEqual(
            (known.status_code, known.url), (unknown.status_code, unknown.url)
        )
        self.assertEqual(len(mail.outbox), 1)

    def test_asking_again_and_again_sends_one_mail_in_five_minutes(self):
        for _number in range(4):
            self.ask()
        self.assertEqual(len(mail.outbox), 1)
        ModelLogEntry.objects.update(timestamp=timezone.now() - timedelta(minutes=6))
        self.ask()
        self.assertEqual(len(mail.outbox), 2)

    def invite(self, minutes_ago, **terms):
        """As one who was invited and has chosen no password yet."""
        with self.captureOnCommitCallbacks(execute=True):
            invite(person=self.giang, actor=None)
        made_at = timezone.now() - timedelta(minutes=minutes_ago)
        Invitation.objects.update(made_at=made_at)
        type(self.giang).objects.filter(pk=self.giang.pk).update(**terms)
        mail.outbox.clear()

    def test_who_was_invited_and_lost_the_mail_is_invited_anew(self):
        self.invite(minutes_ago=6)
        with self.captureOnCommitCallbacks(execute=True):
            self.assertRedirects(self.ask(), reverse("password_reset_done"))
        self.set_new(base=settings.WAGTAILADMIN_BASE_URL)
        self.sign_in(password=NEW)
        self.assert_inside()

    def test_nobody_is_invited_anew_too_soon_or_to_a_closed_account(self):
        for minutes_ago, terms in ((4, {}), (6, {"is_active": False})):
            self.invite(minutes_ago, **terms)
            with self.captureOnCommitCallbacks(execute=True):
                self.ask()
            self.assertEqual(mail.outbox, [])

    def test_it_signs_out_and_lifts_the_lock(self):
        self.sign_in(client=(open_elsewhere := self.new_client()))
        for _number in range(5):
            self.sign_in(password="sai", client=self.new_client())
        self.ask()
        self.set_new()
        self.assert_outside(open_elsewhere)
        self.sign_in(password=NEW)
        self.assert_inside()

    def test_it_does_not_take_the_place_of_the_second_factor(self):
        self.give_telephone(self.giang)
        self.ask()
        self.set_new()
        self.assert_outside()
        self.sign_in(password=NEW)
        self.assert_outside()
        self.client.post(reverse("second_factor"), {"code": code_at()})
        self.assert_inside()

    def test_a_weak_one_is_refused(self):
        self.ask()
        self.assertContains(self.set_new("1234"), "ít nhất 10 ký tự")

    def test_the_admins_old_addresses_lead_here(self):
        for path, name in (
            ("/admin/password_reset/", "password_reset"),
            ("/admin/password_reset/done/", "password_reset_done"),
            ("/admin/password_reset/complete/", "login"),
        ):
            self.assertRedirects(self.client.get(path), reverse(name))
        old = self.client.get("/admin/password_reset/confirm/MQ/a-b/")
        self.assertEqual(old.url, "/quen-mat-khau/MQ/a-b/")
