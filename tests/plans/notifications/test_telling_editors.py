"""Editors choose what is told, see to whom, and remind units of what to read."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from plans.models import Event, GuidancePage, Notice, Requirement
from plans.notifications.telling import tell_all
from tests.builders import fresh, unit

from .told import Kind, ToldTestCase


class SmallChangeTest(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.follow(self.lan, self.plan)

    def publish(self, **values):
        plan = fresh(self.plan)
        plan.change_note = "Sửa lỗi chính tả."
        for name, value in values.items():
            setattr(plan, name, value)
        plan.save_revision(user=self.an).publish()
        tell_all()

    def test_a_small_change_is_told_to_nobody_and_noted_on_the_page(self):
        self.publish(tell_nobody=True)
        self.assertEqual(self.told(), set())
        self.assertContains(self.get(self.lan, self.plan.get_url()), "Sửa lỗi chính tả")

    def test_any_other_is_told_with_what_was_changed(self):
        fresh(self.plan).live_revision.publish()
        self.publish(signer_name="Người ký khác", term_end=2030)
        notice = Notice.objects.get(user=self.lan)
        self.assertEqual(notice.event.data["note"], "Sửa lỗi chính tả.")
        self.assertEqual(set(notice.event.data["fields"]), {"signer_name", "term_end"})
        answer = self.get(self.lan, reverse("plans:notices"))
        self.assertContains(answer, "tên người ký", html=False)

    def test_rows_the_database_has_put_elsewhere_are_no_change(self):
        fresh(self.plan).live_revision.publish()
        first = Requirement.objects.filter(rule__plan=self.plan).first()
        Requirement.objects.filter(pk=first.pk).delete()
        first.save(force_insert=True)
        self.publish(signer_name="Người ký khác")
        notice = Notice.objects.get(user=self.lan)
        self.assertEqual(notice.event.data["fields"], ["signer_name"])

    def test_the_editor_sees_how_many_are_told_and_who(self):
        edit = reverse("wagtailadmin_pages:edit", args=[self.plan.pk])
        answer = self.get(self.an, edit)
        self.assertContains(answer, "1 người: Bạn theo dõi trang này.")
        self.assertContains(answer, "ửa nhỏ: không thông báo")
        self.lan.last_name, self.lan.first_name = "Trần Thị", "Lan"
        self.lan.save()
        url = reverse("plans:who_is_told", args=[self.plan.pk])
        self.assertContains(self.get(self.an, url), "Trần Thị Lan")
        for person in (self.lan, self.giang):
            self.assertEqual(self.get(person, url).status_code, 404)

    def test_a_small_change_is_no_choice_before_the_first_publication(self):
        add = reverse(
            "wagtailadmin_pages:add", args=["plans", "planpage", self.index.pk]
        )
        self.assertNotContains(self.get(self.an, add), 'name="tell_nobody"')


class ReadingReminderTest(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.guidance = GuidancePage(
            title="Hướng dẫn báo cáo",
            doc_type="Hướng dẫn",
            issuer=self.province,
            must_acknowledge=True,
            acknowledge_before=timezone.localdate() + timedelta(days=6),
        )
        self.plan.add_child(instance=self.guidance)
        self.guidance.save_revision().publish()
        tell_all()
        Notice.objects.all().delete()

    def test_the_issuer_reminds_at_once_and_nobody_else_does(self):
        url = reverse("plans:remind_readers", args=[self.guidance.pk])
        self.assertEqual(self.post(self.giang, url).status_code, 404)
        self.assertFalse(Event.objects.filter(kind=Kind.READING_DUE).exists())
        for _time in range(2):
            self.post(self.an, url)
        tell_all()
        due = Notice.objects.filter(event__kind=Kind.READING_DUE)
        self.assertEqual(due.filter(user=self.hanh).count(), 1)
        self.assertFalse(due.filter(user__in=(self.lan, self.binh)).exists())

    def test_a_units_own_day_is_told_to_no_other_unit(self):
        self.follow(self.lan, self.guidance)
        data = {"people": [self.hanh.pk], "before": "2026-01-02"}
        for kind in (Kind.DEADLINE_NEAR, Kind.DEADLINE_PASSED):
            self.happens(kind, self.guidance, unit=unit("112"), data=data)
            self.assertEqual(self.told(), {"hanh"})
