"""The rights given by hand on what ends, or to a unit that ends."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import ngettext

from plans.models import (
    PageGroupGrant,
    PageUnitGrant,
    PageUserGrant,
    UnitGroupGrant,
    UnitPage,
    UnitUnitGrant,
    UnitUserGrant,
)
from plans.models.grants import Origin

from .pages import Leads
from .reading import Passage

ON_UNITS: tuple[Any, ...] = (UnitUserGrant, UnitGroupGrant, UnitUnitGrant)
ON_PAGES: tuple[Any, ...] = (PageUserGrant, PageGroupGrant, PageUnitGrant)
OF_UNITS: tuple[Any, ...] = (UnitUnitGrant, PageUnitGrant)


def pass_rights(passages: Sequence[Passage], leads: Leads, day: date) -> None:
    """Give once more, from the day on, what has been given by hand: to the heirs what
    the units held, on the heirs what was given on the units, and on the pages that the
    units' addresses lead to what was given on their pages.

    Where people do not pass, no right does: the heir is of another level.
    """
    by_old = {passage.old.pk: passage for passage in passages if passage.is_heir}
    heirs = {key: each.new.pk for key, each in by_old.items() if each.passes_people}
    on_units: Counter[int] = Counter()
    for model in ON_UNITS:
        given = model.objects.filter(content_object__in=by_old)
        on_units += _pass(given, "content_object_id", heirs, day)
    for key, number in on_units.items():
        _tell_of_unit(by_old[key], number)

    units = dict(UnitPage.objects.filter(pk__in=leads).values_list("pk", "unit"))
    targets = {key: leads[key].pk for key, unit in units.items() if unit in heirs}
    on_pages: Counter[int] = Counter()
    for model in ON_PAGES:
        given = model.objects.filter(content_object__in=targets)
        on_pages += _pass(given, "content_object_id", targets, day)
    for key, number in on_pages.items():
        _tell_of_page(by_old[units[key]], number)

    for model in OF_UNITS:
        _pass(model.objects.filter(unit__in=heirs), "unit_id", heirs, day)


def _pass(
    given: QuerySet, field: str, targets: Mapping[int, int], day: date
) -> Counter[int]:
    """Copy the rights whose `field` has a target, and lead them there; how many there
    were of each, those without a target too."""
    counts: Counter[int] = Counter()
    rows = []
    for row in given.filter(origin=Origin.GIVEN).exclude(ends_on__lt=day):
        key = getattr(row, field)
        counts[key] += 1
        if key in targets:
            row.pk = None
            setattr(row, field, targets[key])
            row.starts_on = max(row.starts_on or day, day)
            rows.append(row)
    given.model.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return counts


def _tell_of_unit(passage: Passage, number: int) -> None:
    if passage.passes_people:
        text = ngettext(
            "%(number)d right given by hand on the unit passes.",
            "%(number)d rights given by hand on the unit pass.",
            number,
        )
        passage.notes.append(text % {"number": number})
    else:
        text = ngettext(
            "%(number)d right given by hand on the unit does not pass.",
            "%(number)d rights given by hand on the unit do not pass.",
            number,
        )
        passage.conflicts.append(text % {"number": number})


def _tell_of_page(passage: Passage, number: int) -> None:
    text = ngettext(
        "%(number)d right given by hand on its page passes.",
        "%(number)d rights given by hand on its page pass.",
        number,
    )
    passage.notes.append(text % {"number": number})
