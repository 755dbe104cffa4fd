"""Why somebody holds a right: what the rows of the tables of rights say.

Facts only, as `sources` finds them; which of them matter for a page, and what follows
from them, say the page's tester and `page_rights`.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from plans.models import Role
from plans.models.grants import GrantTerms, Origin

from .sources import Source, page_sources, unit_sources


class Place(NamedTuple):
    """The page or the unit that a right is held on."""

    path: str
    key: int
    name: str
    is_unit: bool = False


@dataclass(frozen=True)
class Reason:
    """One reason why a right is held.

    `kind` is what brings it: "superuser"; "owner" of the page; "membership", "person",
    "unit" or "group". `name` is that unit or group.
    """

    kind: str
    name: str = ""
    role: str = ""
    place: Place | None = None
    until: date | None = None
    note: str = ""
    by_hand: bool = False
    """Whether it is a grant of its own, that may be taken away."""

    @property
    def text(self) -> str:
        """The reason in words, without its place and its last day."""
        match self.kind:
            case "superuser":
                return _("administrator of the whole system")
            case "owner":
                return _("made this page and may add pages")
            case "membership":
                return _("%(role)s, %(unit)s") % {
                    "role": Role(self.role).label,
                    "unit": self.name,
                }
            case "unit":
                return _("given to everybody of %(unit)s") % {"unit": self.name}
            case "group":
                return _("group “%(group)s”") % {"group": self.name}
        return _("given by hand")

    def elsewhere(self, page: Any) -> Place | None:
        """The place of the reason, where it is neither this page nor its unit, nor said
        already."""
        place = self.place
        if place is None or (place.is_unit and self.kind == "membership"):
            return None
        here = getattr(page, "unit", None) if place.is_unit else page
        return None if here is not None and here.path == place.path else place


SUPERUSER = Reason("superuser")
OWNER = Reason("owner")


class Fact(NamedTuple):
    """A row: who holds which action or verb, and why."""

    holder: int
    right: str
    reason: Reason


_DETAILS = {
    "user": (
        "origin",
        "membership__role",
        "membership__unit__name",
        "membership__unit__parent__name",
    ),
    "group": ("group__name",),
    "unit": ("unit__name", "unit__parent__name"),
}


def facts_of_people(
    people: Collection[int], pages: Collection[str], units: Collection[str] | None
) -> Iterator[Fact]:
    """What these people hold on these very pages and units; None means on any unit.

    One query for each table. The holder of each fact is the person.
    """
    for source in _sources(pages, units):
        yield from _facts(source.of(people), source.person)


def facts_of_units_and_groups(
    pages: Collection[str], units: Collection[str] | None
) -> Iterator[tuple[str, Fact]]:
    """What units and groups hold there, each fact after "unit" or "group"."""
    for source in _sources(pages, units):
        if source.holder != "user":
            for fact in _facts(source, source.holder):
                yield source.holder, fact


def _sources(pages: Collection[str], units: Collection[str] | None) -> Iterable[Source]:
    yield from (source.on(pages) for source in page_sources())
    for source in unit_sources():
        yield source if units is None else source.on(units)


def _facts(source: Source, holder: str) -> Iterator[Fact]:
    title = "name" if source.is_of_units else "title"
    place = [f"{source.place}__{name}" for name in ("path", "pk", title)]
    columns = [holder, "permission__codename", *place, *_DETAILS[source.holder]]
    has_terms = issubclass(source.rows.model, GrantTerms)
    if has_terms:
        columns += ["ends_on", "reason"]
    works_until = "unit__memberships__ends_on"
    if holder.startswith("unit__"):
        columns.append(works_until)
    for row in source.rows.order_by().values(*columns):
        right = row["permission__codename"]
        path, key, name = (row[column] for column in place)
        reason = _reason(
            row,
            kind=source.holder,
            place=Place(path, key, name, source.is_of_units),
            until=_earliest(row.get("ends_on"), row.get(works_until)),
            by_hand=has_terms,
        )
        if not source.is_of_units:
            right = right.rpartition("_")[0]
        yield Fact(row[holder], right, reason)


def _reason(row: dict[str, Any], kind: str, by_hand: bool, **terms: Any) -> Reason:
    if kind == "user" and row["origin"] == Origin.MEMBERSHIP:
        name = _qualified(row, "membership__unit")
        return Reason("membership", name, role=row["membership__role"], **terms)
    terms |= {"by_hand": by_hand, "note": row.get("reason", "")}
    if kind == "user":
        return Reason("person", **terms)
    name = row["group__name"] if kind == "group" else _qualified(row, "unit")
    return Reason(kind, name, **terms)


def _qualified(row: dict[str, Any], unit: str) -> str:
    """The unit's name with the upper unit's, as `Unit.qualified_name` has it."""
    names = (row[f"{unit}__name"], row[f"{unit}__parent__name"])
    return ", ".join(name for name in names if name)


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)
