"""A dossier on its way: submitted, decided on step by step, returned, approved."""

from datetime import date, timedelta
from io import StringIO

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry

from plans.actions import attachments, decisions, submissions
from plans.actions.congresses import open_congress
from plans.models import (
    Attachment,
    Decision,
    DossierState,
    Event,
    Level,
    LevelRule,
    Membership,
    PaperVerdict,
    Role,
    Submission,
    SubmissionStep,
    Unit,
)
from tests.builders import again, fresh, make_user, unit
from tests.cast import IntranetTestCase
from tests.uploads import complete, office, pdf, upload, use_own_folder

APPROVED, RETURNED = Decision.Verdict.APPROVED, Decision.Verdict.RETURNED


class ReviewTestCase(IntranetTestCase):
    def setUp(self):
        self.folder = use_own_folder(self)
        complete(self.dossier, self.giang)

    def submit(self, user=None, dossier=None):
        return submissions.submit(
            dossier=dossier or self.dossier, user=user or self.giang
        )

    def step(self, submission, code):
        return submission.steps.get(unit__code=code)

    def approve(self, submission, code, user):
        return decisions.decide(
            step=self.step(submission, code), user=user, verdict=APPROVED
        )

    def hand_back(self, submission, code, user, text="Thiếu chữ ký."):
        return decisions.decide(
            step=self.step(submission, code), user=user, verdict=RETURNED, text=text
        )

    def approved(self):
        submission = self.submit()
        self.approve(submission, "11", self.dung)
        self.approve(submission, "1", self.binh)
        return submission

    def assert_history(self, *entries):
        """The dossier's history says all of it."""
        url = reverse("wagtailadmin_pages:history", args=[self.dossier.pk])
        answer = self.get(self.an, url)
        for entry in entries:
            self.assertContains(answer, entry)

    def make_joint(self):
        LevelRule.objects.filter(plan=self.plan).update(joint_review=True)

    def send(self, step, user, verdict, **terms):
        """A decision sent from the submission's page."""
        return self.post(
            user, reverse("plans:decide", args=[step.pk]), {"verdict": verdict, **terms}
        )


class SubmittingTests(ReviewTestCase):
    def post_submit(self, user, dossier=None):
        page = (dossier or self.dossier).pk
        return self.post(
            user, reverse("plans:submit", args=[page]), {"note": "Kính trình."}
        )

    def test_the_clerk_submits_and_sees_who_decides(self):
        answer = self.post_submit(self.giang)
        self.assertRedirects(
            answer, f"{self.dossier.url}#trinh-duyet", fetch_redirect_response=False
        )
        submission = Submission.objects.get()
        self.assertEqual(submission.note, "Kính trình.")
        self.assertEqual(
            [(step.order, step.unit.code) for step in submission.steps.all()],
            [(1, "11"), (2, "1")],
        )
        self.assertEqual(submission.papers.count(), 5)
        self.assertEqual(submission.files.count(), 5)
        page = self.get(self.giang, self.dossier.url)
        self.assertContains(page, "đang chờ duyệt")
        self.assertContains(page, "Huyện Ba 1")

    def test_others_cannot_submit(self):
        for user in (self.hanh, self.chi, self.dung, self.an, self.lan):
            with self.subTest(user=user):
                self.assertEqual(self.post_submit(user).status_code, 404)
        self.assertEqual(self.post_submit(None).status_code, 302)
        self.assertFalse(Submission.objects.exists())

    def test_every_gap_is_named_and_nothing_is_submitted(self):
        first = self.dossier.items.first()
        attachments.withdraw(attachment=first.attachments.get(), user=self.giang)
        record = self.dossier.items.filter(is_party_record=True)
        record.update(dated=None)
        page = self.get(self.giang, self.dossier.url)
        self.assertContains(page, f"Còn thiếu “{first}”")
        self.assertContains(page, "chưa ghi số hoặc ngày")
        self.assertNotContains(page, reverse("plans:submit", args=[self.dossier.pk]))
        answer = self.post_submit(self.giang)
        shown = self.client.get(answer.url)
        self.assertContains(shown, f"Còn thiếu “{first}”")
        self.assertFalse(Submission.objects.exists())

    def test_without_the_party_committees_record_nothing_goes(self):
        record = self.dossier.items.get(is_party_record=True)
        attachments.withdraw(attachment=record.attachments.get(), user=self.giang)
        with self.assertRaises(submissions.IncompleteDossierError) as caught:
            self.submit()
        self.assertEqual(caught.exception.messages, [f"Còn thiếu “{record}”."])

    def test_where_the_plan_does_not_ask_for_it_there_is_no_place_for_the_record(self):
        LevelRule.objects.filter(plan=self.plan).update(party_first=False)
        other = open_congress(plan=fresh(self.plan), unit=unit("113"))
        self.assertFalse(other.dossier.items.filter(is_party_record=True).exists())

    def test_a_file_that_waits_for_its_scan_holds_it_up(self):
        file = Attachment.objects.first()
        file.scan = Attachment.Scan.PENDING
        file.save(update_fields=["scan"])
        with self.assertRaises(submissions.IncompleteDossierError):
            self.submit()

    def test_a_file_damaged_on_the_disk_is_not_submitted(self):
        file = Attachment.objects.first()
        (self.folder / file.file.name).write_bytes(b"khac")
        with self.assertRaises(submissions.IncompleteDossierError) as caught:
            self.submit()
        self.assertEqual(len(caught.exception.messages), 1)
        self.assertIn("bị hỏng trên máy chủ", caught.exception.messages[0])
        self.assertFalse(Submission.objects.exists())

    def test_the_record_needs_its_number(self):
        self.dossier.items.filter(is_party_record=True).update(number="")
        with self.assertRaises(submissions.IncompleteDossierError):
            self.submit()

    def test_the_record_is_in_the_history(self):
        entry = PageLogEntry.objects.get(action=submissions.PARTY_RECORDED)
        self.assertEqual(entry.data, {"number": "12-NQ/ĐU", "dated": "2023-11-20"})

    def test_who_lost_the_role_meanwhile_submits_and_takes_back_nothing(self):
        Membership.objects.filter(user=self.giang).delete()
        # The request began while the right was held.
        with self.assertRaises(PermissionDenied):
            self.submit()
        submission = self.submit(self.root)
        with self.assertRaises(PermissionDenied):
            submissions.withdraw_submission(submission=submission, user=self.giang)
        get_user_model().objects.get(pk=self.root.pk).delete()
        with self.assertRaises(PermissionDenied):
            submissions.withdraw_submission(submission=submission, user=self.root)

    def test_dates_of_publishing_are_no_part_of_it(self):
        page = fresh(self.dossier)
        page.go_live_at = timezone.now() + timedelta(days=3)
        page.expire_at = timezone.now() + timedelta(days=9)
        page.save_revision(user=self.giang)
        content = self.submit().revision.content
        self.assertIsNone(content["go_live_at"])
        self.assertIsNone(content["expire_at"])

    def test_its_revision_is_not_purged(self):
        submission = self.submit()
        submissions.withdraw_submission(submission=submission, user=self.giang)
        for _save in range(2):
            fresh(self.dossier).save_revision(user=self.giang)
        call_command("purge_revisions", stdout=StringIO())
        submission.refresh_from_db()
        self.assertEqual(submission.fingerprint(), submission.sha256)

    def test_a_plan_that_names_no_reviewer_is_said_to(self):
        for rule in self.plan.level_rules.all():
            rule.review_steps.all().delete()
            rule.save()
        with self.assertRaisesMessage(ValidationError, "chưa quy định ai duyệt"):
            self.submit()

    def test_a_second_submission_waits_for_the_first(self):
        self.submit()
        with self.assertRaises(ValidationError):
            self.submit()
        self.assertEqual(Submission.objects.count(), 1)

    def test_the_database_knows_one_open_submission(self):
        first = self.submit()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Submission.objects.create(
                dossier=self.dossier,
                number=2,
                revision=first.revision,
                submitted_by_name="x",
            )

    def test_the_record_of_the_future_is_refused(self):
        item = self.dossier.items.get(is_party_record=True)
        tomorrow = timezone.localdate() + timedelta(days=1)
        url = reverse("plans:party_record", args=[item.pk])
        answer = self.post(self.giang, url, {"number": "1", "dated": tomorrow})
        self.assertContains(self.client.get(answer.url), "chưa tới")
        item.refresh_from_db()
        self.assertEqual(item.number, "12-NQ/ĐU")
        answer = self.post(self.giang, url, {"number": "13-NQ/ĐU", "dated": ""})
        self.assertContains(self.client.get(answer.url), "bắt buộc")
        self.post(self.giang, url, {"number": "13-NQ/ĐU", "dated": "2023-11-21"})
        item.refresh_from_db()
        self.assertEqual(item.number, "13-NQ/ĐU")
        for user in (self.hanh, self.dung, self.lan):
            self.assertEqual(
                self.post(user, url, {"dated": "2023-1-1"}).status_code, 404
            )


class LockTests(ReviewTestCase):
    """While it is under review nobody changes anything, superusers included."""

    def test_no_file_comes_goes_or_changes(self):
        self.submit()
        file = Attachment.objects.first()
        for user in (self.giang, self.root):
            with self.subTest(user=user):
                with self.assertRaises(ValidationError):
                    attachments.attach(
                        page=self.dossier, user=user, upload=upload(pdf("x"), "x.pdf")
                    )
                with self.assertRaises(ValidationError):
                    attachments.withdraw(attachment=file, user=user)
        self.assertEqual(Attachment.objects.current().count(), 5)
        page = self.get(self.giang, self.dossier.url)
        self.assertContains(page, "hiện không thể sửa gì")
        self.assertNotContains(page, 'type="file"')

    def test_the_text_stays_as_well(self):
        submission = self.submit()
        url = reverse("wagtailadmin_pages:edit", args=[self.dossier.pk])
        self.post(self.giang, url, {"title": "Khác", "slug": "khac", "note": "x"})
        self.assertEqual(
            fresh(self.dossier).get_latest_revision().pk, submission.revision_id
        )

    def test_the_record_of_the_party_committee_stays(self):
        self.submit()
        item = self.dossier.items.get(is_party_record=True)
        with self.assertRaises(ValidationError):
            submissions.record_party_decision(
                item=item, user=self.giang, number="9", dated=item.dated
            )

    def test_taken_back_it_can_be_changed_again(self):
        submission = self.submit()
        url = reverse("plans:take_back", args=[submission.pk])
        self.assertEqual(self.post(self.hanh, url).status_code, 404)
        self.assertEqual(self.post(self.dung, url).status_code, 404)
        self.post(self.giang, url)
        self.post(self.giang, url)
        submission.refresh_from_db()
        self.assertEqual(submission.state, Submission.State.WITHDRAWN)
        attachments.attach(
            page=self.dossier, user=self.giang, upload=upload(pdf("x"), "x.pdf")
        )
        self.assertEqual(self.submit().number, 2)

    def test_decided_on_it_cannot_be_taken_back(self):
        submission = self.submit()
        self.approve(submission, "11", self.dung)
        with self.assertRaises(ValidationError):
            submissions.withdraw_submission(submission=submission, user=self.giang)


class OrderTests(ReviewTestCase):
    def test_each_step_in_its_turn_and_the_last_publishes(self):
        submission = self.submit()
        with self.assertRaisesMessage(ValidationError, "Bước trước chưa"):
            self.approve(submission, "1", self.binh)
        self.approve(submission, "11", self.dung)
        self.assertFalse(fresh(self.dossier).live)
        self.approve(submission, "1", self.binh)
        submission.refresh_from_db()
        dossier = fresh(self.dossier)
        self.assertEqual(submission.state, Submission.State.APPROVED)
        self.assertTrue(dossier.live)
        self.assertEqual(dossier.live_revision_id, submission.revision_id)
        self.assertEqual(dossier.state, DossierState.APPROVED)

    def test_all_is_in_the_history(self):
        entries = PageLogEntry.objects.filter(page=self.dossier.pk)
        actions = entries.values_list("action", flat=True)
        self.hand_back(self.submit(), "11", self.dung)
        self.assertIn(decisions.RETURNED, actions)
        self.assertNotIn(decisions.APPROVED, actions)
        self.approved()
        self.assertLessEqual(
            {submissions.SUBMITTED, decisions.APPROVED, "wagtail.publish"},
            set(actions.all()),
        )
        self.assert_history(
            "Lần trình 1: Huyện Ba 1 đã trả lại",
            "Lần trình 2: Huyện Ba 1 đã duyệt",
            "Lần trình 2: Tỉnh Sông Trăng đã duyệt",
        )

    def test_who_is_next_and_what_was_decided_is_to_be_told(self):
        kinds = Event.Kind
        self.hand_back(self.submit(), "11", self.dung)
        self.approved()
        events = Event.objects.filter(page=self.dossier.pk).order_by("pk")
        told = [
            (event.kind, event.unit.code, event.data.get("by"))
            for event in events.exclude(kind=kinds.FILE_ATTACHED)
        ]
        district, province = "Huyện Ba 1", "Tỉnh Sông Trăng"
        self.assertEqual(
            told,
            [
                (kinds.DOSSIER_SUBMITTED, "111", None),
                (kinds.REVIEW_WAITING, "11", None),
                (kinds.DOSSIER_RETURNED, "111", district),
                (kinds.DOSSIER_SUBMITTED, "111", None),
                (kinds.REVIEW_WAITING, "11", None),
                (kinds.STEP_APPROVED, "111", district),
                (kinds.REVIEW_WAITING, "1", None),
                (kinds.DOSSIER_APPROVED, "111", province),
            ],
        )

    def test_each_decision_follows_that_of_its_own_submission(self):
        mine, other = self.submit(), complete_other(self)
        for submission in (mine, other):
            self.approve(submission, "11", self.dung)
        for submission in (mine, other):
            last = self.approve(submission, "1", self.binh)
            self.assertEqual(last.follows, self.step(submission, "11").decision)

    def test_in_a_joint_review_each_signs_whenever(self):
        self.make_joint()
        submission = self.submit()
        self.assertTrue(submission.is_joint)
        self.approve(submission, "1", self.binh)
        self.assertFalse(fresh(self.dossier).live)
        self.approve(submission, "11", self.dung)
        self.assertTrue(fresh(self.dossier).live)

    def test_in_a_joint_review_one_return_ends_it(self):
        self.make_joint()
        submission = self.submit()
        self.approve(submission, "1", self.binh)
        self.hand_back(submission, "11", self.dung)
        self.assertFalse(fresh(self.dossier).live)
        self.assertEqual(fresh(self.dossier).state, DossierState.RETURNED)

    def test_a_return_begins_anew_at_the_first_step(self):
        submission = self.submit()
        self.approve(submission, "11", self.dung)
        self.hand_back(submission, "1", self.binh)
        with self.assertRaises(ValidationError):
            self.approve(submission, "1", self.binh)
        second = self.submit()
        self.assertEqual(second.number, 2)
        with self.assertRaises(ValidationError):
            self.approve(second, "1", self.binh)
        self.approve(second, "11", self.dung)
        self.approve(second, "1", self.binh)
        self.assertTrue(fresh(self.dossier).live)

    def test_the_steps_are_those_of_the_day_it_was_submitted(self):
        submission = self.submit()
        for rule in LevelRule.objects.filter(plan=self.plan):
            rule.review_steps.all().delete()
            rule.save()
        self.approve(submission, "11", self.dung)
        self.assertFalse(fresh(self.dossier).live)

    def test_the_database_refuses_a_step_before_its_turn(self):
        submission = self.submit()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Decision.objects.create(
                submission=submission,
                step=self.step(submission, "1"),
                order=2,
                verdict=APPROVED,
                sha256=submission.sha256,
                decided_by_name="x",
            )

    def test_a_level_that_was_abolished_falls_away(self):
        district = unit("11")
        district.valid_to = timezone.localdate() - timedelta(days=1)
        district.save()
        submission = self.submit()
        self.assertEqual([step.unit.code for step in submission.steps.all()], ["1"])

    def test_a_district_pilot_is_the_provinces_alone(self):
        congress = open_congress(plan=self.plan, unit=unit("12"))
        staff = make_user("mai", "12")
        complete(congress.dossier, staff)
        submission = self.submit(staff, congress.dossier)
        self.assertEqual([step.unit.code for step in submission.steps.all()], ["1"])


class WhoDecidesTests(ReviewTestCase):
    def waiting_for(self, user):
        """The units whose steps the person's desk asks him to decide on."""
        desk = self.get(user, reverse("plans:review_desk"))
        return {step.unit.code for step in desk.context["waiting"]}

    def test_only_the_board_of_the_steps_own_unit(self):
        step = self.step(self.submit(), "11")
        for user in (self.giang, self.hanh, self.chi, self.kien, self.an, self.lan):
            with self.subTest(user=user):
                self.assertEqual(self.send(step, user, APPROVED).status_code, 404)
        # The province is above the district, and signs for itself alone.
        self.assertEqual(self.send(step, self.binh, APPROVED).status_code, 404)
        self.assertEqual(self.send(step, self.root, APPROVED).status_code, 404)
        self.assertEqual(self.send(step, None, APPROVED).status_code, 302)
        self.assertFalse(Decision.objects.exists())
        self.assertRedirects(
            self.send(step, self.dung, APPROVED), reverse("plans:review_desk")
        )

    def test_nobody_decides_on_what_he_submitted(self):
        Membership.objects.create(user=self.giang, unit=unit("11"), role=Role.BOARD)
        giang = get_user_model().objects.get(pk=self.giang.pk)
        submission = self.submit(giang)
        with self.assertRaises(PermissionDenied):
            self.approve(submission, "11", giang)
        self.approve(submission, "11", self.dung)

    def test_nobody_signs_twice_for_two_units(self):
        self.make_joint()
        Membership.objects.create(user=self.dung, unit=unit("1"), role=Role.BOARD)
        dung = get_user_model().objects.get(pk=self.dung.pk)
        submission = self.submit()
        self.approve(submission, "11", dung)
        with self.assertRaises(PermissionDenied):
            self.approve(submission, "1", dung)

    def test_a_right_that_ended_yesterday_signs_nothing(self):
        submission = self.submit()
        yesterday = timezone.localdate() - timedelta(days=1)
        membership = Membership.objects.get(user=self.dung)
        membership.starts_on, membership.ends_on = None, yesterday
        membership.save()
        # The request began while the right was held.
        with self.assertRaises(PermissionDenied):
            self.approve(submission, "11", self.dung)

    def test_a_unit_above_may_take_the_step_over_and_it_shows(self):
        submission = self.submit()
        step = self.step(submission, "11")
        url = reverse("plans:take_over", args=[step.pk])
        terms = {"unit": unit("1").pk, "reason": "Huyện đi công tác."}
        for user in (self.giang, self.kien, self.an, self.lan, self.hanh):
            with self.subTest(user=user):
                self.post(user, url, terms)
                step.refresh_from_db()
                self.assertEqual(step.unit.code, "11")
        self.post(self.binh, url, {"unit": unit("1").pk, "reason": ""})
        step.refresh_from_db()
        self.assertEqual(step.unit.code, "11")
        self.post(self.binh, url, terms)
        step.refresh_from_db()
        self.assertEqual((step.unit.code, step.taken_from.code), ("1", "11"))
        with self.assertRaises(PermissionDenied):
            decisions.decide(step=step, user=self.dung, verdict=APPROVED)
        decisions.decide(step=step, user=self.binh, verdict=APPROVED)
        other = make_user("oanh", "1", Role.BOARD)
        last = submission.steps.undecided().get()
        with self.assertRaises(PermissionDenied):
            decisions.decide(step=last, user=self.binh, verdict=APPROVED)
        decisions.decide(step=last, user=other, verdict=APPROVED)
        self.assertTrue(fresh(self.dossier).live)
        self.assertContains(self.get(self.giang, self.dossier.url), "thay cho")

    def test_a_board_gives_the_step_to_one_of_its_own(self):
        other = make_user("oanh", "11", Role.BOARD)
        step = self.step(self.submit(), "11")
        url = reverse("plans:assign", args=[step.pk])
        self.assertEqual(
            self.post(self.binh, url, {"assignee": other.pk}).status_code, 404
        )
        self.post(self.dung, url, {"assignee": self.kien.pk})
        step.refresh_from_db()
        self.assertIsNone(step.assignee)
        self.post(self.dung, url, {"assignee": other.pk})
        step.refresh_from_db()
        self.assertEqual(step.assignee, other)
        told = Event.objects.filter(kind=Event.Kind.REVIEW_ASSIGNED)
        self.assertEqual([event.data for event in told], [{"people": [other.pk]}])
        self.assert_history("Việc duyệt được giao cho oanh")
        self.post(self.dung, url, {"assignee": ""})
        step.refresh_from_db()
        self.assertIsNone(step.assignee)
        self.assertEqual(told.count(), 1)
        self.assert_history("Việc duyệt không còn giao riêng cho ai")
        decisions.decide(step=step, user=self.dung, verdict=APPROVED)

    def test_who_takes_a_step_over_says_why_and_it_is_nobodys_in_particular(self):
        step = self.step(self.submit(), "11")
        decisions.assign(step=step, user=self.dung, assignee=self.dung)
        terms = {"step": step, "unit": unit("1"), "user": self.binh}
        with self.assertRaises(decisions.DecisionError):
            decisions.take_over(**terms, reason="")
        decisions.take_over(**terms, reason="Huyện đi công tác.")
        step.refresh_from_db()
        self.assertIsNone(step.assignee)
        self.assert_history("Tỉnh Sông Trăng duyệt thay Huyện Ba 1: Huyện đi công tác.")

    def test_taken_over_twice_it_is_still_the_first_units(self):
        level = Level.objects.create(code="khom", name="khóm", order=4)
        hamlet = Unit.objects.create(
            code="1111", name="Khóm 1", level=level, kind="khóm", parent=unit("111")
        )
        submission = self.submit()
        step = self.step(submission, "11")
        SubmissionStep.objects.filter(pk=step.pk).update(unit=hamlet)
        for user, place in ((self.dung, "11"), (self.binh, "1")):
            decisions.take_over(
                step=submission.steps.get(pk=step.pk),
                unit=unit(place),
                user=user,
                reason="Vắng.",
            )
        step.refresh_from_db()
        self.assertEqual((step.unit.code, step.taken_from), ("1", hamlet))

    def test_who_submitted_it_takes_no_step_over(self):
        Membership.objects.create(user=self.giang, unit=unit("1"), role=Role.BOARD)
        giang = get_user_model().objects.get(pk=self.giang.pk)
        submission = self.submit(giang)
        step = self.step(submission, "11")
        with self.assertRaises(PermissionDenied):
            decisions.take_over(
                step=step, unit=unit("1"), user=giang, reason="Cho nhanh."
            )
        page = self.get(giang, reverse("plans:submission", args=[submission.pk]))
        self.assertNotContains(page, reverse("plans:take_over", args=[step.pk]))
        desk = self.get(giang, reverse("plans:review_desk"))
        self.assertContains(desk, "Không có hồ sơ nào chờ")

    def test_a_colleagues_step_is_told_apart(self):
        other = make_user("oanh", "11", Role.BOARD)
        step = self.step(self.submit(), "11")
        decisions.assign(step=step, user=self.dung, assignee=other)
        url = reverse("plans:review_desk")
        self.assertContains(self.get(self.dung, url), "Giao cho người khác")
        self.assertNotContains(self.get(other, url), "Giao cho người khác")
        decisions.assign(step=step, user=self.dung, assignee=None)
        self.assertNotContains(self.get(self.dung, url), "Giao cho người khác")

    def test_who_has_signed_is_given_no_other_step(self):
        self.make_joint()
        Membership.objects.create(user=self.dung, unit=unit("1"), role=Role.BOARD)
        submission = self.submit()
        self.approve(submission, "11", self.dung)
        step = self.step(submission, "1")
        with self.assertRaises(ValidationError):
            decisions.assign(step=step, user=self.binh, assignee=self.dung)

    def test_the_nearest_deadline_comes_first_on_the_desk(self):
        other = complete_other(self)
        first = self.submit()
        other.dossier.review_before = date(2023, 11, 1)
        other.dossier.save(update_fields=["review_before"], clean=False)
        page = self.get(self.dung, reverse("plans:review_desk")).content.decode()
        links = [reverse("plans:submission", args=[each.pk]) for each in (other, first)]
        self.assertLess(page.index(links[0]), page.index(links[1]))

    def test_the_desk_shows_each_what_is_his(self):
        submission = self.submit()
        url = reverse("plans:review_desk")
        link = reverse("plans:submission", args=[submission.pk])
        self.assertContains(self.get(self.dung, url), link)
        self.assertContains(self.get(self.dung, self.index.get_parent().url), link)
        self.assertContains(self.get(self.binh, url), "Chưa tới lượt")
        for user in (self.giang, self.kien, self.an, self.lan):
            self.assertNotContains(self.get(user, url), link)
        self.approve(submission, "11", self.dung)
        self.assertContains(self.get(self.dung, url), "Mới quyết định")
        self.assertNotContains(self.get(self.binh, url), "Chưa tới lượt")

    def test_what_one_submitted_or_signed_is_nothing_to_decide_on_ones_desk(self):
        self.make_joint()
        for user, code in ((self.giang, "11"), (self.dung, "1")):
            Membership.objects.create(user=user, unit=unit(code), role=Role.BOARD)
        submission = self.submit(again(self.giang))
        self.assertEqual(self.waiting_for(self.giang), set())
        self.assertEqual(self.waiting_for(self.dung), {"11", "1"})
        self.approve(submission, "11", again(self.dung))
        self.assertEqual(self.waiting_for(self.dung), set())
        self.assertEqual(self.waiting_for(self.binh), {"1"})

    def test_a_step_is_given_to_others_though_who_signed_has_gone(self):
        self.make_joint()
        submission = self.submit()
        self.approve(submission, "11", self.dung)
        self.dung.memberships.all().delete()
        again(self.dung).delete()
        decisions.assign(
            step=self.step(submission, "1"), user=self.binh, assignee=self.binh
        )
        self.assertEqual(self.step(submission, "1").assignee, self.binh)

    def test_who_may_not_read_the_dossier_finds_no_submission(self):
        url = reverse("plans:submission", args=[self.submit().pk])
        for user in (self.giang, self.chi, self.dung, self.binh, self.an, self.root):
            self.assertEqual(self.get(user, url).status_code, 200)
        for user in (self.hanh, self.kien, self.lan):
            self.assertEqual(self.get(user, url).status_code, 404)


class DecidingTests(ReviewTestCase):
    def test_a_return_names_the_papers_and_the_clerk_reads_it(self):
        submission = self.submit()
        step, paper = self.step(submission, "11"), submission.papers.first()
        answer = self.send(
            step,
            self.dung,
            RETURNED,
            **{f"verdict-{paper.pk}": RETURNED, f"reason-{paper.pk}": "Sai giờ."},
            number="45/BB-MTTQ",
            dated="2023-12-01",
            text="Xem lại.",
        )
        self.assertEqual(answer.status_code, 302)
        page = self.get(self.giang, self.dossier.url)
        for text in ("bị trả lại", "Sai giờ.", "45/BB-MTTQ", "Xem lại."):
            self.assertContains(page, text)

    def test_a_return_without_a_reason_loses_nothing(self):
        submission = self.submit()
        step, paper = self.step(submission, "11"), submission.papers.first()
        answer = self.send(
            step,
            self.dung,
            RETURNED,
            number="45/BB-MTTQ",
            **{f"verdict-{paper.pk}": RETURNED},
        )
        self.assertContains(answer, "Hãy ghi lý do trả lại", status_code=422)
        self.assertContains(answer, "45/BB-MTTQ", status_code=422)
        self.assertFalse(Decision.objects.exists())

    def test_a_return_that_names_no_paper_says_why(self):
        step = self.step(self.submit(), "11")
        answer = self.send(step, self.dung, RETURNED, number="45/BB-MTTQ")
        self.assertContains(answer, "Hãy ghi lý do trả lại", status_code=422)
        self.assertFalse(Decision.objects.exists())
        paper = {f"verdict-{step.submission.papers.first().pk}": RETURNED}
        answer = self.send(step, self.dung, RETURNED, text="Xem lại.", **paper)
        self.assertContains(answer, "Hãy ghi lý do trả lại", status_code=422)
        self.send(step, self.dung, RETURNED, text="Xem lại.")
        self.assertEqual(Decision.objects.get().text, "Xem lại.")

    def test_the_paper_of_a_decision_is_of_no_day_to_come(self):
        step, today = self.step(self.submit(), "11"), timezone.localdate()
        answer = self.send(step, self.dung, APPROVED, dated=today + timedelta(days=1))
        self.assertEqual(answer.status_code, 422)
        self.assertFalse(Decision.objects.exists())
        self.send(step, self.dung, APPROVED, dated=today)
        self.assertEqual(Decision.objects.get().dated, today)

    def test_the_whole_is_not_approved_with_a_paper_returned(self):
        submission = self.submit()
        paper = submission.papers.first()
        with self.assertRaisesMessage(ValidationError, "không thể duyệt cả hồ sơ"):
            decisions.decide(
                step=self.step(submission, "11"),
                user=self.dung,
                verdict=APPROVED,
                papers={paper.pk: (RETURNED, "Sai giờ.")},
            )

    def test_another_submissions_paper_is_no_answer(self):
        submission = self.submit()
        other = complete_other(self)
        with self.assertRaises(PermissionDenied):
            decisions.decide(
                step=self.step(submission, "11"),
                user=self.dung,
                verdict=APPROVED,
                papers={other.papers.first().pk: (APPROVED, "")},
            )

    def test_decided_twice_is_decided_once(self):
        step = self.step(self.submit(), "11")
        self.send(step, self.dung, APPROVED)
        for user in (self.dung, make_user("oanh", "11", Role.BOARD)):
            answer = self.send(step, user, RETURNED, text="Không.")
            self.assertContains(answer, "đã có quyết định", status_code=422)
        self.assertEqual(Decision.objects.get().verdict, APPROVED)

    def test_what_is_not_what_was_submitted_is_not_approved(self):
        submission = self.submit()
        file = submission.files.first().attachment
        (self.folder / file.file.name).write_bytes(b"khac")
        with self.assertRaisesMessage(ValidationError, "không còn đúng như khi trình"):
            self.approve(submission, "11", self.dung)
        self.hand_back(submission, "11", self.dung)

    def test_an_erased_file_can_only_be_returned(self):
        submission = self.submit()
        (self.folder / submission.files.first().attachment.file.name).unlink()
        with self.assertRaises(ValidationError):
            self.approve(submission, "11", self.dung)
        self.hand_back(submission, "11", self.dung)

    def test_text_changed_behind_its_back_is_noticed(self):
        submission = self.submit()
        revision = submission.revision
        revision.content["note"] = "Khác."
        revision.save()
        with self.assertRaises(ValidationError):
            self.approve(submission, "11", self.dung)

    def test_a_joint_meetings_number_is_offered_to_the_other_signature(self):
        self.make_joint()
        submission = self.submit()
        url = reverse("plans:submission", args=[submission.pk])
        self.assertNotContains(self.get(self.binh, url), "45/BB-MTTQ")
        self.send(
            self.step(submission, "11"),
            self.dung,
            APPROVED,
            number="45/BB-MTTQ",
            dated="2023-12-01",
        )
        page = self.get(self.binh, url)
        self.assertContains(page, 'value="45/BB-MTTQ"')
        self.assertContains(page, 'value="2023-12-01"')

    def test_a_decision_is_never_changed_and_never_deleted(self):
        self.approved()
        decision = Decision.objects.first()
        for attempt in (
            decision.save,
            decision.delete,
            Decision.objects.all().delete,
            PaperVerdict.objects.all().delete,
            lambda: Decision.objects.update(verdict=RETURNED),
        ):
            with self.assertRaises(TypeError):
                attempt()

    def test_the_reviewer_reads_the_text_that_will_be_published(self):
        page = fresh(self.dossier)
        page.note = "Kính mong duyệt trước ngày 5."
        page.save_revision(user=self.giang)
        first = self.submit()
        url = reverse("plans:submission", args=[first.pk])
        self.assertContains(self.get(self.dung, url), "duyệt trước ngày 5.")
        self.hand_back(first, "11", self.dung)
        page.note = "Kính mong duyệt trước ngày 7."
        page.save_revision(user=self.giang)
        url = reverse("plans:submission", args=[self.submit().pk])
        shown = self.get(self.dung, url)
        self.assertContains(shown, "ngày <del>5</del>.")
        self.assertContains(shown, "ngày <ins>7</ins>.")


class AfterApprovalTests(ReviewTestCase):
    def test_it_is_not_submitted_as_it_stands(self):
        self.approved()
        with self.assertRaisesMessage(ValidationError, "không có gì thay đổi"):
            self.submit()

    def test_the_difference_is_shown_beside_what_was_approved(self):
        self.approved()
        url = reverse("plans:changes", args=[self.dossier.pk])
        self.assertContains(self.get(self.giang, url), "Không có gì khác")
        page = fresh(self.dossier)
        page.note = "Đã sửa giờ."
        page.save_revision(user=self.giang)
        record = self.dossier.items.get(is_party_record=True)
        submissions.record_party_decision(
            item=record, user=self.giang, number="13-NQ/ĐU", dated=date(2023, 11, 21)
        )
        item = self.dossier.items.first()
        attachments.withdraw(attachment=item.attachments.get(), user=self.giang)
        attachments.attach(
            page=self.dossier,
            user=self.giang,
            upload=upload(pdf("x"), "thêm.pdf"),
            item=item,
        )
        self.assertContains(self.get(self.dung, self.dossier.url), url)
        shown = self.get(self.dung, url)
        for text in (
            "<ins>Đã sửa giờ.</ins>",
            *("12-NQ/ĐU", "13-NQ/ĐU", "thêm.pdf", "Văn bản 0.pdf"),
            "không còn trong hồ sơ",
        ):
            self.assertContains(shown, text)
        # Papers that are as they were are not repeated.
        self.assertNotContains(shown, "Văn bản 1.pdf")
        for user in (self.hanh, self.kien, self.lan):
            self.assertEqual(self.get(user, url).status_code, 404)

    def test_before_an_approval_there_is_nothing_to_compare_with(self):
        url = reverse("plans:changes", args=[self.dossier.pk])
        self.assertContains(self.get(self.giang, url), "chưa được duyệt")

    def test_a_change_that_was_submitted_and_then_undone_is_none(self):
        self.approved()
        file = attachments.attach(
            page=self.dossier, user=self.giang, upload=upload(pdf("x"), "x.pdf")
        ).attachment
        second = self.submit()
        submissions.withdraw_submission(submission=second, user=self.giang)
        attachments.withdraw(attachment=file, user=self.giang)
        self.assertEqual(fresh(self.dossier).state, DossierState.APPROVED)

    def test_the_history_tells_who_published_it(self):
        self.approved()
        entry = PageLogEntry.objects.get(page=self.dossier.pk, action="wagtail.publish")
        self.assertEqual(entry.user, self.binh)

    def test_a_later_change_shows_and_can_be_submitted(self):
        self.approved()
        self.assertEqual(fresh(self.dossier).state, DossierState.APPROVED)
        file = self.dossier.items.first().attachments.get()
        new = attachments.attach(
            page=self.dossier,
            user=self.giang,
            upload=upload(pdf("Moi"), "Chương trình mới.pdf"),
            item=file.item,
            replaces=file,
        ).attachment
        self.assertEqual(fresh(self.dossier).state, DossierState.CHANGED)
        self.assertContains(
            self.get(self.binh, self.dossier.url), "đã thay đổi sau khi duyệt"
        )
        second = self.submit()
        page = self.get(self.dung, reverse("plans:submission", args=[second.pk]))
        self.assertContains(page, "bản mới")
        self.assertContains(page, reverse("plans:compared", args=[file.key, new.key]))
        self.approve(second, "11", self.dung)
        self.approve(second, "1", self.binh)
        self.assertEqual(fresh(self.dossier).state, DossierState.APPROVED)

    def test_a_change_that_is_undone_is_none(self):
        self.approved()
        file = attachments.attach(
            page=self.dossier, user=self.giang, upload=upload(pdf("x"), "x.pdf")
        ).attachment
        self.assertEqual(fresh(self.dossier).state, DossierState.CHANGED)
        attachments.withdraw(attachment=file, user=self.giang)
        self.assertEqual(fresh(self.dossier).state, DossierState.APPROVED)

    def test_a_submitted_dossier_outlives_every_deletion(self):
        submission = self.submit()
        submissions.withdraw_submission(submission=submission, user=self.giang)
        for page in (self.dossier, self.congress, self.plan):
            for url in (
                reverse("wagtailadmin_pages:delete", args=[page.pk]),
                reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
                + f"?id={page.pk}&next=/admin/pages/",
            ):
                with self.subTest(page=page, url=url):
                    self.post(self.root, url)
                    self.assertTrue(type(page).objects.filter(pk=page.pk).exists())
        with self.assertRaises(ProtectedError):
            fresh(self.plan).delete()

    def test_names_stay_when_the_people_go(self):
        submission = self.approved()
        for user in (self.giang, self.dung):
            # Nobody goes who still works somewhere.
            user.memberships.all().delete()
            get_user_model().objects.get(pk=user.pk).delete()
        page = self.get(self.binh, reverse("plans:submission", args=[submission.pk]))
        self.assertContains(page, submission.submitted_by_name)
        self.assertContains(page, "dung")


class ComparingTests(ReviewTestCase):
    def test_the_second_submission_shows_what_changed(self):
        item = self.dossier.items.first()
        old = item.attachments.get()
        word = attachments.attach(
            page=self.dossier,
            user=self.giang,
            upload=upload(office(text="<w:p>Khai mạc lúc 8 giờ</w:p>"), "ct.docx"),
            item=item,
        ).attachment
        first = self.submit()
        self.hand_back(first, "11", self.dung, text="Sửa giờ.")
        attachments.withdraw(attachment=old, user=self.giang)
        newer = attachments.attach(
            page=self.dossier,
            user=self.giang,
            upload=upload(office(text="<w:p>Khai mạc lúc 7 giờ</w:p>"), "ct2.docx"),
            item=item,
            replaces=word,
        ).attachment
        second = self.submit()
        page = self.get(self.dung, reverse("plans:submission", args=[second.pk]))
        for text in ("không còn trong hồ sơ", "bản mới", "như lần trước"):
            self.assertContains(page, text)
        url = reverse("plans:compared", args=[word.key, newer.key])
        shown = self.get(self.dung, url)
        self.assertContains(shown, "Khai mạc lúc <del>8</del> giờ")
        self.assertContains(shown, "Khai mạc lúc <ins>7</ins> giờ")
        for user in (self.hanh, self.kien, self.lan):
            self.assertEqual(self.get(user, url).status_code, 404)

    def test_the_page_costs_the_same_for_few_files_and_many(self):
        first = self.submit()
        url = reverse("plans:submission", args=[first.pk])
        self.get(self.dung, url)
        with CaptureQueriesContext(connection) as few:
            self.client.get(url)
        self.hand_back(first, "11", self.dung)
        for number in range(12):
            attachments.attach(
                page=self.dossier,
                user=self.giang,
                upload=upload(pdf(f"so {number}"), f"{number}.pdf"),
                item=self.dossier.items.first(),
            )
        url = reverse("plans:submission", args=[self.submit().pk])
        self.get(self.dung, url)
        with CaptureQueriesContext(connection) as many:
            self.client.get(url)
        # Beside those of the submission before.
        self.assertLessEqual(len(many), len(few) + 5)


class TermsTests(ReviewTestCase):
    def url(self):
        return reverse("plans:terms", args=[self.dossier.pk])

    def test_the_provinces_editor_moves_the_deadline(self):
        answer = self.post(
            self.an,
            self.url(),
            {"review_before": "2023-12-20", "reason": "Kế hoạch lùi ngày."},
        )
        self.assertRedirects(answer, self.dossier.url)
        self.assertEqual(str(fresh(self.dossier).deadline), "2023-12-20")
        # What is approved later does not bring the old date back.
        self.approved()
        self.assertEqual(str(fresh(self.dossier).deadline), "2023-12-20")

    def test_nobody_moves_his_own(self):
        for user in (self.giang, self.chi, self.dung, self.binh, self.hanh, self.lan):
            with self.subTest(user=user):
                answer = self.post(
                    user, self.url(), {"review_before": "2024-12-20", "reason": "x"}
                )
                self.assertEqual(answer.status_code, 404)
        self.assertIsNone(fresh(self.dossier).review_before)

    def test_without_a_reason_nothing_is_set_and_nothing_lost(self):
        answer = self.post(self.an, self.url(), {"review_before": "2023-12-20"})
        self.assertContains(answer, "2023-12-20", status_code=422)
        self.assertIsNone(fresh(self.dossier).review_before)


def complete_other(test):
    dossier = test.neighbour.dossier
    complete(dossier, test.hanh)
    return test.submit(test.hanh, dossier)


class WaitingTests(ReviewTestCase):
    def test_only_open_submissions_wait(self):
        submission = self.submit()
        waiting = SubmissionStep.objects.waiting()
        self.assertEqual([step.unit.code for step in waiting], ["11"])
        self.hand_back(submission, "11", self.dung)
        self.assertFalse(SubmissionStep.objects.waiting().exists())
