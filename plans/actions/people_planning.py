"""What a list of people would come to: found out before anything is written."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.actions.people import ask_same_name
from plans.importing.people import PersonRow
from plans.models import Membership, Unit
from plans.models.memberships import written_name
from plans.permissions import may_change_membership, may_give
from plans.text import fold

Remark = tuple[int, str]
"""A line of the file, and what is to be said of it."""


@dataclass
class Newcomer:
    """Somebody the list names who has no account yet."""

    full_name: str
    email: str
    username: str


class Does(models.TextChoices):
    """What a row comes to."""

    NEW = "new", gettext_lazy("new account")
    GIVES = "gives", gettext_lazy("new role")
    CHANGES = "changes", gettext_lazy("new days")
    KEEPS = "keeps", gettext_lazy("nothing new")


@dataclass
class ImportStep:
    row: PersonRow
    unit: Unit
    who: AbstractUser | Newcomer
    membership: Membership | None
    does: Does

    @property
    def role_name(self) -> str:
        return Membership(role=self.row.role).get_role_display()


@dataclass
class PeopleImport:
    """What a list comes to, or came to."""

    steps: list[ImportStep] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    links: list[tuple[AbstractUser, str]] = field(default_factory=list)
    """New people without an address, each with the path that lets him set a password:
    it is told once."""

    def count(self, *kinds: Any) -> int:
        return sum(step.does in kinds for step in self.steps)

    @property
    def summary(self) -> str:
        return _(
            "%(new)d new accounts, %(gives)d new roles, %(changes)d with new days,"
            " %(keeps)d unchanged."
        ) % {
            "new": len({id(step.who) for step in self.steps if step.does == Does.NEW}),
            "gives": self.count(Does.NEW, Does.GIVES),
            "changes": self.count(Does.CHANGES),
            "keeps": self.count(Does.KEEPS),
        }


class Planner:
    """Finds out what each row comes to, in a constant number of queries."""

    def __init__(self, rows: list[PersonRow], actor: Any) -> None:
        self.rows = rows
        self.actor = actor
        self.newcomers: dict[Any, Newcomer] = {}
        self.result = PeopleImport()

    def plan(self) -> PeopleImport:
        for row in self.rows:
            try:
                self.result.steps.append(self._step(row))
            except ValidationError as error:
                self.result.errors += [(row.line, text) for text in error.messages]
        return self.result

    # What is there

    @cached_property
    def units(self) -> dict[str, list[Unit]]:
        by_code: dict[str, list[Unit]] = {}
        codes = {row.unit_code for row in self.rows}
        for unit in Unit.objects.current().filter(code__in=codes):
            by_code.setdefault(unit.code, []).append(unit)
        return by_code

    @cached_property
    def known(self) -> dict[str, list[AbstractUser]]:
        """The people with the addresses and user names of the list, by these."""
        found: dict[str, list[AbstractUser]] = {}
        for name in ("email", "username"):
            wanted = {getattr(row, name) for row in self.rows} - {""}
            people = get_user_model()._default_manager.alias(small=Lower(name))
            for person in people.filter(small__in=wanted):
                key = f"{name} {getattr(person, name).lower()}"
                found.setdefault(key, []).append(person)
        return found

    @cached_property
    def members(self) -> list[Membership]:
        """The memberships in the units of the list."""
        units = [unit.pk for same in self.units.values() for unit in same]
        rows = Membership.objects.filter(unit__in=units)
        return list(rows.select_related("user", "unit"))

    @cached_property
    def roles(self) -> dict[tuple[int, int, str], Membership]:
        return {(row.user_id, row.unit_id, row.role): row for row in self.members}

    @cached_property
    def namesakes(self) -> dict[tuple[int, str], dict[int, AbstractUser]]:
        """The people of each unit by their names."""
        found: dict[tuple[int, str], dict[int, AbstractUser]] = {}
        for row in self.members:
            key = row.unit_id, fold(written_name(row.user))
            found.setdefault(key, {})[row.user_id] = row.user
        return found

    # What a row comes to

    def _step(self, row: PersonRow) -> ImportStep:
        unit = self._unit(row)
        who = self._who(row, unit)
        if isinstance(who, Newcomer):
            self._ask(row, unit)
            return ImportStep(row, unit, who, None, Does.NEW)
        membership = self.roles.get((who.pk, unit.pk, row.role))
        if membership and self._keeps(row, membership):
            return ImportStep(row, unit, who, membership, Does.KEEPS)
        self._ask(row, unit, who, membership)
        return ImportStep(
            row, unit, who, membership, Does.CHANGES if membership else Does.GIVES
        )

    def _unit(self, row: PersonRow) -> Unit:
        units = self.units.get(row.unit_code, [])
        if not units:
            text = _(
                "There is no unit in force with the code %s. Excel may have dropped"
                " zeros at its beginning: make the column text."
            )
            raise ValidationError(text % row.unit_code)
        if len(units) > 1:
            names = ", ".join(f"“{unit}”" for unit in units)
            text = _("The code %(code)s stands for several units today: %(names)s.")
            raise ValidationError(text % {"code": row.unit_code, "names": names})
        return units[0]

    def _who(self, row: PersonRow, unit: Unit) -> AbstractUser | Newcomer:
        """The person of the row. One without address and user name is told by the
        name within the unit."""
        keys = [f"email {row.email}"] if row.email else []
        keys += [f"username {row.username}"] if row.username else []
        found = {each.pk: each for key in keys for each in self.known.get(key, ())}
        namesakes = self.namesakes.get((unit.pk, fold(row.full_name)), {})
        if not keys:
            found = namesakes
        if len(found) > 1:
            names = ", ".join(person.get_username() for person in found.values())
            text = _("Several people are meant (%s): give the right user name.")
            raise ValidationError(text % names)
        for person in found.values():
            ask_same_name(person, row.full_name)
            return person
        if namesakes:
            text = _("“%s” of this unit has the same name. Is it the same person?")
            names = ", ".join(person.get_username() for person in namesakes.values())
            self.result.warnings.append((row.line, text % names))
        return self._newcomer(row, keys or [f"{fold(row.full_name)} {unit.pk}"])

    def _newcomer(self, row: PersonRow, keys: list[str]) -> Newcomer:
        for key in keys:
            if other := self.newcomers.get(key):
                if fold(other.full_name) != fold(row.full_name):
                    text = _("“%s” has this address or user name in this list too.")
                    raise ValidationError(text % other.full_name)
                self.newcomers |= dict.fromkeys(keys, other)
                return other
        newcomer = Newcomer(row.full_name, row.email, row.username)
        self.newcomers |= dict.fromkeys(keys, newcomer)
        return newcomer

    def _keeps(self, row: PersonRow, membership: Membership) -> bool:
        """Whether the row says nothing new of the role."""
        if membership.ends_on and membership.state == "over":
            day = date_format(membership.ends_on, "SHORT_DATE_FORMAT")
            text = _("This role was over on %s; it is given again on the unit's page.")
            if membership.ends_on != row.ends_on:
                self.result.warnings.append((row.line, text % day))
            return True
        return all(
            day is None or day == getattr(membership, name)
            for name, day in (("starts_on", row.starts_on), ("ends_on", row.ends_on))
        )

    def _ask(
        self,
        row: PersonRow,
        unit: Unit,
        person: AbstractUser | None = None,
        membership: Membership | None = None,
    ) -> None:
        """Raise ValidationError where the row may not be done."""
        if row.ends_on and row.ends_on < timezone.localdate():
            raise ValidationError(_("The last day is past."))
        starts_on = row.starts_on or (membership.starts_on if membership else None)
        ends_on = row.ends_on or (membership.ends_on if membership else None)
        if starts_on and ends_on and ends_on < starts_on:
            raise ValidationError(_("The last day comes before the first."))
        if person and not person.is_active:
            raise ValidationError(
                _("The account of %s is closed. Whoever closed it can open it again.")
                % written_name(person)
            )
        if self.actor is None:
            return
        if person and person.pk == self.actor.pk and not self.actor.is_superuser:
            raise ValidationError(_("Nobody gives himself a role."))
        allowed = (
            may_change_membership(self.actor, membership)
            if membership
            else may_give(self.actor, unit, row.role)
        )
        if not allowed:
            text = _("This role in %s is not yours to give.")
            raise ValidationError(text % unit.name)
