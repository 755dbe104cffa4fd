"""Reminding units, by hand, of guidance that they have yet to confirm.

That its day is near or has passed, `plans.actions.reminders` tells by itself.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from plans.models import GuidancePage, Unit

from .events import Kind, new_event, record_events


def remind_now(*, guidance: GuidancePage, user: Any) -> int:
    """Remind the units that have not read the guidance, at most once a day each.

    Returns how many have not. Raises PermissionDenied for who may not see who has.
    """
    if not guidance.permissions_for_user(user).can_see_readers():
        raise PermissionDenied
    if not (guidance.must_acknowledge and guidance.is_in_force):
        return 0
    units: Any = guidance.addressed_units_with_reading()
    unread: list[Unit] = list(units.filter(said_at=None))
    before, today = guidance.acknowledge_before, timezone.localdate()
    record_events(
        new_event(
            kind=Kind.READING_DUE,
            page=guidance,
            actor=user,
            unit=unit,
            data={"before": before.isoformat() if before else None},
            key=f"{Kind.READING_DUE}:{guidance.pk}:{guidance.reading_version}"
            f":{unit.pk}:{today}",
        )
        for unit in unread
    )
    return len(unread)
