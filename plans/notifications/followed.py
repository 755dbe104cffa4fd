"""What one person follows: the same as `followers`, asked from the other side."""

from copy import copy
from typing import Any

from django.db.models import Count, Q
from wagtail.models import Page

from plans.models import (
    CongressPage,
    Event,
    GuidancePage,
    PlanPage,
    PlansPage,
    Subscription,
    Unit,
)
from plans.paths import one_of
from plans.permissions import roles_held

from .followers import Why, people_to_tell, rows_at

MOST = 200
"""Things of one kind that the list of what is followed names."""


def nearest_choice(user: Any, page: Page) -> Subscription | None:
    """What the person chose for the page, or for the nearest one above it."""
    rows = rows_at(page).filter(user=user.pk).select_related("page")
    return rows.order_by("-page__depth").first()


def why_told(user: Any, page: Page) -> str:
    """Why the person is told of what happens to the page; empty where he is not."""
    unit = page.own_unit if isinstance(page, PlansPage) else None
    event = Event(kind=Event.Kind.CHANGED, page=page, unit=unit)
    people = people_to_tell(event).filter(pk=user.pk)
    person: Any = people.only("pk").first()
    return str(Why(person.why).label) if person else ""


def would_be_told(page: Page) -> Any:
    """The people who would hear of it if the page were published now; with `why`."""
    shown = copy(page)
    shown.live = True
    unit = shown.own_unit if isinstance(shown, PlansPage) else None
    kind = Event.Kind.CHANGED if page.first_published_at else Event.Kind.PUBLISHED
    return people_to_tell(Event(kind=kind, page=shown, unit=unit))


def count_reasons(people: Any) -> list[tuple[Any, int]]:
    """How many of them hear of it for each reason, the most common first."""
    rows = people.order_by().values_list("why").annotate(number=Count("pk"))
    return [(Why(why).label, number) for why, number in rows.order_by("-number")]


def followed_by_unit(user: Any) -> list[tuple[Any, Page]]:
    """The pages followed because of the person's units, each with the reason."""
    if not (paths := roles_held(user)):
        return []
    units = list(Unit.objects.current().filter(one_of("path", paths)))
    own: list[tuple[Any, Any]] = [
        (Why.OWN_UNIT.label, page)
        for pages in (
            CongressPage.objects.filter(unit__in=units),
            PlanPage.objects.filter(issuer__in=units),
        )
        for page in pages.visible_to(user).listed()[:MOST]
    ]
    sent: list[tuple[Any, Any]] = [
        (Why.RECIPIENT.label, plan)
        for plan in PlanPage.objects.visible_to(user)
        .filter(_names(units))
        .distinct()
        .listed()[:MOST]
    ]
    sent += [
        (Why.RECIPIENT.label, page)
        for page in GuidancePage.objects.visible_to(user)
        .in_force()
        .for_units([unit.pk for unit in units])
        .listed()[:MOST]
    ]
    return own + sent


def _names(units: list[Unit]) -> Q:
    """The condition that a plan has one of the units among its recipients, as
    `recipient_units` says of one plan."""
    named = Q(recipients__and_below=None, recipients__unit__in=units)
    for unit in units:
        above = one_of("recipients__unit__path", unit.lineage) | (
            Q(recipients__unit=None) & one_of("issuer__path", unit.lineage)
        )
        named |= Q(recipients__and_below=unit.level_id) & above
    return named
