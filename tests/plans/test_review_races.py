"""Eight processes at one dossier in the same moment, on either database."""

import os
import traceback
from collections import Counter
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.test import TransactionTestCase
from wagtail.models import PageLogEntry

from plans.actions import attachments, decisions, submissions
from plans.actions.congresses import open_congress
from plans.actions.personal_data import erase_dossier
from plans.models import Attachment, Decision, LevelRule, Role, Submission
from tests.builders import (
    fresh,
    make_plan,
    make_units,
    make_user,
    open_site,
    restore_root,
    unit,
)
from tests.uploads import complete, pdf, upload, use_own_folder

APPROVED, RETURNED = Decision.Verdict.APPROVED, Decision.Verdict.RETURNED
State = Submission.State

DONE, REFUSED, FAILED = "done", "refused", "failed"
EXIT_CODES = {0: DONE, 1: REFUSED, 2: FAILED}
ROUNDS = 3


def outcome_of(call):
    """Run the call as a process of its own does; how that ends, as its exit code."""
    try:
        call()
    except (PermissionDenied, ValidationError):
        return 1
    except BaseException:  # noqa: BLE001 - the parent is told
        traceback.print_exc()
        return 2
    return 0


def race(*calls):
    """Run each call in a process; all begin at one moment. How each of them ended."""
    connections.close_all()
    gate, opener = os.pipe()
    runners = []
    for call in calls:
        runner = os.fork()
        if not runner:
            os.close(opener)
            os.read(gate, 1)
            os._exit(outcome_of(call))
        runners.append(runner)
    os.close(gate)
    os.close(opener)
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in runners]
    return [EXIT_CODES.get(code, FAILED) for code in codes]


class ReviewRaceTests(TransactionTestCase):
    def setUp(self):
        use_own_folder(self)
        restore_root()
        self.plan = make_plan(open_site(make_units()))
        self.dossier = open_congress(plan=self.plan, unit=unit("111")).dossier
        self.giang = make_user("giang", "111", Role.STAFF)
        self.huong = make_user("huong", "111", Role.BOARD)
        self.districts = [make_user(f"huyen{n}", "11", Role.BOARD) for n in range(3)]
        self.provinces = [make_user(f"tinh{n}", "1", Role.BOARD) for n in range(3)]
        complete(self.dossier, self.giang)

    def submit(self, user=None):
        return submissions.submit(dossier=self.dossier, user=user or self.giang)

    def decision(self, step, user, verdict):
        return partial(
            decisions.decide,
            step=step,
            user=user,
            verdict=verdict,
            text="Thiếu." if verdict == RETURNED else "",
        )

    def withdrawal(self, submission, user):
        return partial(
            submissions.withdraw_submission, submission=submission, user=user
        )

    def logged(self, *actions):
        rows = PageLogEntry.objects.filter(page=self.dossier.pk, action__in=actions)
        return Counter(rows.values_list("action", flat=True))

    def test_eight_submit_and_one_has_submitted(self):
        calls = [partial(self.submit, user) for user in (self.giang, self.huong)]
        ends = race(*calls * 4)
        self.assertEqual(Counter(ends), {DONE: 1, REFUSED: 7})
        submission = Submission.objects.get()
        self.assertTrue(submission.is_intact)
        self.assertEqual(submission.steps.count(), 2)
        self.assertEqual(self.logged(submissions.SUBMITTED).total(), 1)

    def test_eight_decide_and_withdraw_and_one_thing_happens(self):
        for _round in range(ROUNDS):
            submission = self.submit()
            step = submission.steps.get(order=1)
            before = self.logged(
                submissions.WITHDRAWN, decisions.APPROVED, decisions.RETURNED
            )
            ends = race(
                self.withdrawal(submission, self.giang),
                *(self.decision(step, user, APPROVED) for user in self.districts),
                *(self.decision(step, user, RETURNED) for user in self.districts),
                partial(self.submit, self.huong),
            )
            self.assertNotIn(FAILED, ends)
            submission.refresh_from_db()
            happened = (
                self.logged(
                    submissions.WITHDRAWN, decisions.APPROVED, decisions.RETURNED
                )
                - before
            )
            self.assertEqual(happened.total(), 1, (ends, happened))
            (action,) = happened
            self.assertEqual(
                submission.state,
                {
                    submissions.WITHDRAWN: State.WITHDRAWN,
                    decisions.RETURNED: State.RETURNED,
                    decisions.APPROVED: State.UNDER_REVIEW,
                }[action],
            )
            decided = 0 if action == submissions.WITHDRAWN else 1
            self.assertEqual(submission.decisions.count(), decided)
            # The one that submits anew finds the first closed, or is refused.
            again = Submission.objects.filter(number__gt=submission.number)
            self.assertEqual(again.count(), ends.count(DONE) - 1)
            self.assertEqual(self.dossier.submissions.open().count() <= 1, True)
            for left in Submission.objects.open():
                self.finish(left)

    def finish(self, submission):
        """Have what is still open returned, so that the next round begins anew."""
        step = submission.steps.undecided().first()
        users = self.districts if step.unit.code == "11" else self.provinces
        self.decision(step, users[0], RETURNED)()

    def test_all_sign_at_once_and_it_is_published_once(self):
        LevelRule.objects.filter(plan=self.plan).update(joint_review=True)
        submission = self.submit()
        steps = {step.unit.code: step for step in submission.steps.all()}
        ends = race(
            *(self.decision(steps["11"], user, APPROVED) for user in self.districts),
            *(self.decision(steps["1"], user, APPROVED) for user in self.provinces),
            self.withdrawal(submission, self.giang),
            self.withdrawal(submission, self.huong),
        )
        self.assertNotIn(FAILED, ends)
        submission.refresh_from_db()
        if submission.state == State.WITHDRAWN:
            self.assertFalse(submission.decisions.exists())
            self.assertFalse(fresh(self.dossier).live)
            return
        self.assertEqual(submission.state, State.APPROVED)
        self.assertEqual(Counter(ends), {DONE: 2, REFUSED: 6})
        self.assertEqual(
            {decision.step.unit.code for decision in submission.decisions.all()},
            {"1", "11"},
        )
        self.assertEqual(
            self.logged(decisions.APPROVED, "wagtail.publish"),
            {decisions.APPROVED: 2, "wagtail.publish": 1},
        )
        dossier = fresh(self.dossier)
        self.assertEqual(dossier.live_revision_id, submission.revision_id)
        self.assertFalse(dossier.has_unpublished_changes)

    def test_a_file_is_in_the_submission_or_refused(self):
        """None slips in between the sum and the commit, and none is lost."""
        item = self.dossier.items.first()
        for number in range(ROUNDS):
            old = item.attachments.current().last()
            ends = race(
                partial(self.submit),
                partial(attachments.withdraw, attachment=old, user=self.giang),
                *(self.sending(item, old, number, place) for place in range(3)),
                *(self.sending(item, None, number, place) for place in range(3)),
            )
            self.assertNotIn(FAILED, ends)
            for submission in Submission.objects.open():
                self.assertTrue(submission.is_intact)
                files = submission.files.values_list("attachment", flat=True)
                current = self.dossier.attachments.current()
                self.assertEqual(set(files), set(current.values_list("pk", flat=True)))
                self.withdrawal(submission, self.giang)()
            if not item.attachments.current().exists():
                self.sending(item, None, number, 9)()

    def sending(self, item, old, number, place):
        content = pdf(f"Lan {number} so {place} {bool(old)}")
        return partial(
            attachments.attach,
            page=self.dossier,
            user=self.huong,
            upload=upload(content, f"{place}.pdf"),
            item=item,
            replaces=old,
        )

    def test_erasing_waits_for_its_turn_as_well(self):
        Attachment.objects.update(holds_personal_data=True)
        submission = self.submit()
        step = submission.steps.get(order=1)
        file = Attachment.objects.first()
        ends = race(
            partial(erase_dossier, dossier=self.dossier),
            partial(erase_dossier, dossier=self.dossier),
            *(self.decision(step, user, APPROVED) for user in self.districts),
            self.withdrawal(submission, self.giang),
            self.sending(file.item, file, 1, 1),
            partial(attachments.withdraw, attachment=file, user=self.huong),
        )
        self.assertNotIn(FAILED, ends)
        first = Attachment.objects.filter(page=self.dossier, pk__lte=file.pk)
        self.assertEqual(set(first.values_list("state", "file")), {("erased", "")})
        self.assertFalse(submission.is_intact)
