"""The dates of a dossier that the plan's editors set: its deadline, and its keeping."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.log_actions import log

from plans.models import DossierPage
from plans.permissions import may_set_terms

from .events import Kind, record_event
from .submissions import lock_dossier

TERMS_SET = "plans.dossier.set_terms"


def set_terms(
    *,
    dossier: DossierPage,
    user: Any,
    review_before: date | None,
    keep_until: date | None,
    reason: str,
) -> DossierPage:
    """Set the dossier's own deadline (exclusive) and the last day its personal data
    is kept; None for either follows the plan and the office's setting again.

    Raises PermissionDenied.
    """
    if not may_set_terms(user, dossier):
        raise PermissionDenied
    with transaction.atomic():
        dossier = lock_dossier(dossier)
        if (review_before, keep_until) != (dossier.review_before, dossier.keep_until):
            is_moved = review_before != dossier.review_before
            dossier.review_before, dossier.keep_until = review_before, keep_until
            dossier.save(update_fields=["review_before", "keep_until"], clean=False)
            log(
                instance=dossier,
                action=TERMS_SET,
                user=user,
                data={
                    "review_before": review_before and review_before.isoformat(),
                    "keep_until": keep_until and keep_until.isoformat(),
                    "reason": reason,
                },
            )
            if is_moved:
                day = dossier.deadline
                record_event(
                    kind=Kind.DEADLINE_CHANGED,
                    page=dossier,
                    actor=user,
                    data={"before": day.isoformat() if day else None},
                )
    return dossier
