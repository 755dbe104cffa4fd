"""Notices that are long past are removed, and none that is still to go out."""

from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command
from django.utils import timezone

from plans.models import Event, Notice
from plans.notifications import pruning

from .told import ToldTestCase


class PruningTest(ToldTestCase):
    def notice(self, days_ago, **terms):
        self.happens()
        newest = Notice.objects.filter(user=self.lan).latest("pk")
        made = timezone.now() - timedelta(days=days_ago)
        terms = {"due_at": None, "sent_at": None} | terms
        Notice.objects.filter(pk=newest.pk).update(created_at=made, **terms)
        return newest.pk

    def prune(self, *arguments):
        call_command("prune_notices", *arguments, stdout=StringIO())
        return set(Notice.objects.filter(user=self.lan).values_list("pk", flat=True))

    def setUp(self):
        super().setUp()
        self.follow(self.lan, self.plan)

    def test_what_is_older_than_a_year_goes_read_or_not(self):
        now = timezone.now()
        young = self.notice(364)
        self.notice(366)
        self.notice(366, read_at=now)
        self.notice(366, due_at=now, sent_at=now)
        self.assertEqual(self.prune(), {young})
        self.assertGreaterEqual(Event.objects.count(), 4)

    def test_what_is_to_go_out_or_was_given_up_stays(self):
        now = timezone.now()
        kept = {
            self.notice(500, due_at=now),
            self.notice(500, due_at=now, failed_at=now),
        }
        self.assertEqual(self.prune(), kept)

    def test_many_go_in_turns(self):
        for _number in range(5):
            self.notice(10)
        with mock.patch.object(pruning, "AT_ONCE", 2):
            self.assertEqual(self.prune("--days", "9"), set())

    def test_no_days_at_all_is_refused(self):
        kept = self.notice(0)
        with self.assertRaises(CommandError):
            self.prune("--days", "0")
        self.assertEqual(self.prune(), {kept})
