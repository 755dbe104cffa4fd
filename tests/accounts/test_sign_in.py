"""One way in, and what keeps the wrong people out of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest import skipIf

from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.views import LoginView
from django.db import connection, connections
from django.test import Client, TransactionTestCase, override_settings
from django.urls import get_resolver, reverse
from django.utils import timezone

from intranet.accounts.models import Session
from tests.accounts.people import PASSWORD, SignInTestCase
from tests.builders import restore_root
from tests.matrix.addresses import addresses

LOCKED = "Đã sai mật khẩu quá nhiều lần từ nơi này."


class OneWayInTest(SignInTestCase):
    def test_the_right_password_lets_in_and_a_wrong_one_does_not(self):
        wrong = self.sign_in(password="sai")
        self.assertContains(wrong, "Vui lòng nhập đúng tên đăng nhập và mật khẩu.")
        self.assert_outside()
        self.assertRedirects(self.sign_in(), "/", fetch_redirect_response=False)
        self.assert_inside()

    def test_the_admin_leads_to_the_same_page(self):
        response = self.client.get(reverse("wagtailadmin_home"))
        self.assertRedirects(
            response, "/dang-nhap/?next=/admin/", fetch_redirect_response=False
        )
        for path in ("/admin/login/?next=/admin/", "/_util/login/?next=/admin/"):
            response = self.client.get(path)
            self.assertRedirects(
                response, "/dang-nhap/?next=/admin/", fetch_redirect_response=False
            )

    def test_no_other_address_takes_a_password(self):
        for address in addresses():
            if address.arguments or address.unnamed:
                continue
            client = Client()
            url = address.url({})
            view = get_resolver().resolve(url.split("?")[0]).func
            takes = issubclass(getattr(view, "view_class", object), LoginView)
            self.assertEqual(takes, url == reverse("login"), url)
            if "login" in url:
                client.post(url, {"username": "giang", "password": PASSWORD})
                self.assert_outside(client)

    def test_a_closed_account_gets_the_answer_of_one_that_does_not_exist(self):
        get_user_model().objects.filter(pk=self.giang.pk).update(is_active=False)
        closed = self.sign_in()
        absent = self.sign_in("khong-co")
        self.assertEqual(
            closed.context["form"].non_field_errors(),
            absent.context["form"].non_field_errors(),
        )
        self.assert_outside()

    def test_next_is_followed_on_the_site_only(self):
        for url, goes_to in (
            ("/ke-hoach/?trang=2", "/ke-hoach/?trang=2"),
            ("https://evil.example/", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example/", "/"),
            ("javascript:alert(1)", "/"),
        ):
            client = Client()
            response = client.post(
                reverse("login"),
                {"username": "giang", "password": PASSWORD, "next": url},
            )
            self.assertRedirects(response, goes_to, fetch_redirect_response=False)

    def test_a_session_from_before_does_not_become_that_of_who_signs_in(self):
        self.client.session.save()
        self.client.cookies[settings.SESSION_COOKIE_NAME] = planted = "a" * 32
        self.sign_in()
        key = self.client.cookies[settings.SESSION_COOKIE_NAME].value
        self.assertNotEqual(key, planted)
        stranger = Client()
        stranger.cookies[settings.SESSION_COOKIE_NAME] = planted
        self.assert_outside(stranger)

    def test_signing_out_ends_the_session_itself(self):
        self.sign_in()
        key = self.client.cookies[settings.SESSION_COOKIE_NAME].value
        self.client.post(reverse("logout"))
        self.client.cookies[settings.SESSION_COOKIE_NAME] = key
        self.assert_outside()
        self.assertFalse(Session.objects.exists())

    def test_the_language_can_be_chosen_before_signing_in(self):
        self.client.post(reverse("set_language"), {"language": "en"})
        self.assertContains(self.client.get(reverse("login")), "User name")


class LockTest(SignInTestCase):
    def try_wrong(self, username="giang", times=5, **terms):
        for _attempt in range(times):
            response = self.sign_in(username, "sai", client=Client(), **terms)
        return response

    def test_after_five_wrong_passwords_even_the_right_one_waits(self):
        self.assertEqual(self.try_wrong(times=4).status_code, 200)
        locked = self.try_wrong(times=1)
        self.assertContains(locked, LOCKED, status_code=429)
        self.assertContains(locked, "15 phút", status_code=429)
        self.assertEqual(locked["Retry-After"], "900")
        self.assertContains(self.sign_in(), LOCKED, status_code=429)
        self.assert_outside()

    def test_before_that_the_right_one_lets_in_and_the_count_begins_anew(self):
        self.try_wrong(times=4)
        self.sign_in()
        self.assert_inside()
        self.assertEqual(self.try_wrong(times=4).status_code, 200)

    def test_a_name_that_does_not_exist_is_locked_alike(self):
        real = self.try_wrong("giang")
        absent = self.try_wrong("khong-co")
        self.assertEqual(real.status_code, absent.status_code)
        self.assertContains(absent, LOCKED, status_code=429)

    def test_the_colleague_behind_the_same_address_signs_in(self):
        self.try_wrong("giang", times=20)
        self.sign_in("hanh")
        self.assert_inside()

    def test_the_person_signs_in_from_elsewhere(self):
        self.try_wrong(REMOTE_ADDR="203.0.113.9")
        self.sign_in(REMOTE_ADDR="203.0.113.10")
        self.assert_inside()

    def test_another_browser_does_not_help(self):
        for number in range(5):
            self.sign_in(password="sai", headers={"user-agent": f"Khác {number}"})
        self.assertEqual(self.sign_in().status_code, 429)

    def test_the_lock_ends_by_itself_and_more_tries_do_not_prolong_it(self):
        self.try_wrong()
        self.try_wrong(times=3)
        AccessAttempt.objects.update(
            attempt_time=timezone.now() - timedelta(minutes=15, seconds=1)
        )
        self.sign_in()
        self.assert_inside()

    def test_what_anybody_can_write_into_a_header_does_not_count(self):
        for number in range(5):
            response = self.sign_in(
                password="sai", headers={"x-forwarded-for": f"198.51.100.{number}"}
            )
        self.assertEqual(response.status_code, 429)

    @override_settings(PROXY_COUNT=1)
    def test_behind_a_proxy_the_last_address_counts_and_what_is_before_does_not(self):
        for number in range(5):
            through = f"198.51.100.{number}, 203.0.113.9"
            locked = self.sign_in(password="sai", headers={"x-forwarded-for": through})
        self.assertEqual(locked.status_code, 429)
        self.assertEqual(
            set(AccessAttempt.objects.values_list("ip_address", flat=True)),
            {"203.0.113.9"},
        )
        self.sign_in(headers={"x-forwarded-for": "203.0.113.10"})
        self.assert_inside()

    @override_settings(PROXY_COUNT=1)
    def test_an_address_that_is_none_harms_nothing(self):
        response = self.sign_in(headers={"x-forwarded-for": "<script>"})
        self.assertEqual(response.status_code, 302)
        self.assert_inside()

    def test_failures_are_kept_without_the_password(self):
        self.sign_in(password="Mật khẩu gõ nhầm")
        kept = AccessFailureLog.objects.get()
        self.assertEqual((kept.username, kept.ip_address), ("giang", "127.0.0.1"))
        rows = str(AccessAttempt.objects.values())
        self.assertNotIn("gõ nhầm", rows)

    def test_an_administrator_lifts_it_and_nobody_else(self):
        self.try_wrong()
        url = reverse("sign_in_of_person", args=[self.giang.pk])
        colleague = self.new_client()
        self.sign_in("hanh", client=colleague)
        colleague.post(url, {"action": "lift"})
        self.assertEqual(self.sign_in().status_code, 429)
        root = self.new_client()
        root.force_login(get_user_model().objects.create_superuser("root"))
        self.assertContains(root.get(url), "127.0.0.1")
        root.post(url, {"action": "lift"})
        self.sign_in()
        self.assert_inside()


class CrowdTest(TransactionTestCase):
    """Trying many at once gets no further than trying them one after another."""

    def setUp(self):
        restore_root()
        get_user_model().objects.create_user("giang", password=PASSWORD)

    @skipIf(connection.vendor == "sqlite" and connection.is_in_memory_db(), "one only")
    def test_twenty_at_once_are_all_counted_and_then_it_is_locked(self):
        def attempt(number):
            try:
                return (
                    Client()
                    .post(reverse("login"), {"username": "giang", "password": "sai"})
                    .status_code
                )
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as crowd:
            answers = list(crowd.map(attempt, range(20)))
        self.assertLessEqual(set(answers), {200, 429})
        # Whoever was on the way when the limit fell may still be told "wrong".
        self.assertLessEqual(answers.count(200), 5 + 8)
        right = {"username": "giang", "password": PASSWORD}
        self.assertEqual(self.client.post(reverse("login"), right).status_code, 429)
