"""Each mail arrives exactly once, however often a worker dies in the middle."""

import os
import signal
import time
from collections import Counter
from secrets import randbelow
from tempfile import TemporaryDirectory

from django.contrib.auth import get_user_model
from django.db import connections
from django.test import TransactionTestCase, override_settings

from plans.actions.events import record_event
from plans.models import Event, Notice, Subscription
from plans.notifications.claims import Journal
from plans.notifications.delivery import deliver
from plans.notifications.telling import tell_all
from tests.builders import make_plan, make_units, open_site, restore_root
from tests.smtp_sink import Sink

FOLLOWERS = 600
KILLS = 20


class CrashTest(TransactionTestCase):
    def setUp(self):
        restore_root()
        plan = make_plan(open_site(make_units(districts=1, communes=1)))
        people = get_user_model().objects.bulk_create(
            get_user_model()(username=f"p{number}", email=f"p{number}@example.vn")
            for number in range(FOLLOWERS)
        )
        Subscription.objects.bulk_create(
            Subscription(user=user, page=plan.page_ptr) for user in people
        )
        Event.objects.all().delete()
        self.plan = plan
        folder = self.enterContext(TemporaryDirectory())
        self.sink = self.enterContext(Sink())
        self.enterContext(
            override_settings(
                PLANS_JOURNAL_FOLDER=folder,
                PLANS_BURST_SECONDS=0,
                **self.sink.settings,
            )
        )

    def publish(self):
        record_event(kind=Event.Kind.CHANGED, page=self.plan, data={"note": "Lùi hạn."})

    def start(self):
        """A worker of its own: the key of its process."""
        connections.close_all()
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            tell_all()
            deliver()
            status = 0
        finally:
            os._exit(status)

    def test_two_workers_killed_twenty_times(self):
        self.publish()
        workers = [self.start(), self.start()]
        for kill in range(KILLS):
            goal = kill * (FOLLOWERS // KILLS) + randbelow(20)
            deadline = time.monotonic() + 30
            while len(self.sink) < goal and time.monotonic() < deadline:
                time.sleep(0.002)
            victim = workers.pop(randbelow(2))
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            workers.append(self.start())
        for worker in workers:
            os.waitpid(worker, 0)
        tell_all()
        deliver()
        received = Counter(mail["To"] for mail in self.sink.mails())
        self.assertEqual(len(received), FOLLOWERS)
        self.assertEqual(set(received.values()), {1})
        self.assertEqual(Notice.objects.exclude(sent_at=None).count(), FOLLOWERS)

    def test_what_arrives_reads_right(self):
        self.publish()
        tell_all()
        Notice.objects.exclude(user__username="p7").delete()
        deliver()
        (mail,) = self.sink.mails()
        self.assertEqual(
            mail["Subject"].strip(), "Kế hoạch 380/KH-MTTQ-BTT: Sửa đổi: Lùi hạn."
        )
        self.assertEqual(mail["To"], "p7@example.vn")
        self.assertEqual(mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertRegex(
            mail["List-Unsubscribe"].strip(), r"^<http\S+/thong-bao/ngung/\S+>$"
        )
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertRegex(mail["Message-ID"], r"^<notice\.\d+@")
        self.assertIsNotNone(mail["Date"].datetime)
        for kind in ("plain", "html"):
            self.assertIn("Sửa đổi: Lùi hạn.", mail.get_body((kind,)).get_content())
            self.assertEqual(mail.defects, [])

    def test_what_a_dead_worker_had_handed_over_is_not_sent_again(self):
        self.publish()
        tell_all()
        first, second = Notice.objects.order_by("pk")[:2]
        Notice.objects.exclude(pk__in=[first.pk, second.pk]).delete()
        child = os.fork()
        if not child:
            connections.close_all()
            journal = Journal(Notice.objects.all()).__enter__()
            journal.claim([first, second])
            journal.note_sent([first.pk])
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        connections.close_all()
        self.assertEqual(Notice.objects.exclude(claimed_by=None).count(), 2)
        self.assertEqual(deliver(), 1)
        (mail,) = self.sink.mails()
        self.assertEqual(mail["To"], second.user.email)
        first.refresh_from_db()
        self.assertIsNotNone(first.sent_at)

    def test_what_a_living_worker_has_claimed_is_left_to_it(self):
        self.publish()
        tell_all()
        rows = Notice.objects.all()
        with Journal(rows) as living:
            living.claim(rows)
            self.assertEqual(deliver(), 0)
        self.assertEqual(deliver(), FOLLOWERS)
        self.assertEqual(len(self.sink), FOLLOWERS)
