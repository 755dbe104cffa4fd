"""Where a person is signed in, and ending it."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone, translation

from intranet.accounts.devices import device_name
from intranet.accounts.models import Session
from intranet.accounts.signing_out import SIGNED_OUT
from tests.accounts.people import SignInTestCase
from tests.accounts.test_second_factor import actions_on

PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile Safari/537"


class DevicesTest(SignInTestCase):
    def setUp(self):
        self.client = self.new_client()
        self.sign_in()
        self.phone = self.new_client(PHONE)
        self.sign_in(client=self.phone, REMOTE_ADDR="203.0.113.9")

    def handle_of(self, client):
        return Session.objects.get(pk=client.session.session_key).handle

    def end(self, client=None, **data):
        return (client or self.client).post(reverse("end_sessions"), data)

    def test_the_own_ones_are_listed_with_this_one_marked(self):
        page = self.client.get(reverse("account"))
        for text in ("Chrome trên Windows", "Chrome trên Android", "203.0.113.9"):
            self.assertContains(page, text)
        self.assertContains(page, ">thiết bị này<", count=1)

    def test_those_of_others_are_not_listed(self):
        self.sign_in("hanh", client=self.new_client("Firefox/140 Linux"))
        self.assertNotContains(self.client.get(reverse("account")), "Firefox")

    def test_no_page_tells_the_key_of_a_session(self):
        page = self.client.get(reverse("account")).content.decode()
        for session in Session.objects.all():
            self.assertNotIn(session.pk, page)

    def test_one_is_signed_out(self):
        self.end(device=self.handle_of(self.phone))
        self.assert_outside(self.phone)
        self.assert_inside()
        self.assertIn(SIGNED_OUT, actions_on(self.giang))

    def test_all_others_are_signed_out(self):
        more = self.new_client()
        self.sign_in(client=more)
        self.end()
        self.assert_outside(self.phone)
        self.assert_outside(more)
        self.assert_inside()

    def test_those_of_others_cannot_be_ended(self):
        stranger = self.new_client()
        self.sign_in("hanh", client=stranger)
        self.end(stranger, device=self.handle_of(self.phone))
        self.end(stranger)
        self.assert_inside(self.phone)
        self.assert_inside()

    def test_it_takes_a_post(self):
        self.assertEqual(self.client.get(reverse("end_sessions")).status_code, 405)
        self.assert_inside(self.phone)

    def test_last_seen_is_written_every_five_minutes_and_not_each_time(self):
        key = self.phone.session.session_key
        recent = timezone.now() - timedelta(minutes=1)
        Session.objects.filter(pk=key).update(seen_at=recent)
        self.assert_inside(self.phone)
        self.assertEqual(Session.objects.get(pk=key).seen_at, recent)
        Session.objects.filter(pk=key).update(
            seen_at=timezone.now() - timedelta(minutes=9)
        )
        self.assert_inside(self.phone)
        self.assertGreater(Session.objects.get(pk=key).seen_at, recent)

    def test_seeing_it_brings_back_nothing_that_was_ended(self):
        key = self.phone.session.session_key
        store = Session.get_session_store_class()(key)
        Session.objects.filter(pk=key).delete()
        self.assertEqual(store.load(), {})
        self.assertFalse(Session.objects.filter(pk=key).exists())

    def test_what_has_expired_is_not_listed(self):
        Session.objects.filter(pk=self.phone.session.session_key).update(
            expire_date=timezone.now()
        )
        self.assertNotContains(self.client.get(reverse("account")), "Android")

    def test_one_with_an_old_password_is_not_listed(self):
        self.giang.set_password("một mật khẩu khác")
        self.giang.save()
        self.sign_in(password="một mật khẩu khác")
        self.assertNotContains(self.client.get(reverse("account")), "Android")

    def test_the_list_costs_the_same_for_many(self):
        with self.assertNumQueries(10):
            self.client.get(reverse("account"))
        for _number in range(8):
            self.sign_in(client=self.new_client())
        with self.assertNumQueries(10):
            self.client.get(reverse("account"))

    def test_an_administrator_signs_a_person_out_everywhere(self):
        admin = self.new_client()
        admin.force_login(get_user_model().objects.create_superuser("root"))
        url = reverse("sign_in_of_person", args=[self.giang.pk])
        self.assertContains(admin.get(url), "Chrome trên Android")
        admin.post(url, {"action": "sign_out"})
        self.assert_outside()
        self.assert_outside(self.phone)


class NameTest(SimpleTestCase):
    def test_a_device_is_called_as_a_person_would(self):
        with translation.override("vi"):
            for agent, name in (
                (
                    "(Windows NT 10.0) Chrome/140 Safari Edg/140",
                    "Edge trên Windows",
                ),
                (
                    "(iPhone; like Mac OS X) Safari/604",
                    "Safari trên iPhone",
                ),
                ("curl/8", "Chương trình khác"),
                ("Linux", "Linux"),
                ("", "Chương trình khác"),
            ):
                self.assertEqual(device_name(agent), name)
