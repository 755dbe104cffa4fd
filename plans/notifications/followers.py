"""Whom an event concerns, and why: the people who follow its page."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from plans.models import (
    DossierPage,
    Event,
    GuidancePage,
    LessonsPage,
    Membership,
    PlanPage,
    PlansPage,
    ResultReportPage,
    Subscription,
    Unit,
)
from plans.paths import lineage, one_of
from plans.permissions import REVIEW_DOSSIER, hearers, holders
from plans.text import fold

Kind = Event.Kind


class Why(models.TextChoices):
    """Why a person hears of an event. The first that fits is the one he is told."""

    NAMED = "named", _("It concerns you.")
    DUTY = "duty", _("It waits for your unit.")
    PAGE = "page", _("You follow this page.")
    UNIT = "unit", _("You follow the unit.")
    PAPER_KIND = "kind", _("You follow this kind of paper.")
    SEARCH = "search", _("It fits a search you follow.")
    OWN_UNIT = "own_unit", _("It is a page of your unit.")
    RECIPIENT = "recipient", _("Your unit is a recipient.")


NAMED_ALONE = {
    Kind.RIGHT_GIVEN,
    Kind.RIGHT_TAKEN,
    Kind.REVIEW_ASSIGNED,
    Kind.COMMENT_RESOLVED,
    Kind.MENTIONED,
}
"""What nobody hears of but the people it names."""

DUTIES = {Kind.REVIEW_WAITING, Kind.READING_DUE}
"""What is told to those of the event's unit who are to act, and to who is named."""

DAYS = {Kind.DEADLINE_NEAR, Kind.DEADLINE_PASSED, Kind.DEADLINE_CHANGED}
"""What names those of the unit whom it binds; others hear by their own choice alone."""

BELOW_A_CONGRESS = (DossierPage, LessonsPage, ResultReportPage)

SEARCHED = {Kind.PUBLISHED, Kind.CHANGED, Kind.LESSONS_PUBLISHED, Kind.REPORT_PUBLISHED}
"""What followers of a search hear of."""


def people_to_tell(event: Event) -> QuerySet[AbstractUser]:
    """The people the event concerns, and who may hear of it; `why` says what for."""
    sources = {why: source for why, source in _sources(event).items() if source}
    people = get_user_model()._default_manager.order_by("pk")
    if not sources:
        return people.none()
    if event.kind in (Kind.COMMENTED, Kind.COMMENT_RESOLVED):
        # What a person chooses in Wagtail's own settings.
        people = people.exclude(
            wagtail_userprofile__updated_comments_notifications=False
        )
    return (
        people.filter(reduce(or_, sources.values()))
        .filter(hearers(event))
        .exclude(pk__in=_who_knows(event))
        .annotate(
            why=models.Case(
                *(
                    models.When(source, then=models.Value(why))
                    for why, source in sources.items()
                ),
                output_field=models.CharField(),
            )
        )
    )


def _who_knows(event: Event) -> list[int]:
    """Who made it happen, and who is told in another way."""
    told = event.data.get("besides", [])
    return [event.actor_id, *told] if event.actor_id else told


def _sources(event: Event) -> dict[str, Q]:
    """The conditions on a user by which he is told, in the order of Why."""
    named = Q(pk__in=event.data.get("people", []))
    if event.kind in NAMED_ALONE:
        return {Why.NAMED: named}
    if event.kind in DUTIES:
        return {Why.NAMED: named, Why.DUTY: _on_duty(event)}
    page = event.page.specific
    if event.kind in DAYS and isinstance(page, GuidancePage):
        # Each addressed unit has its own day: no other hears of it.
        return {Why.NAMED: named}
    found: dict[str, Callable[[Page, Event], Q]] = {
        Why.PAGE: _followers_of_page,
        Why.UNIT: _followers_of_unit,
        Why.PAPER_KIND: _followers_of_kind,
        Why.SEARCH: _followers_of_searches,
        Why.OWN_UNIT: _own_people,
        Why.RECIPIENT: _recipients,
    }
    if event.kind in DAYS and "people" in event.data:
        del found[Why.OWN_UNIT]
    return {
        Why.NAMED: named,
        **{why: source(page, event) for why, source in found.items()},
    }


def _on_duty(event: Event) -> Q:
    """Those of the unit who review, or who confirm that they have read."""
    if event.unit is None:
        return Q()
    if event.kind == Kind.REVIEW_WAITING:
        return Q(pk__in=holders(REVIEW_DOSSIER, [event.unit.path]).values("pk"))
    return _members(one_of("unit__path", [event.unit.path]), muted(event.page))


# Muting


def muted(page: Page, *, from_depth: int = 1) -> QuerySet[Any]:
    """The people who want to hear nothing of the page, or of a page above it from this
    depth on, and have not asked for something nearer to it.
    """
    paths = lineage(page.path, Page.steplen)
    rows = Subscription.objects.filter(is_muted=True).filter(
        one_of("page__path", paths[from_depth - 1 :])
    )
    nearer = rows_at(page).filter(
        user=OuterRef("user"), is_muted=False, page__depth__gt=OuterRef("page__depth")
    )
    return rows.filter(~Exists(nearer)).values("user")


def rows_at(page: Page) -> QuerySet[Subscription]:
    """What people chose for the page itself, or for one above with all below it."""
    above = Subscription.objects.filter(
        one_of("page__path", lineage(page.path, Page.steplen))
    )
    return above.filter(Q(and_below=True) | Q(page=page.pk))


# Own choice


def _followers_of_page(page: Page, event: Event) -> Q:
    return _choosers(rows_at(page).filter(is_muted=False), page)


def _followers_of_unit(page: Page, event: Event) -> Q:
    if event.unit is None:
        return Q()
    rows = Subscription.objects.filter(
        Q(one_of("unit__path", event.unit.lineage), and_below=True)
        | Q(unit=event.unit_id)
    )
    return _choosers(rows, page)


def _followers_of_kind(page: Page, event: Event) -> Q:
    kind = page._meta.model_name
    return _choosers(Subscription.objects.filter(paper_kind=kind), page)


def _followers_of_searches(page: Page, event: Event) -> Q:
    """Those one of whose searches has all its words in the page."""
    if event.kind not in SEARCHED or not isinstance(page, PlansPage):
        return Q()
    searches = Subscription.objects.exclude(search="").order_by()
    text = f" {page.folded_text}"
    fitting = [
        search
        for search in searches.values_list("search", flat=True).distinct()
        if all(f" {word}" in text for word in fold(search).split())
    ]
    if not fitting:
        return Q()
    return _choosers(Subscription.objects.filter(search__in=fitting), page)


def _choosers(rows: QuerySet[Subscription], page: Page) -> Q:
    return Q(pk__in=rows.values("user")) & ~Q(pk__in=muted(page))


# By unit


def _members(units: Q, silent: QuerySet[Any]) -> Q:
    rows = Membership.objects.current().filter(units).order_by()
    return Q(pk__in=rows.values("user")) & ~Q(pk__in=silent)


def _own_people(page: Page, event: Event) -> Q:
    """A unit follows what it has: its congress with all below, its papers, its page."""
    if event.unit is None:
        return Q()
    # To mute the plan is not to mute what one has under it.
    under_congress = isinstance(page, BELOW_A_CONGRESS)
    return _members(
        one_of("unit__path", [event.unit.answering.path]),
        muted(page, from_depth=page.depth - under_congress),
    )


def _recipients(page: Page, event: Event) -> Q:
    """The people of the units a plan or guidance is for. Lessons are for those of the
    plan: they are to help the others do better.
    """
    if isinstance(page, GuidancePage):
        units: QuerySet[Unit] = page.addressed_units
    elif isinstance(page, PlanPage):
        units = recipient_units(page)
    elif isinstance(page, LessonsPage):
        plan = PlanPage.objects.ancestor_of(page).last()
        units = recipient_units(plan) if plan else Unit.objects.none()
    else:
        return Q()
    return _members(Q(unit__in=units.values("pk")), muted(page))


def recipient_units(plan: PlanPage) -> QuerySet[Unit]:
    """The units of today that the plan names as its recipients ("nơi nhận")."""
    condition = Q(pk__in=[])
    for recipient in plan.recipients.select_related("unit"):
        top = recipient.unit or plan.issuer
        if recipient.and_below_id and top:
            condition |= Q(path__startswith=top.path, level=recipient.and_below_id)
        elif recipient.unit_id:
            condition |= Q(pk=recipient.unit_id)
    return Unit.objects.current().filter(condition).order_by()
