"""Taking in a list of people: the whole list or nothing of it, twice as once."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from plans.actions.access import lock_units, sync_access
from plans.actions.accounts import make_account, take_turn, usernames
from plans.actions.invitations import ask_password, invitation_path
from plans.actions.people_planning import (
    Does,
    ImportStep,
    Newcomer,
    PeopleImport,
    Planner,
    Remark,
)
from plans.actions.right_changes import GIVEN, record_right_change, tell_heads
from plans.importing.people import PersonRow
from plans.models import Membership
from plans.models.shown import tell_shown_changed
from plans.text import on_line


class PeopleError(Exception):
    """The list cannot be taken in; `errors` says why, in the order of the lines."""

    def __init__(self, errors: list[Remark]) -> None:
        self.errors = errors
        super().__init__("\n".join(on_line(*error) for error in errors))


def import_people(
    *, rows: list[PersonRow], actor: Any, dry_run: bool = False
) -> PeopleImport:
    """Take in the people of the list, and invite the new ones.

    With `dry_run` nothing is written, and what is wrong is in `errors`; otherwise it
    raises PeopleError with every faulty line. Empty days leave those of a role that is
    there as they are; a role that is over is not given again.
    """
    with transaction.atomic():
        actor = take_turn(actor)
        planned = Planner(rows, actor).plan()
        if dry_run:
            return planned
        if planned.errors:
            raise PeopleError(planned.errors)
        lock_units({step.unit for step in planned.steps})
        _write(planned, actor)
    return planned


def _write(planned: PeopleImport, actor: Any) -> None:
    """Write what the rows come to; rights follow once for all."""
    new = _make_accounts(planned)
    made, changed = [], []
    for step in planned.steps:
        if step.does in (Does.NEW, Does.GIVES):
            step.membership = Membership(user=step.who, unit=step.unit)  # type: ignore[misc]
            made.append(step.membership)
        elif step.does == Does.CHANGES and step.membership:
            changed.append(step.membership)
        if step.does != Does.KEEPS and step.membership:
            step.membership.role = step.row.role
            step.membership.starts_on = step.row.starts_on or step.membership.starts_on
            step.membership.ends_on = step.row.ends_on or step.membership.ends_on
    Membership.objects.bulk_create(made, batch_size=500)
    Membership.objects.bulk_update(changed, ["starts_on", "ends_on"], batch_size=500)
    sync_access(users={row.user for row in (*made, *changed)})
    tell_shown_changed()
    _record(planned.steps, actor)
    without = [person for person in new if not person.email]
    ask_password(people=[person for person in new if person.email])
    ask_password(people=without, by_hand=True)
    planned.links = [(person, invitation_path(person)) for person in without]


def _make_accounts(planned: PeopleImport) -> list[AbstractUser]:
    """Make the newcomers' accounts, and put these in their places in the steps."""
    taken = usernames()
    taken |= {step.row.username for step in planned.steps}
    accounts: dict[int, AbstractUser] = {}
    for step in planned.steps:
        who = step.who
        if not isinstance(who, Newcomer):
            continue
        if id(who) not in accounts:
            try:
                account = make_account(
                    full_name=who.full_name,
                    email=who.email,
                    username=who.username,
                    taken=taken,
                )
            except ValidationError as error:
                line = step.row.line
                raise PeopleError([(line, text) for text in error.messages]) from error
            taken.add(account.get_username())
            accounts[id(who)] = account
        step.who = accounts[id(who)]
    return list(accounts.values())


def _record(steps: Iterable[ImportStep], actor: Any) -> None:
    changes: list[Any] = [
        (
            step.unit,
            record_right_change(
                action=GIVEN,
                actor=actor,
                target=step.unit,
                holder=step.membership.user,
                rights=[step.membership.role],
                starts_on=step.membership.starts_on,
                ends_on=step.membership.ends_on,
                reason=_("list of people"),
                tell=False,
            ),
        )
        for step in steps
        if step.membership and step.does != Does.KEEPS
    ]
    tell_heads(changes)
