"""The feed and the calendar, as programs read them."""

from datetime import date

import feedparser
import icalendar
from django.urls import reverse

from plans.actions.guidance import acknowledge
from plans.actions.subscriptions import renew_feed
from plans.models import GuidancePage, Membership
from tests.builders import fresh, unit

from .told import Kind, ToldTestCase


class NewsFeedTest(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.follow(self.lan, self.plan)
        self.url = reverse(
            "plans:news_feed", args=[renew_feed(user=self.giang, feed="news")]
        )

    def test_a_reader_program_reads_it_in_vietnamese(self):
        self.happens(
            page=self.dossier, kind=Kind.DOSSIER_RETURNED, data={"by": "Huyện Ba 1"}
        )
        feed = feedparser.parse(self.get(None, self.url).content)
        self.assertFalse(feed.bozo)
        (entry,) = feed.entries
        self.assertTrue(entry.title.endswith("Huyện Ba 1 trả lại"), entry.title)
        self.assertIn(f"/thong-bao/trang/{self.dossier.pk}/", entry.link)
        self.assertTrue(entry.id and entry.updated_parsed)

    def test_it_is_nobodys_to_keep_or_to_find(self):
        answer = self.get(None, self.url)
        self.assertEqual(answer["Content-Type"], "application/atom+xml; charset=utf-8")
        self.assertIn("private", answer["Cache-Control"])
        self.assertEqual(answer["X-Robots-Tag"], "noindex")
        self.assertEqual(answer["Referrer-Policy"], "no-referrer")
        self.assertNotIn(self.url, answer.text)

    def test_what_one_may_not_read_any_more_is_not_in_it(self):
        self.happens(page=self.dossier, kind=Kind.DOSSIER_RETURNED)
        Membership.objects.filter(user=self.giang).delete()
        self.assertNotIn(self.dossier.title, self.get(None, self.url).text)

    def test_a_closed_account_has_none(self):
        self.giang.is_active = False
        self.giang.save()
        self.assertEqual(self.get(None, self.url).status_code, 404)

    def test_one_feeds_address_is_not_the_others(self):
        token = self.url.split("/")[-1].removesuffix(".atom")
        url = reverse("plans:calendar_feed", args=[token])
        self.assertEqual(self.get(None, url).status_code, 404)


class CalendarTest(ToldTestCase):
    def entries(self, user):
        token = renew_feed(user=user, feed="calendar")
        answer = self.get(None, reverse("plans:calendar_feed", args=[token]))
        self.assertEqual(answer["Content-Type"], "text/calendar; charset=utf-8")
        self.assertIn(b"\r\n", answer.content)
        self.assertLessEqual(max(map(len, answer.content.split(b"\r\n"))), 75)
        calendar = icalendar.Calendar.from_ical(answer.content)
        return {str(entry["summary"]): entry for entry in calendar.walk("VEVENT")}

    def test_the_deadline_of_ones_dossier_is_a_day_with_a_reminder(self):
        entries = self.entries(self.giang)
        (summary,) = entries
        self.assertIn("cần được duyệt trước ngày 10/12/2023", summary)
        entry = entries[summary]
        self.assertEqual(entry["dtstart"].dt, date(2023, 12, 9))
        self.assertEqual(entry["dtend"].dt, date(2023, 12, 10))
        self.assertEqual(len(entry.walk("VALARM")), 1)

    def test_the_district_sees_its_communes_and_another_district_nothing(self):
        self.assertEqual(len(self.entries(self.dung)), 2)
        self.assertEqual(len(self.entries(self.kien)), 0)

    def test_the_days_of_a_congress_that_is_followed(self):
        congress = fresh(self.congress)
        congress.starts_on = congress.ends_on = date(2024, 1, 5)
        congress.save_revision().publish()
        self.assertEqual(self.entries(self.lan), {})
        self.follow(self.lan, self.plan)
        entry = self.entries(self.lan)[congress.title]
        self.assertEqual(entry["dtend"].dt, date(2024, 1, 6))
        self.follow(self.lan, self.congress, is_muted=True)
        self.assertEqual(self.entries(self.lan), {})

    def test_guidance_until_it_is_confirmed(self):
        guidance = GuidancePage(
            title="Hướng dẫn báo cáo",
            doc_type="Hướng dẫn",
            issuer=self.province,
            must_acknowledge=True,
            acknowledge_before=date(2100, 5, 2),
        )
        self.plan.add_child(instance=guidance)
        guidance.save_revision().publish()
        self.assertEqual(len(self.entries(self.hanh)), 2)
        acknowledge(guidance=guidance, unit=unit("112"), user=self.hanh, version=1)
        self.assertEqual(len(self.entries(self.hanh)), 1)
        self.assertEqual(self.entries(self.lan), {})
