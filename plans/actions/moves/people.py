"""The people of the units that end."""

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plans.actions.right_changes import record_roles_given
from plans.models import Membership, Role
from plans.models.memberships import written_name

from .reading import Passage

Place = tuple[int, int, str]  # person, unit, role


def pass_people(passages: Sequence[Passage], day: date) -> set[Any]:
    """End the memberships in the units that end, and begin them in their heirs.

    Roles and last days stay. Where the heir is of another level nobody passes: a
    district's people do not become the province's. Returns the people concerned.
    """
    last = day - timedelta(days=1)
    by_old = {passage.old.pk: passage for passage in passages if passage.is_heir}
    rows = (
        Membership.objects.filter(unit__in=by_old)
        .exclude(ends_on__lte=last)
        .select_related("user")
        .order_by("unit__path", "role", "pk")
    )
    passing = [(row, by_old[row.unit_id]) for row in rows]
    present: dict[Place, Membership] = {}
    for row in Membership.objects.filter(unit__in={each.new.pk for each in passages}):
        present[row.user_id, row.unit_id, row.role] = row
    begun: list[Membership] = []
    widened: list[Membership] = []
    for row, passage in passing:
        _tell(row, passage)
        if not (passage.passes_people and row.user.is_active):
            continue
        place = (row.user_id, passage.new.pk, row.role)
        if same := present.get(place):
            _widen(same, row, day)
            if same.pk:
                widened.append(same)
        else:
            begun.append(_begin(row, passage, day))
            passage.begun.append(begun[-1])
            present[place] = begun[-1]
    _end([row for row, _passage in passing], last)
    Membership.objects.bulk_update(widened, ["starts_on", "ends_on"], batch_size=500)
    Membership.objects.bulk_create(begun, batch_size=500)
    _name_heads(passages, present.values())
    return {row.user for row, _passage in passing}


def _begin(row: Membership, passage: Passage, day: date) -> Membership:
    begun = copy(row)
    begun.pk = None
    begun._state = copy(row._state)
    begun._state.adding = True
    begun.unit = passage.new
    begun.starts_on = max(row.starts_on or day, day)
    return begun


def _widen(same: Membership, row: Membership, day: date) -> None:
    """Let the membership hold whenever one of the two does."""
    if same.starts_on:
        same.starts_on = min(same.starts_on, max(row.starts_on or day, day))
    ends = (same.ends_on, row.ends_on)
    same.ends_on = None if None in ends else max(filter(None, ends))


def _end(rows: Iterable[Membership], last: date) -> None:
    """What has not begun by then never held there: nothing is left to keep of it."""
    rows = list(rows)
    begun = [row for row in rows if row.starts_on is None or row.starts_on <= last]
    for row in begun:
        row.ends_on = last
    Membership.objects.bulk_update(begun, ["ends_on"], batch_size=500)
    gone = {row.pk for row in rows} - {row.pk for row in begun}
    if gone:
        Membership.objects.filter(pk__in=gone).delete()


def _tell(row: Membership, passage: Passage) -> None:
    text = f"{written_name(row.user)}, {row.get_role_display()}"
    if row.starts_on:
        text += _(", from %(day)s") % {"day": date_format(row.starts_on)}
    if row.ends_on:
        text += _(", until %(day)s") % {"day": date_format(row.ends_on)}
    if passage.passes_people and row.user.is_active:
        passage.people.append(text)
    elif row.user.is_active:
        passage.conflicts.append(
            _("%(person)s passes to no unit: %(heir)s is of another level.")
            % {"person": text, "heir": passage.new}
        )


def record_people(passages: Sequence[Passage], *, user: Any) -> None:
    """Log the roles that have passed; their holders and the units' heads are told."""
    record_roles_given(
        memberships=[
            (
                membership,
                _("passed from %(old)s to %(heir)s")
                % {"old": passage.old.qualified_name, "heir": passage.new},
            )
            for passage in passages
            for membership in passage.begun
        ],
        actor=user,
    )


def _name_heads(passages: Sequence[Passage], memberships: Iterable[Membership]) -> None:
    heads: dict[int, list[str]] = {}
    for row in memberships:
        over = row.ends_on is not None and row.ends_on < timezone.localdate()
        if row.role == Role.HEAD and not over:
            heads.setdefault(row.unit_id, []).append(written_name(row.user))
    for passage in passages:
        names = heads.pop(passage.new.pk, [])
        if len(names) > 1:
            passage.conflicts.append(
                _("%(unit)s has several heads then: %(names)s.")
                % {"unit": passage.new, "names": ", ".join(sorted(names))}
            )
