"""Guidance addressed to the units that end, and what they have read of it."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from django.utils.translation import ngettext

from plans.models import Acknowledgement, Addressee, GuidancePage

from .reading import Passage


def pass_readings(passages: Sequence[Passage]) -> None:
    """Let the heirs have read what all whose place they take had read.

    A unit made of one that had read the guidance and one that had not is asked anew.
    """
    by_old = {passage.old.pk: passage for passage in passages if passage.passes_people}
    origins: dict[int, set[int]] = defaultdict(set)
    for key, passage in by_old.items():
        origins[passage.new.pk].add(key)
    read: dict[tuple[int, int, int], list[Acknowledgement]] = defaultdict(list)
    for row in Acknowledgement.objects.filter(unit__in=by_old).order_by("at", "pk"):
        read[row.guidance_id, row.version, by_old[row.unit_id].new.pk].append(row)
    passed = Counter(
        heir
        for (_guidance, _version, heir), rows in read.items()
        if {row.unit_id for row in rows} == origins[heir]
    )
    Acknowledgement.objects.bulk_create(
        [
            Acknowledgement(
                guidance_id=guidance,
                unit_id=heir,
                version=version,
                user_id=rows[-1].user_id,
                user_name=rows[-1].user_name,
                at=rows[-1].at,
            )
            for (guidance, version, heir), rows in read.items()
            if {row.unit_id for row in rows} == origins[heir]
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    for passage in by_old.values():
        if number := passed.pop(passage.new.pk, 0):
            text = ngettext(
                "%(unit)s counts as having read %(number)d guidance.",
                "%(unit)s counts as having read %(number)d pieces of guidance.",
                number,
            )
            passage.notes.append(text % {"unit": passage.new, "number": number})


def tell_guidance(passages: Sequence[Passage]) -> None:
    """Say how much guidance in force names the units: it is for those after them."""
    by_old = {passage.old.pk: passage for passage in passages if passage.is_heir}
    named = Addressee.objects.filter(
        unit__in=by_old, guidance__in=GuidancePage.objects.in_force()
    )
    for key, number in Counter(named.values_list("unit", flat=True)).items():
        text = ngettext(
            "%(number)d guidance in force is addressed to it by name:"
            " it is for the units after it.",
            "%(number)d pieces of guidance in force are addressed to it by name:"
            " they are for the units after it.",
            number,
        )
        by_old[key].conflicts.append(text % {"number": number})
