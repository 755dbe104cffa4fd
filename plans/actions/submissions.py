"""Submitting a dossier for review, and taking a submission back."""

from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from plans.comparison import contents_now, contents_of
from plans.models import (
    DossierItem,
    DossierPage,
    Submission,
    SubmissionStep,
    SubmittedFile,
    SubmittedPaper,
)
from plans.models.memberships import written_name
from plans.models.shown import tell_shown_changed
from plans.permissions import may_submit

from .events import Kind, new_event, record_event, record_events

SUBMITTED = "plans.submission.submit"
WITHDRAWN = "plans.submission.withdraw"
PARTY_RECORDED = "plans.dossier.record_party_decision"

State = Submission.State


class IncompleteDossierError(ValidationError):
    """The dossier cannot be submitted; the messages are its gaps, one each."""


def lock_dossier(dossier: DossierPage) -> DossierPage:
    """The dossier as it is now, its row held until the end of the transaction.

    Whoever writes to a dossier, its files or its submissions takes turns by this row.
    """
    Page.objects.select_for_update(no_key=True).get(pk=dossier.pk)
    return DossierPage.objects.select_related("unit", "congress__rule").get(
        pk=dossier.pk
    )


def as_of_now(user: Any) -> Any:
    """The person as the database has him: his rights may have ended meanwhile.

    Raises PermissionDenied for who is there no more.
    """
    fresh = get_user_model()._default_manager.filter(pk=user.pk).first()
    if fresh is None:
        raise PermissionDenied
    return fresh


def gaps(dossier: DossierPage) -> list[str]:
    """What is missing before the dossier can be submitted, in the reader's language."""
    found = []
    for item in dossier.items.prefetch_related("attachments"):
        if not (item.absence_reason or item.current_files):
            found.append(_("“%s” is missing.") % item)
        elif not item.is_in:
            found.append(_("“%s”: its number or its date is missing.") % item)
    found += [
        f"“{file}”: {file.get_scan_display()}."
        for file in dossier.attachments.current()
        if not file.is_servable
    ]
    if not dossier.reviewing_units():
        found.append(_("The plan does not say who reviews the dossier."))
    return found


def submit(*, dossier: DossierPage, user: Any, note: str = "") -> Submission:
    """Submit the dossier: freeze its text, papers and files, and who decides on them.

    Raises PermissionDenied; IncompleteDossierError with every gap; ValidationError
    where it is under review already, locked, or approved as it stands.
    """
    with transaction.atomic():
        dossier = lock_dossier(dossier)
        if not may_submit(as_of_now(user), dossier):
            raise PermissionDenied
        lock = dossier.get_lock()
        if lock and lock.for_user(user):
            raise ValidationError(
                lock.get_message(user) or _("“%s” is locked.") % dossier
            )
        if dossier.live and not dossier.has_unpublished_changes:
            raise ValidationError(_("It is approved as it stands: nothing changed."))
        if missing := gaps(dossier):
            raise IncompleteDossierError(missing)
        last, rule = dossier.submissions.first(), dossier.congress.rule
        submission = Submission.objects.create(
            dossier=dossier,
            number=last.number + 1 if last else 1,
            revision=_freeze(dossier),
            is_joint=bool(rule and rule.joint_review),
            note=note,
            submitted_by=user,
            submitted_by_name=written_name(user),
        )
        _add_papers(submission)
        _add_steps(submission)
        # Read again: the sum is that of what is kept, to the letter.
        submission = Submission.objects.get(pk=submission.pk)
        _refuse_damaged(submission)
        submission.sha256 = submission.fingerprint()
        submission.save(update_fields=["sha256"])
        log(
            instance=dossier,
            action=SUBMITTED,
            user=user,
            revision=submission.revision,
            data={"submission": submission.number},
        )
        record_event(kind=Kind.DOSSIER_SUBMITTED, page=dossier, actor=user)
        record_waiting(submission.steps, user)
    return submission


def record_waiting(steps: Any, user: Any) -> None:
    """Record of each of the steps whose turn it is now that it waits for its unit."""
    record_events(
        new_event(
            kind=Kind.REVIEW_WAITING,
            page=step.submission.dossier,
            actor=user,
            unit=step.unit,
            key=f"{Kind.REVIEW_WAITING}:{step.pk}:{step.unit_id}",
        )
        for step in steps.waiting().select_related("unit", "submission__dossier")
    )


def withdraw_submission(*, submission: Submission, user: Any) -> Submission:
    """Take the submission back before anybody has decided. Twice is the same as once.

    Raises PermissionDenied, and ValidationError where a decision has been made.
    """
    with transaction.atomic():
        dossier = lock_dossier(submission.dossier)
        if not may_submit(as_of_now(user), dossier):
            raise PermissionDenied
        submission = Submission.objects.get(pk=submission.pk)
        if submission.state == State.WITHDRAWN:
            return submission
        if not submission.is_open or submission.decisions.exists():
            raise ValidationError(
                _("It has been decided on: it cannot be taken back any more.")
            )
        close(submission, State.WITHDRAWN)
        log(
            instance=dossier,
            action=WITHDRAWN,
            user=user,
            data={"submission": submission.number},
        )
        record_event(kind=Kind.SUBMISSION_WITHDRAWN, page=dossier, actor=user)
    return submission


def close(submission: Submission, state: str) -> None:
    """End the submission; the caller holds the dossier's row."""
    submission.state = state
    submission.closed_at = timezone.now()
    submission.save(update_fields=["state", "closed_at"])


def record_party_decision(
    *, item: DossierItem, user: Any, number: str, dated: date
) -> None:
    """Note the number and date of the Party committee's record.

    Raises PermissionDenied, and ValidationError where the dossier is locked, the number
    is empty or the day is still to come.
    """
    if dated > timezone.localdate():
        raise ValidationError(_("The day is still to come."))
    if not number:
        raise ValidationError(_("The number is missing."))
    with transaction.atomic():
        dossier = lock_dossier(item.dossier)
        if not may_submit(as_of_now(user), dossier) or not item.is_party_record:
            raise PermissionDenied
        lock = dossier.get_lock()
        if lock and lock.for_user(user):
            raise ValidationError(
                lock.get_message(user) or _("“%s” is locked.") % dossier
            )
        item.number, item.dated = number, dated
        item.save(update_fields=["number", "dated"])
        log(
            instance=dossier,
            action=PARTY_RECORDED,
            user=user,
            data={"number": number, "dated": dated.isoformat()},
        )
        note_difference(dossier)


def note_difference(dossier: DossierPage) -> None:
    """Mark an approved dossier whose papers are not the approved ones any more.

    The caller holds the dossier's row.
    """
    approved = dossier.submissions.filter(state=State.APPROVED).first()
    if not dossier.live or approved is None:
        return
    differs = not contents_now(dossier).is_like(contents_of(approved))
    if differs != dossier.has_unpublished_changes:
        Page.objects.filter(pk=dossier.pk).update(has_unpublished_changes=differs)
        tell_shown_changed()


def _refuse_damaged(submission: Submission) -> None:
    damaged = [
        _("“%s” is damaged on the server: take it back and attach it again.") % row
        for row in submission.damaged_files()
    ]
    if damaged:
        raise IncompleteDossierError(damaged)


def _freeze(dossier: DossierPage) -> Revision:
    """The latest text as a revision of nobody: autosave overwrites a person's own."""
    latest = dossier.get_latest_revision_as_object()
    latest.go_live_at = latest.expire_at = None
    return latest.save_revision(log_action=False)


def _add_papers(submission: Submission) -> None:
    papers = {
        item.pk: SubmittedPaper(
            submission=submission,
            item=item,
            title=item.title,
            absence_reason=item.absence_reason,
            number=item.number,
            dated=item.dated,
            sort_order=item.sort_order,
        )
        for item in submission.dossier.items.all()
    }
    SubmittedPaper.objects.bulk_create(papers.values())
    SubmittedFile.objects.bulk_create(
        SubmittedFile(
            submission=submission,
            paper=papers.get(file.item_id) if file.item_id else None,
            attachment=file,
            sha256=file.sha256,
        )
        for file in submission.dossier.attachments.current()
    )


def _add_steps(submission: Submission) -> None:
    SubmissionStep.objects.bulk_create(
        SubmissionStep(
            submission=submission,
            order=1 if submission.is_joint else number,
            level=level,
            unit=unit,
        )
        for number, (level, unit) in enumerate(
            submission.dossier.reviewing_units(), start=1
        )
    )
