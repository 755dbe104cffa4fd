"""The tables rights come from, narrowed to some people and to a day, mostly today.

A right on a page is a group's by Wagtail's own table, or a person's, a group's or a
unit's by a grant; a right on a unit is one of the latter three. A unit's right is
everybody's who is a member of it today. The policy asks here whether somebody holds a
right, and the screen of rights why: so they cannot disagree about the tables.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page

from plans.models import (
    Membership,
    PageGroupGrant,
    PageUnitGrant,
    PageUserGrant,
    UnitGroupGrant,
    UnitUnitGrant,
    UnitUserGrant,
)


class Source(NamedTuple):
    """Rows of a table of rights, and where in a row stands what."""

    rows: QuerySet[Any]
    place: str
    """The page or unit the right is on."""
    holder: str
    """The person, group or unit that holds it."""
    person: str
    """Each person it is for."""
    day: date
    is_of_units: bool = False
    """Whether the place is a unit."""

    def of(self, people: Collection[int]) -> "Source":
        """What these people hold, by their keys; a row stands there once for each."""
        if self.holder == "user":
            rows = self.rows.filter(user__in=people)
        elif self.holder == "group":
            rows = self.rows.filter(group__user__in=people)
        else:
            working = Membership.objects.on(self.day).filter(user__in=people)
            rows = self.rows.filter(unit__memberships__in=working.order_by())
        return self._replace(rows=rows)

    def on(self, paths: Collection[str]) -> "Source":
        """What is held on these very pages or units, by their paths."""
        return self._replace(
            rows=self.rows.filter(**{f"{self.place}__path__in": paths})
        )

    def named(self, codenames: Collection[str]) -> "Source":
        """The rights of these names."""
        return self._replace(rows=self.rows.filter(permission__codename__in=codenames))

    def people(self) -> Q:
        """The condition that a user is one of those the rows are for."""
        holders = self.rows.order_by().values(self.holder)
        if self.holder == "user":
            return Q(pk__in=holders)
        if self.holder == "group":
            return Q(groups__in=holders)
        working = Membership.objects.on(self.day).filter(unit__in=holders)
        return Q(pk__in=working.order_by().values("user"))


USER, GROUP, UNIT = (
    ("user", "user"),
    ("group", "group__user"),
    ("unit", "unit__memberships__user"),
)


def page_sources(day: date | None = None) -> list[Source]:
    """The rights on pages that hold on the day, today where none is given."""
    day = day or timezone.localdate()
    codenames = {"permission__codename__in": Page.permission_codenames}
    return [
        Source(GroupPagePermission.objects.filter(**codenames), "page", *GROUP, day),
        *(
            Source(
                model.objects.on(day).filter(**codenames),
                "content_object",
                *holder,
                day,
            )
            for model, holder in (
                (PageUserGrant, USER),
                (PageGroupGrant, GROUP),
                (PageUnitGrant, UNIT),
            )
        ),
    ]


def unit_sources(day: date | None = None) -> list[Source]:
    """The rights on units that hold on the day, today where none is given."""
    day = day or timezone.localdate()
    return [
        Source(model.objects.on(day), "content_object", *holder, day, is_of_units=True)
        for model, holder in (
            (UnitUserGrant, USER),
            (UnitGroupGrant, GROUP),
            (UnitUnitGrant, UNIT),
        )
    ]
