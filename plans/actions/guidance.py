"""Guidance: a unit says that it has read it, its issuer withdraws it."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter, log
from wagtail.models import Page

from plans.models import Acknowledgement, GuidancePage, Unit, Withdrawal
from plans.models.memberships import written_name

from .events import Kind, record_event

WITHDRAWN = "plans.guidance.withdraw"
RESTORED = "plans.guidance.restore"


class WithdrawnFormatter(LogFormatter):
    """Shows in the page's history why it was withdrawn, or put in force again."""

    label = gettext_lazy("Withdraw guidance")  # type: ignore[assignment]
    sentence = gettext_lazy("Withdrawn: %s")

    def format_message(self, log_entry: Any) -> str:
        return self.sentence % log_entry.data["reason"]


class RestoredFormatter(WithdrawnFormatter):
    label = gettext_lazy("Put guidance in force again")
    sentence = gettext_lazy("In force again: %s")


def acknowledge(
    *, guidance: GuidancePage, unit: Unit, user: Any, version: int
) -> Acknowledgement:
    """Keep that the unit has read the guidance. Twice is the same as once.

    `version` is the reading the person saw. Raises PermissionDenied where he does not
    work in the unit or it is not addressed, and ValidationError where there is nothing
    to confirm (any more), or the guidance was changed since he saw it.
    """
    with transaction.atomic():
        guidance = _locked(guidance)
        tester = guidance.permissions_for_user(user)
        if not tester.own_readings().filter(pk=unit.pk).exists():
            raise PermissionDenied
        if not guidance.is_in_force:
            raise ValidationError(_("This guidance no longer holds."))
        if not guidance.must_acknowledge:
            raise ValidationError(_("Nobody is asked to confirm this guidance."))
        if version != guidance.reading_version:
            raise ValidationError(
                _("The guidance has been changed: please read it again.")
            )
        row, _created = Acknowledgement.objects.get_or_create(
            guidance=guidance,
            unit=unit,
            version=version,
            defaults={"user": user, "user_name": written_name(user)},
        )
    return row


def withdraw(*, guidance: GuidancePage, user: Any, reason: str) -> Withdrawal:
    """Withdraw the guidance; what was scheduled for it is given up.

    Raises PermissionDenied, and ValidationError where it is withdrawn already or no
    reason is given.
    """
    with transaction.atomic():
        guidance = _locked(guidance)
        if not guidance.permissions_for_user(user).can_withdraw():
            raise PermissionDenied
        _ask_reason(reason)
        if Withdrawal.objects.filter(guidance=guidance).exists():
            raise ValidationError(_("This guidance has been withdrawn already."))
        guidance.revisions.update(approved_go_live_at=None)
        if guidance.workflow_in_progress:
            guidance.current_workflow_state.cancel(user=user)
        row = Withdrawal.objects.create(
            guidance=guidance, reason=reason, user=user, user_name=written_name(user)
        )
        log(instance=guidance, action=WITHDRAWN, user=user, data={"reason": reason})
        record_event(
            kind=Kind.WITHDRAWN, page=guidance, actor=user, data={"reason": reason}
        )
    return row


def restore(*, guidance: GuidancePage, user: Any, reason: str) -> None:
    """Take the withdrawal back; the page's history keeps both.

    Raises PermissionDenied, and ValidationError where it is not withdrawn or no reason
    is given.
    """
    with transaction.atomic():
        guidance = _locked(guidance)
        if not guidance.permissions_for_user(user).can_withdraw():
            raise PermissionDenied
        _ask_reason(reason)
        row = Withdrawal.objects.filter(guidance=guidance).first()
        if row is None:
            raise ValidationError(_("This guidance has not been withdrawn."))
        row.delete()
        log(instance=guidance, action=RESTORED, user=user, data={"reason": reason})
        record_event(
            kind=Kind.RESTORED, page=guidance, actor=user, data={"reason": reason}
        )


def _locked(guidance: GuidancePage) -> GuidancePage:
    """The guidance as it is now, its page's row held until the transaction ends."""
    Page.objects.select_for_update().get(pk=guidance.pk)
    return GuidancePage.objects.get(pk=guidance.pk)


def _ask_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
