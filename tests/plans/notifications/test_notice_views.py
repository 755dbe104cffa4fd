"""Following, the bell, the settings, and ending mails, on the site."""

import re

from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plans.models import (
    FeedToken,
    Membership,
    Notice,
    NoticeSettings,
    Recipient,
    Subscription,
    TopicChoice,
)
from plans.models.events import Topic
from plans.notifications.delivery import deliver
from plans.notifications.followers import Why, recipient_units
from plans.notifications.tokens import Unsubscription, unsubscribe_url
from plans.permissions import audible
from tests.builders import fresh, make_plan, unit

from .told import Kind, ToldTestCase

SENT = Why.RECIPIENT.label


class FollowTest(ToldTestCase):
    def follow_url(self, page=None):
        return reverse("plans:follow", args=[(page or self.plan).pk])

    def does(self, user, does, page=None):
        return self.post(user, self.follow_url(page), {"does": does})

    def row(self, user):
        return Subscription.objects.get(user=user)

    def test_every_page_has_a_button(self):
        for page in (self.plan, self.congress, self.index, unit("111").page):
            answer = self.get(self.lan, page.get_url())
            self.assertContains(answer, self.follow_url(page))

    def test_one_press_follows_and_the_page_says_so(self):
        answer = self.does(self.lan, "follow")
        self.assertRedirects(answer, self.plan.get_url(), fetch_redirect_response=False)
        self.assertTrue(self.row(self.lan).and_below)
        self.assertContains(self.get(self.lan, self.plan.get_url()), "Đang theo dõi")
        self.assertContains(self.get(self.lan, self.congress.get_url()), "Đang theo")

    def test_the_page_alone_muted_no_mail_and_nothing_of_it(self):
        self.does(self.lan, "follow_alone")
        self.assertFalse(self.row(self.lan).and_below)
        self.does(self.lan, "stop_mails")
        self.assertFalse(self.row(self.lan).by_mail)
        self.does(self.lan, "mute")
        self.assertTrue(self.row(self.lan).is_muted)
        self.assertContains(self.get(self.lan, self.plan.get_url()), "Đã tắt thông báo")
        self.does(self.lan, "forget")
        self.assertFalse(Subscription.objects.exists())

    def test_nobody_follows_what_he_may_not_read(self):
        self.assertEqual(self.does(self.lan, "follow", self.dossier).status_code, 404)
        self.assertEqual(
            self.get(self.lan, self.follow_url(self.dossier)).status_code, 404
        )
        self.assertFalse(Subscription.objects.exists())
        self.does(self.giang, "follow", self.dossier)
        self.assertEqual(self.row(self.giang).page_id, self.dossier.pk)

    def test_what_makes_no_sense_changes_nothing(self):
        self.assertEqual(self.does(self.lan, "explode").status_code, 404)
        for data in ({}, {"search": " "}, {"search": "a", "paper_kind": "planpage"}):
            self.post(self.lan, reverse("plans:follow_other"), data)
        self.assertFalse(Subscription.objects.exists())

    def test_a_unit_a_kind_and_a_search_are_followed_once_and_ended(self):
        for data in (
            {"unit": unit("11").pk},
            {"paper_kind": "guidancepage"},
            {"search": "đại hội điểm"},
        ):
            for _time in range(2):
                self.post(self.lan, reverse("plans:follow_other"), data)
        self.assertEqual(Subscription.objects.count(), 3)
        answer = self.get(self.lan, reverse("plans:following"))
        self.assertContains(answer, "“đại hội điểm”")
        self.assertContains(answer, "Huyện Ba 1")
        row = Subscription.objects.first()
        end = reverse("plans:end_subscription", args=[row.pk])
        self.assertEqual(self.post(self.hanh, end).status_code, 404)
        self.post(self.lan, end)
        self.assertEqual(Subscription.objects.count(), 2)

    def test_the_list_says_what_comes_of_the_unit_and_why(self):
        answer = self.get(self.giang, reverse("plans:following"))
        self.assertContains(answer, self.congress.title)
        self.assertContains(answer, "Đây là trang của đơn vị bạn.")

    def test_the_list_names_the_plans_whose_recipients_name_the_unit(self):
        commune = unit("111").level
        for terms, told in (
            ({"and_below": commune}, True),
            ({"and_below": commune, "unit": unit("11")}, True),
            ({"and_below": commune, "unit": unit("12")}, False),
            ({"and_below": unit("11").level}, False),
            ({"unit": unit("111")}, True),
            ({"unit": unit("112")}, False),
        ):
            with self.subTest(terms=terms):
                self.plan.recipients.all().delete()
                Recipient.objects.create(plan=self.plan, name="Các xã", **terms)
                self.assertEqual(unit("111") in recipient_units(self.plan), told)
                answer = self.get(self.giang, reverse("plans:following"))
                sent = [each for why, each in answer.context["by_unit"] if why == SENT]
                self.assertEqual([each.pk for each in sent], [self.plan.pk] * told)

    def test_the_list_costs_the_same_for_many_plans(self):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                self.get(self.giang, reverse("plans:following"))
            return len(queries)

        Recipient.objects.create(plan=self.plan, name="Xã", unit=unit("111"))
        cost()
        before = cost()
        for number in (381, 382, 383):
            plan = make_plan(self.index, number=number)
            Recipient.objects.create(plan=plan, name="Xã", unit=unit("111"))
        self.assertEqual(cost(), before)

    def test_the_list_names_no_page_that_one_may_not_read_any_more(self):
        self.follow(self.giang, self.dossier)
        Membership.objects.filter(user=self.giang).delete()
        answer = self.get(self.giang, reverse("plans:following"))
        self.assertNotContains(answer, self.dossier.title)


class BellTest(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.follow(self.lan, self.plan)
        self.url = reverse("plans:notices")

    def test_the_bell_counts_and_reading_the_page_from_it_empties_it(self):
        self.happens(data={"note": "Lùi hạn nộp."})
        answer = self.get(self.lan, self.url)
        self.assertContains(answer, "1 thông báo chưa đọc")
        self.assertContains(answer, "Sửa đổi: Lùi hạn nộp.")
        opened = self.get(self.lan, reverse("plans:notice_page", args=[self.plan.pk]))
        self.assertRedirects(opened, self.plan.get_url(), fetch_redirect_response=False)
        self.assertNotContains(self.get(self.lan, self.url), "thông báo chưa đọc")

    def test_mark_all(self):
        self.happens()
        self.happens(page=self.congress)
        self.post(self.hanh, reverse("plans:mark_all_read"))
        self.assertEqual(Notice.objects.unread().filter(user=self.lan).count(), 2)
        self.post(self.lan, reverse("plans:mark_all_read"))
        self.assertFalse(Notice.objects.unread().filter(user=self.lan).exists())
        self.assertContains(self.get(self.lan, f"{self.url}?loc=chua"), "Không còn")

    def test_it_shows_nothing_one_may_not_read_any_more(self):
        self.happens(page=self.dossier, kind=Kind.DOSSIER_SUBMITTED)
        self.assertContains(self.get(self.giang, self.url), self.dossier.title)
        Membership.objects.filter(user=self.giang).delete()
        answer = self.get(self.giang, self.url)
        self.assertNotContains(answer, self.dossier.title)
        self.assertNotContains(answer, "thông báo chưa đọc")
        page = reverse("plans:notice_page", args=[self.dossier.pk])
        self.assertEqual(self.get(self.giang, page).status_code, 404)

    def test_what_was_taken_down_is_told_without_a_link(self):
        fresh(self.plan).unpublish()
        self.happens()
        answer = self.get(self.lan, self.url)
        self.assertContains(answer, "Không còn xuất bản")
        self.assertNotContains(
            answer, reverse("plans:notice_page", args=[self.plan.pk])
        )

    def test_a_closed_account_has_none(self):
        fresh(self.plan).unpublish()
        self.happens()
        self.assertTrue(audible(Notice.objects.all(), self.lan).exists())
        self.lan.is_active = False
        for nobody in (self.lan, AnonymousUser()):
            self.assertFalse(audible(Notice.objects.all(), nobody).exists())

    def test_the_list_costs_the_same_however_long_it_is(self):
        self.happens()
        few = self.cost()
        for _time in range(10):
            self.happens()
        self.assertEqual(self.cost(), few)

    def cost(self):
        self.get(self.lan, self.url)
        with CaptureQueriesContext(connection) as queries:
            self.client.get(self.url)
        return len(queries)


class SettingsTest(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.url = reverse("plans:notice_settings")

    def data(self, **values):
        data = {"language": "vi", "quiet_from": "21:00", "quiet_until": "06:00"}
        for topic in Topic:
            data |= {f"{topic}-on_bell": "on", f"{topic}-mail": "daily"}
        return data | values

    def test_channels_are_kept_and_shown(self):
        self.post(self.lan, self.url, self.data(**{"files-mail": "never"}))
        chosen = dict(
            TopicChoice.objects.filter(user=self.lan).values_list("topic", "mail")
        )
        self.assertEqual(chosen["files"], "never")
        self.assertEqual(chosen["papers"], "daily")
        self.assertEqual(NoticeSettings.objects.get().quiet_from.hour, 21)
        self.assertContains(self.get(self.lan, self.url), 'value="21:00"')

    def test_half_of_the_quiet_hours_is_refused_with_what_was_typed(self):
        answer = self.post(self.lan, self.url, self.data(quiet_until=""))
        self.assertContains(answer, "Giờ yên tĩnh", status_code=422)
        self.assertContains(answer, 'value="21:00"', status_code=422)
        self.assertFalse(TopicChoice.objects.exists())

    def test_a_mail_that_waits_is_dropped_when_the_topic_is_ended(self):
        self.follow(self.lan, self.plan)
        self.happens()
        self.post(self.lan, self.url, self.data(**{"papers-mail": "never"}))
        self.assertFalse(Notice.objects.unsent().filter(user=self.lan).exists())
        self.assertTrue(Notice.objects.unsent().filter(user=self.an).exists())

    def test_a_topic_can_be_left_off_the_bell(self):
        self.follow(self.lan, self.plan)
        data = self.data()
        del data["papers-on_bell"]
        self.post(self.lan, self.url, data)
        self.happens()
        self.assertFalse(Notice.objects.unread().filter(user=self.lan).exists())


@override_settings(PLANS_BURST_SECONDS=0)
class UnsubscribeTest(ToldTestCase):
    def address(self):
        """The one-click address of Lan's mail about the plan."""
        self.follow(self.lan, self.plan)
        self.happens()
        deliver()
        (message,) = [m for m in mail.outbox if m.to == ["lan@example.vn"]]
        url = message.extra_headers["List-Unsubscribe"]
        return re.sub(r"^<https?://[^/]+|>$", "", url)

    def test_one_post_without_login_ends_the_mails(self):
        url = self.address()
        strict = Client(enforce_csrf_checks=True)
        answer = strict.post(url, {"List-Unsubscribe": "One-Click"})
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(Subscription.objects.get(user=self.lan).by_mail)
        self.assertNotContains(answer, self.plan.title)
        self.assertNotContains(answer, "lan@")

    def test_looking_at_the_address_ends_nothing(self):
        url = self.address()
        answer = self.client.get(url)
        self.assertContains(answer, "<form")
        self.assertNotContains(answer, self.plan.title)
        self.assertTrue(Subscription.objects.get(user=self.lan).by_mail)

    def test_a_made_up_address_is_not_found(self):
        for token in ("abc", "eyJ1IjoxfQ.xyz", "[1,2]"):
            url = reverse("plans:unsubscribe", args=[token])
            self.assertEqual(self.client.post(url).status_code, 404)

    def test_who_and_what_is_gone_answers_alike(self):
        url = unsubscribe_url(Unsubscription(987654, 987654))
        answer = self.client.post(re.sub(r"^https?://[^/]+", "", url))
        self.assertEqual(answer.status_code, 200)

    def test_digests_are_ended_as_one(self):
        url = unsubscribe_url(Unsubscription(self.lan.pk, None))
        self.client.post(re.sub(r"^https?://[^/]+", "", url))
        chosen = TopicChoice.objects.filter(user=self.lan, mail="never")
        self.assertEqual(
            set(chosen.values_list("topic", flat=True)), {"congresses", "files"}
        )


class FeedAddressTest(ToldTestCase):
    def test_an_address_is_shown_once_and_only_its_digest_is_kept(self):
        answer = self.post(self.lan, reverse("plans:feed_address"), {"feed": "news"})
        (path,) = re.findall(r"/thong-bao/tin/[\w-]+\.atom", answer.text)
        token = path.split("/")[-1].removesuffix(".atom")
        row = FeedToken.objects.get()
        self.assertNotIn(token, row.digest)
        self.assertEqual(self.get(None, path).status_code, 200)
        settings = self.get(self.lan, reverse("plans:notice_settings"))
        self.assertNotContains(settings, token)

    def test_a_new_address_ends_the_old_and_ending_ends_both(self):
        paths = []
        for _time in range(2):
            answer = self.post(
                self.lan, reverse("plans:feed_address"), {"feed": "calendar"}
            )
            paths += re.findall(r"/thong-bao/lich/[\w-]+\.ics", answer.text)
        self.assertEqual(
            [self.get(None, path).status_code for path in paths], [404, 200]
        )
        data = {"feed": "calendar", "ends": "1"}
        self.post(self.lan, reverse("plans:feed_address"), data)
        self.assertEqual(self.get(None, paths[1]).status_code, 404)
