"""The second factor: nobody passes with half a sign-in, and no code holds twice."""

from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth import get_user_model
from django.core import mail
from django.core.checks import run_checks
from django.db import connections
from django.test import Client, TransactionTestCase, override_settings
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import ModelLogEntry

from intranet.accounts import second_factor
from intranet.accounts.models import Session
from intranet.accounts.views.account import KEY as KEY_IN_SESSION
from plans.models import Membership, Role
from tests.accounts.people import KEY, PASSWORD, SignInTestCase, code_at
from tests.builders import restore_root
from tests.matrix.addresses import addresses

WRONG = "Mã không đúng hoặc đã được dùng."


def actions_on(user):
    return list(
        ModelLogEntry.objects.for_instance(user)
        .order_by("timestamp")
        .values_list("action", flat=True)
    )


class GivingItTest(SignInTestCase):
    def setUp(self):
        self.codes = self.give_telephone(self.giang)

    def give(self, code, client=None, **data):
        return (client or self.client).post(
            reverse("second_factor"), {"code": code, **data}
        )

    def test_the_password_alone_opens_nothing(self):
        response = self.sign_in()
        self.assertRedirects(response, reverse("second_factor"))
        self.assert_outside()
        self.assertEqual(self.client.get("/admin/").status_code, 302)

    def test_the_password_and_the_code_open(self):
        self.sign_in()
        self.assertRedirects(self.give(code_at()), "/", fetch_redirect_response=False)
        self.assert_inside()

    def test_a_wrong_code_does_not_and_the_next_must_wait(self):
        self.sign_in()
        self.assertContains(self.give("000000"), WRONG)
        self.assertContains(self.give(code_at()), WRONG)
        second = self.give("000000")
        self.assertContains(second, WRONG)
        self.assert_outside()
        TOTPDevice.objects.update(throttling_failure_count=4)
        self.assertContains(self.give(code_at()), "giây rồi thử lại")

    def test_a_code_does_not_hold_a_second_time(self):
        self.sign_in()
        code = code_at()
        self.give(code)
        other = self.new_client()
        self.sign_in(client=other)
        self.assertContains(self.give(code, other), WRONG)
        self.assert_outside(other)

    def test_a_code_on_paper_holds_once(self):
        self.sign_in()
        self.give(f" {self.codes[0].upper()} ")
        self.assert_inside()
        other = self.new_client()
        self.sign_in(client=other)
        self.give(self.codes[0], other)
        self.assert_outside(other)
        self.assertEqual(second_factor.codes_left(self.giang), 9)

    def test_the_code_of_another_person_does_not_hold(self):
        others = self.give_telephone(self.hanh)
        self.sign_in()
        self.give(others[0])
        self.assert_outside()

    def test_next_is_followed_on_the_site_only(self):
        for url, goes_to in (("/ke-hoach/", "/ke-hoach/"), ("//evil.example/", "/")):
            TOTPDevice.objects.update(last_t=-1)
            client = Client()
            asked = client.post(
                reverse("login"),
                {"username": "giang", "password": PASSWORD, "next": url},
            )
            self.assertNotIn("evil", asked.url)
            response = self.give(code_at(), client, next=url)
            self.assertRedirects(response, goes_to, fetch_redirect_response=False)

    def test_the_session_gets_a_new_key_with_the_second_half(self):
        self.sign_in()
        half = self.client.session.session_key
        self.give(code_at())
        self.assertNotEqual(self.client.session.session_key, half)
        self.assertFalse(Session.objects.filter(pk=half).exists())

    def test_half_a_sign_in_is_nobody_at_every_door(self):
        self.sign_in()
        nobody = Client()
        for address in addresses():
            if address.arguments or address.unnamed or address.key == "logout":
                continue
            url = address.url({})
            half, none = self.client.get(url), nobody.get(url)
            if url.startswith("/dang-nhap/"):
                continue
            self.assertEqual(
                (half.status_code, half.headers.get("Location")),
                (none.status_code, none.headers.get("Location")),
                url,
            )

    def test_nobody_is_asked_for_it_without_the_password(self):
        self.assertRedirects(self.client.get(reverse("second_factor")), "/dang-nhap/")
        self.assertRedirects(self.give(code_at()), "/dang-nhap/")

    def test_another_account_can_be_taken_instead(self):
        self.sign_in()
        self.client.post(reverse("logout"))
        self.sign_in("hanh")
        self.assert_inside()

    def test_who_has_none_is_not_asked(self):
        self.assertEqual(self.sign_in("hanh").url, "/")
        self.assert_inside()
        self.assertRedirects(
            self.client.get(reverse("second_factor")),
            "/",
            fetch_redirect_response=False,
        )


class SettingItUpTest(SignInTestCase):
    def setUp(self):
        self.sign_in()

    def set_up(self, code=None, client=None):
        client = client or self.client
        client.get(reverse("set_up_second_factor"))
        session = client.session
        session[KEY_IN_SESSION] = KEY
        session.save()
        data = {"code": code or code_at()}
        return client.post(reverse("set_up_second_factor"), data)

    def test_the_codes_on_paper_are_shown_once(self):
        shown = self.set_up()
        codes = shown.context["codes"]
        self.assertEqual(len(set(codes)), 10)
        for code in codes:
            self.assertContains(shown, code)
        self.assertRedirects(
            self.client.get(reverse("set_up_second_factor")), reverse("account")
        )
        for url in (reverse("account"), reverse("change_second_factor")):
            self.assertNotContains(self.client.get(url), codes[0])
        self.assert_inside()
        self.assertIn(second_factor.TURNED_ON, actions_on(self.giang))

    def test_a_wrong_code_sets_nothing_up(self):
        self.assertContains(self.set_up("000000"), WRONG)
        self.assertContains(self.set_up("chữ"), WRONG)
        self.assertFalse(TOTPDevice.objects.exists())
        self.assertFalse(StaticDevice.objects.exists())

    def test_the_code_that_set_it_up_does_not_sign_in(self):
        code = code_at()
        self.set_up(code)
        other = self.new_client()
        self.sign_in(client=other)
        other.post(reverse("second_factor"), {"code": code})
        self.assert_outside(other)

    def test_what_was_open_without_it_is_closed(self):
        other = self.new_client()
        self.sign_in(client=other)
        self.assert_inside(other)
        self.set_up()
        self.assert_outside(other)
        self.assert_inside()

    def test_the_picture_is_for_the_own_telephone_and_is_kept_nowhere(self):
        self.assertEqual(self.client.get(reverse("qr_code")).status_code, 404)
        page = self.client.get(reverse("set_up_second_factor"))
        picture = self.client.get(reverse("qr_code"))
        self.assertEqual(picture["Content-Type"], "image/svg+xml")
        self.assertIn(b"<svg", picture.content)
        for response in (page, picture):
            self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual(Client().get(reverse("qr_code")).status_code, 404)

    def test_one_person_sets_up_one(self):
        self.set_up()
        with self.assertRaises(second_factor.WrongCodeError):
            second_factor.turn_on(user=self.giang, key=KEY, code=code_at())
        self.assertEqual(TOTPDevice.objects.count(), 1)

    def test_the_person_is_told_by_mail(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.set_up()
        self.assertEqual(mail.outbox[0].to, ["giang@example.vn"])
        self.assertIn("xác thực hai bước", mail.outbox[0].body)

    def test_a_mail_server_that_is_away_stops_nothing(self):
        backend = "tests.accounts.people.NoMailServer"
        with (
            override_settings(EMAIL_BACKEND=backend),
            self.captureOnCommitCallbacks(execute=True),
        ):
            self.set_up()
        self.assert_inside()


class ChangingItTest(SignInTestCase):
    def setUp(self):
        self.codes = self.give_telephone(self.giang)
        self.sign_in()
        self.client.post(reverse("second_factor"), {"code": code_at(-1)})

    def change(self, code, **data):
        return self.client.post(reverse("change_second_factor"), {"code": code, **data})

    def test_new_codes_take_the_place_of_the_old(self):
        new = self.change(code_at()).context["codes"]
        kept = set(StaticToken.objects.values_list("token", flat=True))
        self.assertEqual(kept, set(new))
        self.assertFalse(kept & set(self.codes))

    def test_it_is_turned_off_with_a_code_and_not_without(self):
        self.assertContains(self.change("000000", off=1), WRONG)
        self.assertTrue(TOTPDevice.objects.exists())
        TOTPDevice.objects.update(throttling_failure_count=0)
        self.assertRedirects(self.change(code_at(), off=1), reverse("account"))
        self.assertFalse(TOTPDevice.objects.exists())
        self.assertFalse(StaticToken.objects.exists())
        self.assertIn(second_factor.TURNED_OFF, actions_on(self.giang))

    @override_settings(OTP_REQUIRED_ROLES=["staff"])
    def test_who_must_have_one_sets_another_up_at_once(self):
        response = self.change(code_at(), off=1)
        self.assertRedirects(response, reverse("set_up_second_factor"))
        self.assert_outside()

    def test_who_has_none_changes_none(self):
        client = self.new_client()
        self.sign_in("hanh", client=client)
        response = client.get(reverse("change_second_factor"))
        self.assertRedirects(response, reverse("account"))


class RequiredTest(SignInTestCase):
    @override_settings(OTP_REQUIRED_ROLES=["staff"])
    def test_the_role_asks_for_it_before_anything_opens(self):
        response = self.sign_in()
        self.assert_outside()
        response = self.client.get(reverse("login"), follow=True)
        self.assertRedirects(response, reverse("set_up_second_factor"))
        self.assertContains(response, "Vai trò của bạn bắt buộc")
        session = self.client.session
        session[KEY_IN_SESSION] = KEY
        session.save()
        self.client.post(reverse("set_up_second_factor"), {"code": code_at()})
        self.assert_inside()

    @override_settings(OTP_REQUIRED_ROLES=["board", "superuser"])
    def test_other_roles_are_not_asked(self):
        self.sign_in()
        self.assert_inside()

    @override_settings(OTP_REQUIRED_ROLES=["superuser"])
    def test_a_superuser_is_asked(self):
        get_user_model().objects.create_superuser("root", password=PASSWORD)
        self.sign_in("root")
        self.assert_outside()

    def test_who_was_inside_when_the_role_came_is_asked_too(self):
        self.sign_in()
        with override_settings(OTP_REQUIRED_ROLES=["head"]):
            self.assert_inside()
            Membership.objects.filter(user=self.giang).update(role=Role.HEAD)
            self.assert_outside()

    def test_a_role_that_does_not_exist_is_a_fault_of_the_settings(self):
        with override_settings(OTP_REQUIRED_ROLES=["nobody"]):
            self.assertIn("accounts.E001", {error.id for error in run_checks()})
        with override_settings(OTP_REQUIRED_ROLES=["board", "superuser"]):
            self.assertNotIn("accounts.E001", {error.id for error in run_checks()})

    def test_other_sessions_are_a_fault_of_the_settings(self):
        with override_settings(SESSION_ENGINE="django.contrib.sessions.backends.db"):
            self.assertIn("accounts.E002", {error.id for error in run_checks()})


class LosingItTest(SignInTestCase):
    def setUp(self):
        self.give_telephone(self.giang)
        self.sign_in()
        self.client.post(reverse("second_factor"), {"code": code_at()})
        self.url = reverse("sign_in_of_person", args=[self.giang.pk])

    def test_an_administrator_takes_it_away_and_it_is_written_down(self):
        root = get_user_model().objects.create_superuser("root")
        admin = self.new_client()
        admin.force_login(root)
        self.assertContains(admin.get(self.url), "Gỡ xác thực hai bước")
        with self.captureOnCommitCallbacks(execute=True):
            admin.post(self.url, {"action": "reset"})
        self.assertFalse(TOTPDevice.objects.exists())
        self.assert_outside()
        entry = ModelLogEntry.objects.get(action=second_factor.RESET)
        self.assertEqual((entry.user, entry.object_id), (root, str(self.giang.pk)))
        self.assertEqual(mail.outbox[0].to, ["giang@example.vn"])
        self.sign_in()
        self.assert_inside()

    def test_nobody_else_does(self):
        self.sign_in("hanh", client=(client := self.new_client()))
        for method in (client.get, client.post):
            self.assertEqual(method(self.url, {"action": "reset"}).status_code, 302)
        self.assertTrue(TOTPDevice.objects.exists())
        self.assert_inside()

    def test_an_unknown_action_does_nothing(self):
        admin = self.new_client()
        admin.force_login(get_user_model().objects.create_superuser("root"))
        admin.post(self.url, {"action": "khong-co"})
        self.assertTrue(TOTPDevice.objects.exists())

    def test_the_list_of_people_leads_there(self):
        admin = self.new_client()
        admin.force_login(get_user_model().objects.create_superuser("root"))
        listed = admin.get(reverse("wagtailusers_users:index"))
        self.assertContains(listed, self.url)


class AtOnceTest(TransactionTestCase):
    def setUp(self):
        restore_root()
        self.giang = get_user_model().objects.create_user("giang", password=PASSWORD)

    def together(self, data):
        def send(_number):
            client = Client()
            try:
                client.post(
                    reverse("login"), {"username": "giang", "password": PASSWORD}
                )
                client.post(reverse("second_factor"), data)
                return client.get(reverse("account")).status_code == 200
            finally:
                connections.close_all()

        with ThreadPoolExecutor(6) as crowd:
            return sum(crowd.map(send, range(6)))

    def test_one_code_sent_six_times_at_once_lets_one_in(self):
        codes = second_factor._write_codes(self.giang)
        TOTPDevice.objects.create(user=self.giang, name="totp", key=KEY)
        self.assertEqual(self.together({"code": code_at()}), 1)
        self.assertEqual(self.together({"code": codes[0]}), 1)
