"""Who follows the units that end, or their pages."""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from typing import Any

from django.utils.translation import ngettext

from plans.models import Subscription

from .pages import Leads
from .reading import Passage


def pass_subscriptions(passages: Sequence[Passage], leads: Leads) -> None:
    """Let those who follow the units follow their heirs, and the pages likewise.

    Who follows a unit of an abolished level does not follow the province for that.
    """
    by_old: dict[int | None, Passage] = {
        passage.old.pk: passage for passage in passages if passage.passes_people
    }
    rows: list[Subscription] = []
    counts: Counter[Any] = Counter()
    for row in Subscription.objects.filter(unit__in=by_old):
        rows.append(_of(row, unit=by_old[row.unit_id].new))
        counts[row.unit_id] += 1
    rows += [
        _of(row, page=leads[row.page_id].page_ptr)
        for row in Subscription.objects.filter(page__in=leads)
    ]
    Subscription.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    for key, number in counts.items():
        text = ngettext(
            "%(number)d person who follows it follows %(unit)s.",
            "%(number)d people who follow it follow %(unit)s.",
            number,
        )
        passage = by_old[key]
        passage.notes.append(text % {"number": number, "unit": passage.new})


def _of(row: Subscription, **values: Any) -> Subscription:
    new = copy(row)
    new.pk = None
    for name, value in values.items():
        setattr(new, name, value)
    return new
