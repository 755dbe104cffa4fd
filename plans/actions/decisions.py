"""Deciding on a submission: step by step, each unit for itself."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter, log

from plans.models import Decision, PaperVerdict, Submission, SubmissionStep, Unit
from plans.models.memberships import written_name
from plans.permissions import (
    may_assign,
    may_decide,
    reviewers,
    units_to_take_over,
)

from .events import Kind, record_event
from .submissions import as_of_now, close, lock_dossier, record_waiting

APPROVED = "plans.decision.approve"
RETURNED = "plans.decision.return"
TAKEN_OVER = "plans.review.take_over"
ASSIGNED = "plans.review.assign"

Verdict = Decision.Verdict


class DecisionError(ValidationError):
    """The decision cannot be taken; the message says why."""


class ApprovedFormatter(LogFormatter):
    """Shows in the dossier's history which unit did it."""

    label = gettext_lazy("Approve a submission")  # type: ignore[assignment]
    sentence = gettext_lazy("Submission %(submission)s was approved by %(unit)s")

    def format_message(self, log_entry: Any) -> str:
        return self.sentence % log_entry.data


class ReturnedFormatter(ApprovedFormatter):
    label = gettext_lazy("Return a submission")
    sentence = gettext_lazy("Submission %(submission)s was returned by %(unit)s")


class TakenOverFormatter(ApprovedFormatter):
    label = gettext_lazy("Take a review over")
    sentence = gettext_lazy("%(unit)s reviews in place of %(taken_from)s: %(reason)s")


class AssignedFormatter(LogFormatter):
    """Shows in the dossier's history who is to handle the review."""

    label = gettext_lazy("Give a review to a person")  # type: ignore[assignment]

    def format_message(self, log_entry: Any) -> str:
        if not log_entry.data["assignee"]:
            return _("The review is nobody's in particular any more")
        return _("The review was given to %(assignee)s") % log_entry.data


def decide(
    *,
    step: SubmissionStep,
    user: Any,
    verdict: str,
    papers: Mapping[int, tuple[str, str]] | None = None,
    number: str = "",
    dated: date | None = None,
    text: str = "",
) -> Decision:
    """Decide on the submission for the step's unit.

    `papers` holds a verdict and a reason for the required papers, by the key of the
    submitted paper; one that is not named goes with the whole. A return closes the
    submission. The last approval publishes exactly what was submitted.

    Raises PermissionDenied, and DecisionError where it is not the step's turn, it has
    been decided already, a return gives no reason, or an approval returns a paper or
    finds a file changed.
    """
    with transaction.atomic():
        dossier = lock_dossier(step.submission.dossier)
        step = SubmissionStep.objects.select_related("submission", "unit").get(
            pk=step.pk
        )
        submission = step.submission
        submission.dossier = dossier
        if not may_decide(as_of_now(user), step):
            raise PermissionDenied
        _refuse_out_of_turn(step)
        answers = _answers(submission, papers or {}, verdict)
        if dated and dated > timezone.localdate():
            raise DecisionError(_("The day is still to come."))
        if verdict == Verdict.APPROVED:
            _refuse_changed(submission)
        elif not text and not any(reason for _verdict, reason in answers.values()):
            raise DecisionError(_("Say why it is returned."))
        decision = Decision.objects.create(
            submission=submission,
            step=step,
            order=step.order,
            follows=_decision_before(step),
            verdict=verdict,
            sha256=submission.sha256,
            number=number,
            dated=dated,
            text=text,
            decided_by=user,
            decided_by_name=written_name(user),
        )
        PaperVerdict.objects.bulk_create(
            PaperVerdict(decision=decision, paper_id=key, verdict=each, reason=reason)
            for key, (each, reason) in answers.items()
        )
        log(
            instance=dossier,
            action=APPROVED if verdict == Verdict.APPROVED else RETURNED,
            user=user,
            revision=submission.revision,
            data={"submission": submission.number, "unit": str(step.unit)},
        )
        _follow(submission, verdict, user)
        _record(submission, step, user)
    return decision


def take_over(*, step: SubmissionStep, unit: Unit, user: Any, reason: str) -> None:
    """Have a unit above decide in place of the step's unit, which does not.

    Raises PermissionDenied for who does not review in that unit above, and
    DecisionError where the step is decided or no reason is given.
    """
    with transaction.atomic():
        dossier = lock_dossier(step.submission.dossier)
        step = SubmissionStep.objects.select_related("submission", "unit").get(
            pk=step.pk
        )
        if unit not in units_to_take_over(as_of_now(user), step):
            raise PermissionDenied
        _refuse_decided(step)
        if not reason:
            raise DecisionError(_("Say why the step is taken over."))
        replaced = step.unit
        # Taken over twice, it is still the first unit's.
        step.taken_from = step.taken_from or replaced
        step.unit, step.assignee = unit, None
        step.save(update_fields=["taken_from", "unit", "assignee"])
        log(
            instance=dossier,
            action=TAKEN_OVER,
            user=user,
            data={
                "unit": str(unit),
                "taken_from": str(replaced),
                "reason": reason,
            },
        )
        record_waiting(step.submission.steps, user)


def assign(*, step: SubmissionStep, user: Any, assignee: Any) -> None:
    """Say who of the unit handles the step; its other reviewers still may decide.

    Raises PermissionDenied for who does not review there, and DecisionError where the
    person named does not, or the step is decided.
    """
    with transaction.atomic():
        dossier = lock_dossier(step.submission.dossier)
        step = SubmissionStep.objects.select_related("submission", "unit").get(
            pk=step.pk
        )
        if not may_assign(as_of_now(user), step):
            raise PermissionDenied
        _refuse_decided(step)
        if assignee is not None and assignee not in reviewers(step):
            raise DecisionError(_("This person may not decide on it."))
        step.assignee = assignee
        step.save(update_fields=["assignee"])
        name = written_name(assignee) if assignee else ""
        log(instance=dossier, action=ASSIGNED, user=user, data={"assignee": name})
        if assignee is not None:
            record_event(
                kind=Kind.REVIEW_ASSIGNED,
                page=dossier,
                actor=user,
                unit=step.unit,
                data={"people": [assignee.pk]},
            )


def _refuse_decided(step: SubmissionStep) -> None:
    if step.is_decided or not step.submission.is_open:
        raise DecisionError(_("This has been decided in the meantime."))


def _refuse_out_of_turn(step: SubmissionStep) -> None:
    _refuse_decided(step)
    if not SubmissionStep.objects.waiting().filter(pk=step.pk).exists():
        raise DecisionError(_("The step before has not been decided yet."))


def _refuse_changed(submission: Submission) -> None:
    if not submission.is_intact:
        raise DecisionError(
            _(
                "A file of the dossier is not what was submitted any more:"
                " it cannot be approved. Return it, and have it submitted again."
            )
        )


def _answers(
    submission: Submission, papers: Mapping[int, tuple[str, str]], verdict: str
) -> dict[int, tuple[str, str]]:
    """The verdict and reason for every paper of the submission."""
    submitted = {paper.pk: paper for paper in submission.papers.all()}
    if not papers.keys() <= submitted.keys():
        raise PermissionDenied
    answers = {}
    for key, paper in submitted.items():
        each, reason = papers.get(key, (Verdict.APPROVED, ""))
        if each == Verdict.RETURNED and not reason:
            raise DecisionError(_("Say why “%s” is returned.") % paper)
        if each == Verdict.RETURNED and verdict == Verdict.APPROVED:
            raise DecisionError(
                _("“%s” is returned: the whole cannot be approved.") % paper
            )
        answers[key] = (each, reason)
    return answers


def _decision_before(step: SubmissionStep) -> Decision | None:
    before = Decision.objects.filter(
        submission=step.submission_id, order__lt=step.order
    )
    return before.order_by("-order", "-pk").first()


def _follow(submission: Submission, verdict: str, user: Any) -> None:
    """What the decision leads to: the end of the submission, or the next step."""
    if verdict == Verdict.RETURNED:
        close(submission, Submission.State.RETURNED)
    elif not submission.steps.undecided().exists():
        close(submission, Submission.State.APPROVED)
        submission.revision.publish(user=user, skip_permission_checks=True)


OUTCOMES = {
    Submission.State.UNDER_REVIEW: Kind.STEP_APPROVED,
    Submission.State.RETURNED: Kind.DOSSIER_RETURNED,
    Submission.State.APPROVED: Kind.DOSSIER_APPROVED,
}
"""What a decision is told as, by the state it leaves the submission in."""


def _record(submission: Submission, step: SubmissionStep, user: Any) -> None:
    record_event(
        kind=OUTCOMES[Submission.State(submission.state)],
        page=submission.dossier,
        actor=user,
        data={"by": str(step.unit)},
    )
    record_waiting(submission.steps, user)
