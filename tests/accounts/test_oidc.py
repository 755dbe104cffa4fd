"""Signing in with the office's own accounts gives nobody an account or a right."""

from time import time
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client, override_settings
from django.urls import reverse

from plans.models import Membership
from tests.accounts.people import SignInTestCase, code_at
from tests.accounts.provider import Provider
from tests.builders import make_user

BACKENDS = ["intranet.accounts.oidc.OfficeBackend", *settings.AUTHENTICATION_BACKENDS]


class OfficeTest(SignInTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.count = get_user_model().objects.count()

    def setUp(self):
        self.office = Provider()
        self.addCleanup(self.office.server_close)
        self.addCleanup(self.office.shutdown)
        terms = override_settings(
            AUTHENTICATION_BACKENDS=BACKENDS, **self.office.settings()
        )
        terms.enable()
        self.addCleanup(terms.disable)

    def go(self, client=None, next_url="", **changes):
        """To the office and back, with what it was asked changed on the way."""
        client = client or self.client
        asked = client.get(reverse("office_sign_in"), {"next": next_url})
        query = dict(parse_qsl(urlsplit(asked.url).query))
        self.office.asked = query
        back = {"code": "c", "state": query["state"], **changes}
        return client.get(reverse("oidc_authentication_callback"), back)

    def assert_refused(self, **changes):
        client = Client()
        response = self.go(client, **changes)
        self.assertEqual(response.status_code, 302, changes)
        self.assertContains(client.get(response.url), "Không tìm thấy tài khoản")
        self.assert_outside(client)

    def test_the_page_offers_it_only_where_it_is_set(self):
        offered = "Đăng nhập bằng tài khoản cơ quan"
        self.assertContains(self.client.get(reverse("login")), offered)
        with override_settings(OIDC_RP_CLIENT_ID=""):
            self.assertNotContains(self.client.get(reverse("login")), offered)

    def test_who_has_an_account_with_the_address_is_let_in(self):
        response = self.go(next_url="/ke-hoach/")
        self.assertRedirects(response, "/ke-hoach/", fetch_redirect_response=False)
        self.assert_inside()
        self.assertEqual(self.client.session["_auth_user_id"], str(self.giang.pk))

    def test_it_asks_with_nonce_state_and_pkce(self):
        self.go()
        asked = self.office.asked
        self.assertEqual(asked["code_challenge_method"], "S256")
        self.assertTrue(asked["nonce"])
        self.assertTrue(asked["state"])

    def test_next_is_followed_on_the_site_only(self):
        response = self.go(next_url="https://evil.example/")
        self.assertRedirects(response, "/", fetch_redirect_response=False)

    def test_nobody_gets_an_account_or_a_right_by_it(self):
        self.office.claims |= {"email": "moi@example.vn", "groups": ["admin"]}
        self.assert_refused()
        self.assertEqual(get_user_model().objects.count(), self.count)
        self.office.claims |= {"email": "giang@example.vn"}
        before = list(Membership.objects.values())
        self.go()
        self.giang.refresh_from_db()
        self.assertFalse(self.giang.is_superuser or self.giang.is_staff)
        self.assertFalse(Permission.objects.filter(user=self.giang).exists())
        self.assertEqual(list(Membership.objects.values()), before)

    def test_claims_that_prove_nothing_are_refused(self):
        for claims in (
            {"email_verified": False},
            {"email_verified": None},
            {"email": ""},
            {"sub": "2"},
        ):
            kept = self.office.claims
            self.office.claims = {**kept, **claims}
            self.assert_refused()
            self.office.claims = kept

    def test_a_closed_account_and_an_address_of_two_are_refused(self):
        get_user_model().objects.filter(pk=self.giang.pk).update(is_active=False)
        self.assert_refused()
        get_user_model().objects.filter(pk=self.giang.pk).update(is_active=True)
        make_user("giang2", "112", email="GIANG@example.vn")
        self.assert_refused()

    def test_a_token_that_is_not_for_this_sign_in_is_refused(self):
        for token in ({"nonce": "khác"}, {"aud": "site-khac"}, {"exp": time() - 60}):
            self.office.token = token
            client = Client(raise_request_exception=False)
            self.assertGreaterEqual(self.go(client).status_code, 400, token)
            self.assert_outside(client)

    def test_a_token_signed_by_another_is_refused(self):
        self.office.signs_with = rsa.generate_private_key(65537, 2048)
        client = Client(raise_request_exception=False)
        self.assertGreaterEqual(self.go(client).status_code, 400)
        self.assert_outside(client)

    def test_an_answer_that_nobody_asked_for_is_refused(self):
        self.assertEqual(self.go(Client(), state="khác").status_code, 400)
        answer = {"code": "c", "state": self.office.asked["state"]}
        stranger = Client()
        stranger.get(reverse("oidc_authentication_callback"), answer)
        self.assert_outside(stranger)

    def test_the_same_answer_does_not_let_in_twice(self):
        self.go()
        answer = {"code": "c", "state": self.office.asked["state"]}
        self.client.post(reverse("logout"))
        self.client.get(reverse("oidc_authentication_callback"), answer)
        self.assert_outside()

    def test_the_second_factor_is_asked_for_all_the_same(self):
        self.give_telephone(self.giang)
        self.go()
        self.assert_outside()
        self.client.post(reverse("second_factor"), {"code": code_at()})
        self.assert_inside()
