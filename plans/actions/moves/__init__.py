"""Merging, splitting and renaming units on a day: one action, looked at beforehand.

The units that end stay as they were, under their names, with all that happened while
they were in force. Their successors take over what lives on: people, pages, reviews.
See docs/decisions/0019-moved-units.md.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter

from plans.actions.access import sync_access
from plans.actions.unit_log import log_units
from plans.actions.unit_tree import UnitsError, UnitTree
from plans.models import Membership, Unit
from plans.models.shown import tell_shown_changed
from plans.permissions import may_move

from .followers import pass_subscriptions
from .pages import PASSED_ON, pass_indexes, pass_unit_pages, tell_congresses
from .people import pass_people, record_people
from .reading import COLUMNS, Passage, read_moves, resolve
from .readings import pass_readings, tell_guidance
from .reviews import STEP_PASSED, lock_dossiers, pass_steps
from .rights import pass_rights

__all__ = [
    "COLUMNS",
    "MOVED",
    "PASSED_ON",
    "STEP_PASSED",
    "MoveReport",
    "MovedFormatter",
    "MovesChangedError",
    "move_units",
]

MOVED = "plans.unit.move"


class MovedFormatter(LogFormatter):
    """How Wagtail's history shows that something has passed from unit to unit."""

    label = gettext_lazy("Pass on to another unit")  # type: ignore[assignment]

    def format_message(self, log_entry: Any) -> str:
        return _("Passed from %(old)s to %(heir)s") % log_entry.data


@dataclass(frozen=True)
class MoveReport:
    """What a move did, or would do: its passages by line of the file.

    `moved_along` counts the units that stand below one that ended, and go on below
    its heir. Nothing is `new` where the file had been carried out before.
    """

    day: date
    passages: list[Passage]
    begun: int
    ended: int
    moved_along: int

    @property
    def conflicts(self) -> list[tuple[int, str]]:
        """What wants a second look, by line."""
        return [(each.line, text) for each in self.passages for text in each.conflicts]

    @property
    def people(self) -> int:
        return sum(len(each.people) for each in self.passages)

    @property
    def digest(self) -> str:
        """Equal as long as the same would be done."""
        said = [
            [each.line, each.people, each.notes, each.conflicts]
            for each in self.passages
        ]
        text = repr((self.day, said, self.begun, self.ended, self.moved_along))
        return hashlib.sha256(text.encode()).hexdigest()


class MovesChangedError(Exception):
    """What would be done is not what was reviewed any more. `report` says what now."""

    def __init__(self, report: MoveReport) -> None:
        self.report = report
        super().__init__(_("Something has changed since: look at it once more."))


def move_units(
    *,
    lines: Iterable[str],
    day: date,
    user: Any = None,
    dry_run: bool = False,
    reviewed: str = "",
) -> MoveReport:
    """End and begin units on the day as the CSV lines say, and pass on what they have.

    Each line names a unit that ends and one that takes its place; the first place that
    is named for a unit inherits from it. Twice is the same as once; what came to an
    ended unit meanwhile passes then. A dry run does all of it and takes it back, so
    that it knows every difficulty. With `reviewed`, the digest of a dry run's report,
    nothing is done unless the report is that one still. A user of None is the system.

    Raises UnitsError with every faulty line, PermissionDenied, and MovesChangedError.
    """
    rows = read_moves(lines)
    if day > timezone.localdate() and not dry_run:
        raise UnitsError([(1, _("The day is still to come."))])
    with transaction.atomic():
        lock_dossiers({row.code for row in rows})
        tree = UnitTree()
        passages = resolve(tree, rows, day)
        _ask(user, tree, passages)
        report = _move(tree, passages, day, user)
        if dry_run:
            transaction.set_rollback(True)
        elif reviewed not in ("", report.digest):
            raise MovesChangedError(report)
    return report


def _ask(user: Any, tree: UnitTree, passages: Sequence[Passage]) -> None:
    """A unit that begins is asked for by what stands above it, if anything does."""
    units = {id(each.old): each.old for each in passages}
    for each in passages:
        unit: Unit | None = each.new
        while unit is not None and unit._state.adding:
            unit = tree.parents[id(unit)]
        if unit is not None:
            units[id(unit)] = unit
    if user is not None and not may_move(user, units.values()):
        raise PermissionDenied


def _move(tree: UnitTree, passages: list[Passage], day: date, user: Any) -> MoveReport:
    ending = [each for each in passages if each.is_heir and each.old.pk in tree.edited]
    tree.write()
    tell_shown_changed()
    _link_successors(passages)
    people = pass_people(passages, day)
    tell_congresses(passages)
    leads = pass_unit_pages(passages, user=user)
    record_people(passages, user=user)
    pass_rights(passages, leads, day)
    pass_subscriptions(passages, leads)
    pass_indexes(passages, user=user)
    pass_steps(passages, user=user)
    pass_readings(passages)
    tell_guidance(passages)
    _log(ending, day, user)
    sync_access(users=people | _members(passages))
    return MoveReport(
        day,
        passages,
        begun=len(tree.created),
        ended=len(ending),
        moved_along=sum(unit.valid_to is None for unit in tree.changed.values()),
    )


def _members(passages: Sequence[Passage]) -> set[AbstractUser]:
    rows = Membership.objects.filter(unit__in={each.new.pk for each in passages})
    return {row.user for row in rows.select_related("user")}


def _link_successors(passages: Sequence[Passage]) -> None:
    through = Unit.successors.through
    through._default_manager.bulk_create(
        [
            through(from_unit_id=each.old.pk, to_unit_id=each.new.pk)
            for each in passages
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def _log(passages: Sequence[Passage], day: date, user: Any) -> None:
    entries = []
    for each in passages:
        data = {
            "old": each.old.qualified_name,
            "heir": each.new.qualified_name,
            "day": day.isoformat(),
            "people": each.people,
        }
        entries += [(each.old, data), (each.new, data)]
    log_units(entries=entries, user=user, action=MOVED)
