"""The days that concern a person, as a calendar programs subscribe to (RFC 5545)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event
from wagtail.models import Page

from plans.models import CongressPage, DossierPage, GuidancePage, Subscription
from plans.paths import lies_below
from plans.permissions import roles_held

from .options import absolute
from .sentences import label

REFRESH = timedelta(hours=6)
REMINDER = timedelta(days=3)


@dataclass(frozen=True)
class Day:
    """One entry of the calendar; `last` is its last day."""

    page: Page
    summary: str
    first: date
    last: date
    changed_at: datetime
    is_deadline: bool = True


def calendar_of(user: Any) -> bytes:
    """The calendar of the person, as he may see it now, in the active language."""
    calendar = Calendar()
    calendar.add("prodid", "-//plans//notices//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", getattr(settings, "WAGTAIL_SITE_NAME", ""))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for day in sorted(days_of(user), key=lambda day: (day.first, day.page.pk)):
        calendar.add_component(_entry(day))
    return calendar.to_ical()


def days_of(user: Any) -> Iterator[Day]:
    """Deadlines and congresses of his units and those below, and of what he follows."""
    yield from _dossiers(user)
    yield from _congresses(user)
    yield from _guidance(user)


def _dossiers(user: Any) -> Iterator[Day]:
    dossiers = (
        DossierPage.objects.visible_to(user)
        .by_deadline()
        .filter(_concerns(user), due_before__isnull=False)
        .select_related("congress__plan")
    )
    for dossier in dossiers:
        before = dossier.due_before
        summary = _("%(title)s: to be approved before %(day)s") % {
            "title": dossier.title,
            "day": date_format(before),
        }
        changed = _changed(dossier, dossier.congress.plan)
        yield _deadline(dossier, summary, before, changed)


def _congresses(user: Any) -> Iterator[Day]:
    congresses = CongressPage.objects.visible_to(user).filter(
        _concerns(user), starts_on__isnull=False
    )
    for congress in congresses:
        first = congress.starts_on
        last = congress.ends_on or first
        yield Day(congress, congress.title, first, last, _changed(congress), False)


def _guidance(user: Any) -> Iterator[Day]:
    """What his own units have yet to confirm that they have read."""
    from_units = [
        row.unit_id for row in user.memberships.current().only("unit", "user")
    ]
    if not from_units:
        return
    papers = GuidancePage.objects.visible_to(user).unread_by(from_units)
    for paper in papers.filter(acknowledge_before__isnull=False):
        summary = _("%(title)s: to be read and confirmed before %(day)s") % {
            "title": label(paper),
            "day": date_format(paper.acknowledge_before),
        }
        yield _deadline(paper, summary, paper.acknowledge_before, _changed(paper))


def _concerns(user: Any) -> Q:
    """The condition on a page of a unit that its days concern the person."""
    rows = Subscription.objects.filter(user=user.pk, page__isnull=False)
    paths = list(rows.values_list("page__path", "and_below", "is_muted"))
    followed = [path for path, below, muted in paths if below and not muted]
    alone = [path for path, below, muted in paths if not below and not muted]
    muted = [path for path, _below, is_muted in paths if is_muted]
    units = roles_held(user)
    return (
        lies_below("unit__path", units)
        | lies_below("path", followed)
        | Q(path__in=alone)
    ) & ~lies_below("path", muted)


def _deadline(page: Page, summary: str, before: date, changed_at: datetime) -> Day:
    last = before - timedelta(days=1)
    return Day(page, summary, last, last, changed_at)


def _changed(*pages: Page) -> datetime:
    times = [page.latest_revision_created_at for page in pages]
    return max((time for time in times if time), default=timezone.now())


def _entry(day: Day) -> Event:
    entry = Event()
    kind = "deadline" if day.is_deadline else "congress"
    url = absolute(reverse("plans:notice_page", args=[day.page.pk]))
    entry.add("uid", f"{kind}-{day.page.pk}@{absolute('').split('://')[-1]}")
    entry.add("dtstamp", day.changed_at)
    entry.add("last-modified", day.changed_at)
    # It only has to grow with each change.
    entry.add("sequence", int(day.changed_at.timestamp()) // 60)
    entry.add("dtstart", day.first)
    entry.add("dtend", day.last + timedelta(days=1))
    entry.add("summary", day.summary)
    entry.add("url", url)
    entry.add("description", url)
    entry.add("transp", "TRANSPARENT")
    if day.is_deadline:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", day.summary)
        alarm.add("trigger", -REMINDER)
        entry.add_component(alarm)
    return entry
