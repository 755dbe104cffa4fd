"""Notices have their time: what is long past leaves the bell."""

from datetime import datetime

from plans.models import Notice

AT_ONCE = 5000
"""Rows that one statement removes, so that nobody waits for it long."""


def prune_notices(*, before: datetime) -> int:
    """Remove the notices made before, read or not, but none that is still to go out
    or was given up. The events stay, as does who has confirmed reading what.

    Returns how many.
    """
    settled = Notice.objects.filter(created_at__lt=before, failed_at=None)
    unsent = Notice.objects.unsent().values("pk")
    removed = 0
    settled = settled.exclude(pk__in=unsent).order_by("pk")
    while keys := list(settled.values_list("pk", flat=True)[:AT_ONCE]):
        removed += Notice.objects.filter(pk__in=keys).delete()[0]
    return removed
