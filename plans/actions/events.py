"""Recording what happened to a page, in the transaction that makes it happen."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from wagtail.models import Page

from plans.models import Event, PlansPage, Unit

JOINED_FOR = timedelta(minutes=10)
"""How long more files that one person attaches to a page are one event."""

Kind = Event.Kind


def new_event(
    *,
    kind: str,
    page: Page,
    actor: Any = None,
    unit: Unit | None = None,
    data: dict[str, Any] | None = None,
    key: str = "",
) -> Event:
    """An event that is to be recorded; see `record_event`."""
    return Event(
        kind=Kind(kind),
        page_id=page.pk,
        unit=unit or _own_unit(page),
        actor=actor if actor and actor.pk else None,
        data=data or {},
        key=key,
    )


def record_event(
    *,
    kind: str,
    page: Page,
    actor: Any = None,
    unit: Unit | None = None,
    data: dict[str, Any] | None = None,
    key: str = "",
) -> None:
    """Record that something happened to the page, for its followers to be told.

    Call it inside the action's own transaction. `kind` is one of Event.Kind; `actor`,
    who is not told, is None for the system; `unit` is the unit it concerns, by default
    the page's own. With a `key` it is recorded once, for ever. `data` is JSON; what it
    holds under "people", keys of users, names who is told whatever he follows.
    """
    record_events(
        [new_event(kind=kind, page=page, actor=actor, unit=unit, data=data, key=key)]
    )


def record_events(events: Iterable[Event]) -> None:
    """Record several at once, those whose key is there already left out."""
    Event.objects.bulk_create(events, ignore_conflicts=True)


def record_file(*, page: Page, actor: Any) -> None:
    """Record that a file was attached; several within a while are one event.

    The caller holds the page's row.
    """
    event = (
        Event.objects.select_for_update()
        .untold()
        .filter(kind=Kind.FILE_ATTACHED, page=page.pk, actor=actor)
        .first()
    )
    if event is None:
        event = new_event(kind=Kind.FILE_ATTACHED, page=page, actor=actor)
        event.tell_from = timezone.now() + JOINED_FOR
    event.data["files"] = event.data.get("files", 0) + 1
    event.save()


def _own_unit(page: Page) -> Unit | None:
    specific = page.specific
    return specific.own_unit if isinstance(specific, PlansPage) else None
