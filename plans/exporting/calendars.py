"""A congress as an entry for anybody's calendar (RFC 5545)."""

from datetime import timedelta

from django.utils import timezone
from icalendar import Calendar, Event

from plans.models import CongressPage

PRODUCT = "-//plans//congress//VI"


def congress_calendar(congress: CongressPage, url: str) -> bytes:
    """The congress as one entry of whole days; it must have a first day.

    The entry keeps its name for ever, so that a calendar that takes it in again moves
    what it has.
    """
    first = congress.starts_on
    if first is None:
        raise ValueError("no day is set")
    event = Event()
    event.add("uid", f"congress-{congress.pk}@{url.split('/')[2]}")
    event.add("dtstamp", timezone.now())
    event.add("last-modified", congress.latest_revision_created_at or timezone.now())
    event.add("summary", congress.title)
    event.add("dtstart", first)
    # The end of whole days is the day after the last.
    event.add("dtend", (congress.ends_on or first) + timedelta(days=1))
    if congress.venue:
        event.add("location", congress.venue)
    event.add("url", url)
    event.add("description", _programme(congress))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()


def _programme(congress: CongressPage) -> str:
    lines = [f"{congress.plan.doc_type} {congress.plan.reference}"]
    days = congress.number_of_days
    for item in congress.programme.all():
        day = f"{item.day}. " if days > 1 else ""
        lines.append(f"{day}{item.starts_at:%H:%M} {item.content}")
    return "\n".join(lines)
