"""What happened, in words: for the site, the mails and the feeds."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy, ngettext
from wagtail.models import Page

from plans.actions.right_changes import RIGHT_NAMES
from plans.models import Event, PaperPage
from plans.models.events import REMARKS

Kind = Event.Kind

DETAILED: dict[str, Any] = {
    Kind.CHANGED: gettext_lazy("Changed: %(note)s"),
    Kind.WITHDRAWN: gettext_lazy("Withdrawn: %(reason)s"),
    Kind.RESTORED: gettext_lazy("In force again: %(reason)s"),
    Kind.CONGRESS_DATED: gettext_lazy("The congress is on %(days)s"),
    Kind.CONGRESS_MOVED: gettext_lazy("The congress was moved to %(days)s"),
    Kind.STEP_APPROVED: gettext_lazy("Passed by %(by)s"),
    Kind.DOSSIER_RETURNED: gettext_lazy("Returned by %(by)s"),
    Kind.DEADLINE_NEAR: gettext_lazy("Due before %(before)s"),
    Kind.DEADLINE_PASSED: gettext_lazy("Was due before %(before)s"),
    Kind.DEADLINE_CHANGED: gettext_lazy("Now due before %(before)s"),
    Kind.READING_DUE: gettext_lazy("To be read and confirmed before %(before)s"),
    Kind.RIGHT_GIVEN: gettext_lazy("You were given: %(rights)s"),
    Kind.RIGHT_TAKEN: gettext_lazy("Taken from you: %(rights)s"),
}
"""What is said of an event where its data tell the details."""


def happening(event: Event) -> str:
    """What happened, as one phrase in the language that is active."""
    details = _details(event.data)
    if event.kind == Kind.FILE_ATTACHED:
        number = event.data.get("files", 1)
        return ngettext(
            "%(number)s file attached", "%(number)s files attached", number
        ) % {"number": number}
    if event.kind in DETAILED:
        try:
            return DETAILED[event.kind] % details
        except KeyError:  # the event tells less
            pass
    return capfirst(str(event.get_kind_display()))


def address(event: Event) -> str:
    """Where what happened is to be seen: what is said of a page, in its editor."""
    name = "notice_remarks" if event.kind in REMARKS else "notice_page"
    return reverse(f"plans:{name}", args=[event.page_id])


def _details(data: dict[str, Any]) -> dict[str, str]:
    """The details the data tell, written for people."""
    details = {name: data[name] for name in ("note", "reason", "by") if data.get(name)}
    if data.get("before"):
        details["before"] = _written(data["before"])
    if any(data.get("days") or ()):
        days = dict.fromkeys(day for day in data["days"] if day)
        details["days"] = " – ".join(_written(day) for day in days)
    if data.get("rights"):
        names = (str(RIGHT_NAMES.get(right, right)) for right in data["rights"])
        details["rights"] = ", ".join(names)
    return details


def _written(day: str) -> str:
    return date_format(date.fromisoformat(day))


def label(page: Page) -> str:
    """The page in few words: a paper by its number, anything else by its title."""
    if isinstance(page, PaperPage) and page.number is not None:
        return f"{page.doc_type} {page.reference}"
    return Truncator(page.title).chars(90)


def changed_parts(event: Event, page: Page) -> list[str]:
    """The names of the fields that the event says were changed."""
    fields: dict[str, Any] = {field.name: field for field in page._meta.get_fields()}
    names = (fields.get(name) for name in event.data.get("fields", ()))
    return [
        str(
            getattr(field, "verbose_name", None)
            or field.related_model._meta.verbose_name_plural
        )
        for field in names
        if field is not None
    ]


def specific_pages(events: Iterable[Event]) -> dict[int, Page]:
    """The pages of the events by their keys; one query for each type of page."""
    keys = {event.page_id for event in events}
    return {page.pk: page for page in Page.objects.filter(pk__in=keys).specific()}
