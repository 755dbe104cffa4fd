"""Who may do what with one page, and why: what the screen of rights shows.

Whether a person holds a right says the page's tester, as it says to everything else;
why says `reasons`. Both look at the same rows, so that a list of people costs the same
queries however many they are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from wagtail.models import Page

from plans.models import DossierPage, Unit
from plans.models.memberships import written_name
from plans.permissions import ACTIONS, Ground, Grounds, PagePolicy, remember_rights

from .reasons import (
    OWNER,
    SUPERUSER,
    Fact,
    Reason,
    facts_of_people,
    facts_of_units_and_groups,
)


class Kind(StrEnum):
    """Who may hold a right, as addresses call them."""

    PERSON = "nguoi"
    UNIT = "don-vi"
    GROUP = "nhom"


@dataclass
class Holding:
    """What one person, unit or group may do with the page: right to its reasons."""

    kind: Kind
    key: int
    name: str
    note: str
    """What tells it from others of its name."""
    rights: dict[str, list[Reason]] = field(default_factory=dict)

    @property
    def by_reason(self) -> dict[Reason, list[str]]:
        """The rights again, those together that are held for one reason."""
        reasons: dict[Reason, list[str]] = {}
        for right, some in self.rights.items():
            for reason in some:
                reasons.setdefault(reason, []).append(right)
        return reasons

    def by_hand(self, page: Page) -> list[str]:
        """The rights that were given by hand on this very page, or its unit: what may
        be taken away here."""
        unit = getattr(page, "unit", None)
        return [
            right
            for right, reasons in self.rights.items()
            if any(_is_given_here(reason, page, unit) for reason in reasons)
        ]

    def until(self, right: str, places: Collection[str]) -> date | None:
        """The last day the right is held on one of these places; None is no end."""
        days = [
            reason.until
            for reason in self.rights[right]
            if reason.place and reason.place.path in places
        ]
        return None if None in days else max(day for day in days if day)


def _is_given_here(reason: Reason, page: Page, unit: Unit | None) -> bool:
    place = reason.place
    if place is None or not reason.by_hand:
        return False
    return place.path == (unit.path if place.is_unit and unit else page.path)


def is_read_by_everybody(page: Page) -> bool:
    """Whether everyone who has signed in reads the page; a dossier nobody without a
    right of his own, a draft nobody at all."""
    return page.live and not isinstance(page, DossierPage)


def people_with_rights(page: Page) -> QuerySet[AbstractUser]:
    """The people who hold one of the rights there are on the page, by their names."""
    people = PagePolicy().holders(page)
    return people.order_by("last_name", "first_name", "username")


def holdings_of(people: Iterable[AbstractUser], page: Page) -> list[Holding]:
    """What each of these people may do with the page, its own class; for whoever may do
    nothing too.

    It reads the people again, so that what they hold elsewhere is not mixed in.
    """
    keys = [person.pk for person in people]
    found = get_user_model()._default_manager.in_bulk(keys)
    policy, grounds = PagePolicy(), PagePolicy.grounds(page)
    facts: dict[int, list[Fact]] = {key: [] for key in keys}
    for fact in facts_of_people(keys, *_places(grounds)):
        facts[fact.holder].append(fact)
    holdings = []
    for key in keys:
        if person := found.get(key):
            holding = _holding_of(person)
            _remember(person, facts[key])
            tester = policy.tester(person, page)
            for right, rests_on in grounds.items():
                if tester.holds(right):
                    reasons = _reasons(facts[key], rests_on)
                    reasons += _reasons_of(person, page, facts[key], rests_on)
                    holding.rights[right] = reasons
            holdings.append(holding)
    return holdings


def holdings_of_units_and_groups(page: Page) -> list[Holding]:
    """The units and groups that hold a right on the page: their members hold it."""
    grounds = PagePolicy.grounds(page)
    facts: dict[tuple[Kind, int], list[Fact]] = {}
    for kind, fact in facts_of_units_and_groups(*_places(grounds)):
        facts.setdefault((Kind[kind.upper()], fact.holder), []).append(fact)
    holdings = []
    for (kind, key), some in facts.items():
        rights = {
            right: reasons
            for right, rests_on in grounds.items()
            if (reasons := _reasons(some, rests_on))
        }
        if rights:
            name = some[0].reason.name
            holdings.append(Holding(kind, key, name, _note_of_kind(kind), rights))
    return sorted(holdings, key=lambda each: (each.kind, each.name))


def holding_of(holder: Any, page: Page) -> Holding:
    """What one person, unit or group may do with the page."""
    if isinstance(holder, AbstractUser):
        return holdings_of([holder], page)[0]
    kind = Kind.UNIT if isinstance(holder, Unit) else Kind.GROUP
    for holding in holdings_of_units_and_groups(page):
        if (holding.kind, holding.key) == (kind, holder.pk):
            return holding
    name = holder.qualified_name if isinstance(holder, Unit) else holder.name
    return Holding(kind, holder.pk, name, _note_of_kind(kind))


def holder_model(kind: str) -> type[Any]:
    """The model of the holders of a kind."""
    models: dict[Kind, type[Any]] = {
        Kind.PERSON: get_user_model(),
        Kind.UNIT: Unit,
        Kind.GROUP: Group,
    }
    return models[Kind(kind)]


def _holding_of(person: AbstractUser) -> Holding:
    note = person.get_username()
    if not person.is_active:
        note = " · ".join((note, _("account closed")))
    return Holding(Kind.PERSON, person.pk, written_name(person), note)


def _note_of_kind(kind: Kind) -> str:
    if kind == Kind.UNIT:
        return _("everybody of the unit")
    return _("group of the admin")


def _places(grounds: Grounds) -> tuple[set[str], set[str] | None]:
    """The paths of the pages and units that matter; None is any unit."""
    pages: set[str] = set()
    units: set[str] | None = set()
    for ground in (each for some in grounds.values() for each in some):
        if ground.name in ACTIONS:
            pages |= set(ground.places or ())
        elif ground.places is None:
            units = None
        elif units is not None:
            units |= set(ground.places)
    return pages, units


def _remember(person: AbstractUser, facts: Sequence[Fact]) -> None:
    """Let the policy know what the person holds here, without its asking again."""
    pages: dict[str, set[str]] = {}
    units: dict[str, set[str]] = {}
    for fact in facts:
        place = fact.reason.place
        if place and place.is_unit:
            units.setdefault(fact.right, set()).add(place.path)
        elif place:
            pages.setdefault(place.path, set()).add(fact.right)
    remember_rights(person, pages, units)


def _reasons(facts: Sequence[Fact], grounds: Sequence[Ground]) -> list[Reason]:
    """What brings a right with these grounds to whoever holds it."""
    own = [each for each in grounds if not each.of_owner]
    return [fact.reason for fact in _fitting(facts, own)]


def _reasons_of(
    person: AbstractUser, page: Page, facts: Sequence[Fact], grounds: Sequence[Ground]
) -> list[Reason]:
    """What brings it to the person for who he is."""
    reasons = []
    as_owner = [each for each in grounds if each.of_owner]
    if page.owner_id == person.pk and _fitting(facts, as_owner):
        reasons.append(OWNER)
    if person.is_superuser:
        reasons.append(SUPERUSER)
    return reasons


def _fitting(facts: Sequence[Fact], grounds: Sequence[Ground]) -> list[Fact]:
    """Those of the facts a right with these grounds rests on."""
    return [fact for fact in facts if any(_fits(fact, ground) for ground in grounds)]


def _fits(fact: Fact, ground: Ground) -> bool:
    place = fact.reason.place
    return fact.right == ground.name and (
        ground.places is None or (place is not None and place.path in ground.places)
    )
