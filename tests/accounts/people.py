"""A person who signs in, as a browser would."""

from time import time

from django.test import Client, TestCase
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from intranet.accounts import second_factor
from tests.builders import make_units, make_user, restore_root

PASSWORD = "bí mật nào đó"
KEY = "00112233445566778899aabbccddeeff00112233"


def code_at(step: int = 0) -> str:
    """What the telephone shows now, or so many half minutes from now."""
    totp = TOTP(bytes.fromhex(KEY))
    totp.time = time() + 30 * step
    return f"{totp.token():06}"


class SignInTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        restore_root()
        make_units()
        cls.giang = make_user("giang", "111", email="giang@example.vn")
        cls.hanh = make_user("hanh", "112")

    def sign_in(self, username="giang", password=PASSWORD, client=None, **terms):
        return (client or self.client).post(
            reverse("login"), {"username": username, "password": password}, **terms
        )

    def new_client(self, agent="Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537"):
        return Client(headers={"user-agent": agent})

    def give_telephone(self, user):
        """A telephone that showed its first code a while ago."""
        codes = second_factor._write_codes(user)
        TOTPDevice.objects.create(user=user, name="totp", key=KEY)
        return codes

    def assert_inside(self, client=None):
        self.assertEqual(
            (client or self.client).get(reverse("account")).status_code, 200
        )

    def assert_outside(self, client=None):
        response = (client or self.client).get(reverse("account"))
        self.assertEqual(response.status_code, 302)
        self.assertIn("next=", response.url)


class NoMailServer:
    """A mail backend behind which nobody answers."""

    def __init__(self, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError
