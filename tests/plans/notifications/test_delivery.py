"""Mails go out once, to who may still hear, when he wants them."""

from datetime import time, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from unittest import mock

from django.core import mail
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from plans.actions import subscriptions as actions
from plans.models import Event, Membership, Notice, NoticeSettings, TopicChoice
from plans.notifications.delivery import ATTEMPTS, MailServerError, deliver
from plans.notifications.health import health
from plans.notifications.smtp import Mailer
from tests.builders import fresh

from .told import Kind, ToldTestCase

Mail = TopicChoice.Mail


@override_settings(PLANS_BURST_SECONDS=0)
class DeliveryTest(ToldTestCase):
    def sent(self):
        """The mails that went out since this was last asked, by their receivers."""
        deliver()
        mails, mail.outbox = mail.outbox, []
        return {message.to[0]: message for message in mails}

    def test_a_follower_gets_a_mail_in_vietnamese(self):
        self.follow(self.lan, self.plan)
        self.happens(data={"note": "Lùi hạn nộp."}, actor=self.an)
        message = self.sent()["lan@example.vn"]
        self.assertEqual(
            message.subject, "Kế hoạch 380/KH-MTTQ-BTT: Sửa đổi: Lùi hạn nộp."
        )
        self.assertIn("Bạn theo dõi trang này.", message.body)
        ((html, kind),) = message.alternatives
        self.assertEqual(kind, "text/html")
        self.assertIn('lang="vi"', html)
        address = message.extra_headers["List-Unsubscribe"].strip("<>")
        self.assertIn(address, message.body)
        self.assertIn(address, html)

    def test_it_goes_out_once(self):
        self.follow(self.lan, self.plan)
        self.happens()
        self.assertIn("lan@example.vn", self.sent())
        self.assertEqual(self.sent(), {})

    def test_what_happens_to_a_page_within_a_while_is_one_mail(self):
        self.follow(self.lan, self.plan)
        self.happens(data={"note": "Một."})
        self.happens(data={"note": "Hai."})
        deliver()
        (message,) = [m for m in mail.outbox if m.to == ["lan@example.vn"]]
        self.assertIn("Một.", message.body)
        self.assertIn("Hai.", message.body)

    def test_the_while_has_to_pass_first(self):
        with override_settings(PLANS_BURST_SECONDS=60):
            self.happens()
            self.assertEqual(self.sent(), {})

    def test_who_lost_the_right_meanwhile_gets_nothing(self):
        self.happens(page=self.dossier, kind=Kind.DOSSIER_RETURNED)
        Membership.objects.filter(user=self.giang).delete()
        self.assertEqual(self.sent(), {})
        self.assertFalse(Notice.objects.unsent().exists())

    def test_a_page_that_was_taken_down_meanwhile_is_not_told_of(self):
        self.follow(self.lan, self.plan)
        self.happens()
        fresh(self.plan).unpublish()
        self.assertEqual(self.sent(), {})

    def test_a_closed_account_and_one_without_address_get_nothing(self):
        for person in (self.lan, self.hanh, self.kien):
            self.follow(person, self.plan)
        self.happens(actor=self.an)
        self.lan.is_active = False
        self.lan.save()
        self.assertEqual(self.sent().keys(), {"hanh@example.vn", "binh@example.vn"})

    def test_a_mail_of_a_dossier_tells_nothing_out_of_it(self):
        data = {"by": "Huyện Ba 1", "reason": "Thiếu trích ngang ông Tám"}
        self.happens(page=self.dossier, kind=Kind.DOSSIER_RETURNED, data=data)
        message = self.sent()["giang@example.vn"]
        self.assertIn("Huyện Ba 1 trả lại", message.subject)
        self.assertNotIn("ông Tám", message.body)

    def test_digests_wait_for_their_hour_and_come_as_one(self):
        self.follow(self.lan, self.plan)
        TopicChoice.objects.create(user=self.lan, topic="papers", mail=Mail.DAILY)
        self.happens(data={"note": "Một."})
        self.happens(page=self.congress, kind=Kind.CONGRESS_DATED)
        self.assertNotIn("lan@example.vn", self.sent())
        Notice.objects.filter(user=self.lan).update(due_at=timezone.now())
        message = self.sent()["lan@example.vn"]
        self.assertEqual(message.subject, "Tổng hợp: 2 trang")
        self.assertIn("Một.", message.body)

    def test_quiet_hours(self):
        self.follow(self.lan, self.plan)
        hour = timezone.localtime()
        quiet = NoticeSettings.objects.create(
            user=self.lan,
            quiet_from=(hour - timedelta(hours=1)).time(),
            quiet_until=(hour + timedelta(hours=1)).time(),
        )
        self.happens()
        self.assertNotIn("lan@example.vn", self.sent())
        quiet.quiet_from = quiet.quiet_until
        quiet.quiet_until = time(hour.hour, hour.minute)
        quiet.save()
        self.assertIn("lan@example.vn", self.sent())

    def test_what_one_stops_by_mail_is_still_told_on_the_site(self):
        self.follow(self.lan, self.plan)
        self.happens()
        actions.stop_mails_about(user=self.lan, page_id=self.plan.pk)
        self.assertNotIn("lan@example.vn", self.sent())
        self.happens()
        self.assertNotIn("lan@example.vn", self.sent())
        self.assertEqual(Notice.objects.filter(user=self.lan).count(), 2)

    def test_english_for_who_asked_for_it(self):
        self.follow(self.lan, self.plan)
        NoticeSettings.objects.create(user=self.lan, language="en")
        self.happens(data={"note": "Lùi hạn nộp."})
        self.assertIn("Changed: Lùi", self.sent()["lan@example.vn"].subject)


@override_settings(PLANS_BURST_SECONDS=0)
class FailureTest(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.follow(self.lan, self.plan)
        Event.objects.all().delete()

    def fail_with(self, error):
        return mock.patch.object(Mailer, "send", side_effect=error)

    def test_an_address_the_server_refuses_is_given_up(self):
        self.happens(actor=self.an)
        refusal = SMTPRecipientsRefused({"lan@example.vn": (550, b"khong co")})
        with self.fail_with(refusal), self.assertLogs("plans", "WARNING"):
            self.assertEqual(deliver(), 0)
        notice = Notice.objects.get(user=self.lan)
        self.assertIsNotNone(notice.failed_at)
        self.assertIn("550", notice.error)
        self.assertEqual(health().given_up, Notice.objects.count())
        url = reverse("plans:not_sent")
        self.assertEqual(self.get(self.an, url).status_code, 404)
        self.assertContains(self.get(self.root, url), "lan@example.vn")
        self.post(self.root, url)
        self.assertEqual(deliver(), Notice.objects.count())

    def test_what_may_work_later_is_tried_again_and_in_the_end_given_up(self):
        self.happens(actor=self.an)
        refusal = SMTPRecipientsRefused({"lan@example.vn": (451, b"dang ban")})
        for _attempt in range(ATTEMPTS):
            self.assertFalse(Notice.objects.exclude(failed_at=None).exists())
            Notice.objects.update(due_at=timezone.now())
            with self.fail_with(refusal), self.assertLogs("plans", "WARNING"):
                deliver()
        self.assertEqual(Notice.objects.unsent().count(), 0)

    def test_a_server_that_is_down_costs_no_attempt(self):
        self.happens()
        with (
            mock.patch.object(Mailer, "open", side_effect=ConnectionRefusedError),
            self.assertRaises(MailServerError),
        ):
            deliver()
        self.assertFalse(Notice.objects.exclude(attempts=0).exists())
        self.assertFalse(Notice.objects.exclude(claimed_by=None).exists())
        deliver()
        self.assertIn(["lan@example.vn"], [message.to for message in mail.outbox])

    def test_a_mail_that_kills_the_connection_waits_and_lets_others_pass(self):
        self.happens()
        lost = self.fail_with(SMTPServerDisconnected("dut"))
        with lost, self.assertRaises(MailServerError), self.assertLogs("plans"):
            deliver()
        self.assertEqual(Notice.objects.filter(attempts=1).count(), 1)
        deliver()
        self.assertEqual(len(mail.outbox), Notice.objects.count() - 1)

    def test_health_tells_what_waits_too_long(self):
        self.happens()
        Notice.objects.update(due_at=timezone.now() - timedelta(hours=2))
        self.assertGreater(health().oldest_unsent_seconds, 7100)
        with self.assertRaises(CommandError):
            call_command("deliver_notices", check=True)
        call_command("deliver_notices")
        call_command("deliver_notices", check=True)
