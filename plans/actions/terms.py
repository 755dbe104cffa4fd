"""The dates that the plan's editors set for one unit: of its congress and dossier."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.log_actions import log

from plans.models import CongressPage, DeadlineKind, DossierPage
from plans.models.congresses import OWN_DEADLINES
from plans.permissions import may_set_terms

from .events import Kind, record_event
from .reminders import remember
from .submissions import lock_dossier

TERMS_SET = "plans.dossier.set_terms"


def set_terms(
    *,
    dossier: DossierPage,
    user: Any,
    review_before: date | None,
    keep_until: date | None,
    reason: str,
    hold_before: date | None = None,
    lessons_before: date | None = None,
    report_before: date | None = None,
) -> DossierPage:
    """Set the own deadlines (exclusive) of the dossier and its congress, and the last
    day its personal data is kept; None for any follows the plan and the office's
    setting again.

    Raises PermissionDenied.
    """
    of_congress = dict(
        zip(OWN_DEADLINES, (hold_before, lessons_before, report_before), strict=True)
    )
    of_dossier = {"review_before": review_before, "keep_until": keep_until}
    if not may_set_terms(user, dossier):
        raise PermissionDenied
    with transaction.atomic():
        dossier = lock_dossier(dossier)
        is_moved = review_before != dossier.review_before
        changed = _set(dossier, of_dossier) | _set(dossier.congress, of_congress)
        if changed:
            days = {
                name: day and day.isoformat()
                for name, day in (of_dossier | of_congress).items()
            }
            log(
                instance=dossier,
                action=TERMS_SET,
                user=user,
                data=days | {"reason": reason},
            )
            if is_moved:
                day = dossier.deadline
                record_event(
                    kind=Kind.DEADLINE_CHANGED,
                    page=dossier,
                    actor=user,
                    data={
                        "deadline": DeadlineKind.DOSSIER,
                        "before": day.isoformat() if day else None,
                    },
                )
                remember(DeadlineKind.DOSSIER, dossier, dossier.unit, day)
    return dossier


def _set(page: DossierPage | CongressPage, days: dict[str, date | None]) -> bool:
    """Set the page's days; whether any of them was another before."""
    if all(getattr(page, name) == day for name, day in days.items()):
        return False
    for name, day in days.items():
        setattr(page, name, day)
    page.save(update_fields=list(days), clean=False)
    return True
