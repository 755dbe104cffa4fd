"""An office's own receiver gets what its unit hears: signed, again if need be."""

import hashlib
import hmac
import io
import json
from unittest import mock

from django.utils import timezone

from plans.models import Webhook, WebhookCall
from plans.notifications import webhooks
from plans.notifications.webhooks import ATTEMPTS, call_all
from tests.builders import fresh, unit

from .told import Kind, ToldTestCase


class WebhookTest(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.own, self.upper, self.other = (
            Webhook.objects.create(unit=unit(code), url=f"https://{code}.vn/hook")
            for code in ("111", "11", "12")
        )
        self.requests = []

    def call(self, error=None):
        def receive(request, timeout):
            self.requests.append(request)
            if error:
                raise error
            return io.BytesIO()

        with mock.patch.object(webhooks._opener, "open", receive):
            return call_all()

    def test_the_units_own_receiver_is_called_once_with_a_signature(self):
        self.happens(page=self.congress, kind=Kind.CONGRESS_OPENED)
        self.assertEqual(self.call(), 1)
        self.assertEqual(self.call(), 0)
        (request,) = self.requests
        self.assertEqual(request.full_url, "https://111.vn/hook")
        stamp = request.get_header("X-timestamp")
        signed = hmac.new(
            self.own.secret.encode(),
            f"{stamp}.".encode() + request.data,
            hashlib.sha256,
        )
        self.assertEqual(
            request.get_header("X-signature"), f"sha256={signed.hexdigest()}"
        )
        told = json.loads(request.data)
        self.assertEqual(told["kind"], "congress_opened")
        self.assertIn(f"/thong-bao/trang/{self.congress.pk}/", told["url"])

    def test_a_dossier_waits_for_its_reviewers_receiver_and_no_others(self):
        self.happens(page=self.dossier, kind=Kind.REVIEW_WAITING, unit=unit("11"))
        self.happens(page=self.dossier, kind=Kind.REVIEW_WAITING, unit=unit("12"))
        self.call()
        self.assertEqual([r.full_url for r in self.requests], ["https://11.vn/hook"])

    def test_what_was_taken_down_meanwhile_or_ended_is_not_called(self):
        self.happens(page=self.congress, kind=Kind.CONGRESS_OPENED)
        fresh(self.congress).unpublish()
        self.assertEqual(self.call(), 0)
        self.assertEqual(self.requests, [])
        self.assertFalse(WebhookCall.objects.unsent().exists())

    def test_a_receiver_that_fails_is_called_again_and_in_the_end_given_up(self):
        self.happens(page=self.congress, kind=Kind.CONGRESS_OPENED)
        for _attempt in range(ATTEMPTS):
            WebhookCall.objects.update(due_at=timezone.now())
            with self.assertLogs("plans", "WARNING"):
                self.call(error=TimeoutError("cham"))
        row = WebhookCall.objects.get()
        self.assertIsNotNone(row.failed_at)
        self.assertEqual(row.error, "cham")
        self.assertEqual(len(self.requests), ATTEMPTS)

    def test_rights_are_nobodys_receivers_affair(self):
        data = {"people": [self.giang.pk]}
        self.happens(page=self.congress, kind=Kind.RIGHT_GIVEN, data=data)
        self.assertFalse(WebhookCall.objects.exists())
