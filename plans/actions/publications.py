"""Recording what Wagtail publishes and takes down, whoever and whatever did it."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from wagtail.models import Page, PageLogEntry, Revision

from plans.models import (
    CongressPage,
    DossierPage,
    Event,
    LessonsPage,
    PaperPage,
    PlansPage,
    ResultReportPage,
)

from .events import Kind, record_event

FIRST_KINDS: dict[type[Page], Kind] = {
    CongressPage: Kind.CONGRESS_OPENED,
    LessonsPage: Kind.LESSONS_PUBLISHED,
    ResultReportPage: Kind.REPORT_PUBLISHED,
}
"""What the first publication of such a page is told as; of others, as PUBLISHED."""


NOT_TOLD = frozenset(
    {
        *(field.name for field in Page._meta.get_fields()),
        *("page_ptr", "change_note", "tell_nobody", "read_again", "issued_year"),
        "source_digest",
    }
) - {"title"}
"""Fields of which nobody hears that they were changed."""


KEYS = frozenset({"pk", "plan", "guidance", "rule", "sort_order"})
"""What of a row below a page is known only once it has been saved."""


def record_publication(*, page: Page, revision: Revision) -> None:
    """Record that the revision was published; the same one again is nothing new.

    A dossier is published by its last approval, which records that itself.
    """
    if not isinstance(page, PlansPage) or isinstance(page, DossierPage):
        return
    if _is_new(page):
        _record(page, revision, FIRST_KINDS.get(type(page), Kind.PUBLISHED))
        _record_replacement(page, revision)
    elif not isinstance(page, PaperPage | CongressPage):
        _record(page, revision, Kind.CHANGED)
    elif isinstance(page, PaperPage) and (note := _note(revision)):
        fields = changed_fields(page, revision)
        _record(page, revision, Kind.CHANGED, note=note, fields=fields)
    if isinstance(page, CongressPage):
        _record_days(page, revision)


def record_taking_down(*, page: Page) -> None:
    """Record that the page is not published any more.

    Wagtail says so of what is being deleted too, and then writes nothing.
    """
    if not isinstance(page, PlansPage) or isinstance(page, DossierPage):
        return
    if Page.objects.filter(pk=page.pk, live=False).exists():
        record_event(kind=Kind.TAKEN_DOWN, page=page)


def _is_new(page: PlansPage) -> bool:
    """Whether nobody could read the page the moment before."""
    if page.first_published_at == page.last_published_at:
        return True
    last = page.events.filter(kind__in=(Kind.TAKEN_DOWN, Kind.PUBLISHED)).first()
    return last is not None and last.kind == Kind.TAKEN_DOWN


def _note(revision: Revision) -> str:
    """What is told of the change: nothing of a small one, unless it is to be read."""
    content = revision.content
    if content.get("tell_nobody") and not content.get("read_again"):
        return ""
    return content.get("change_note", "").strip()


def changed_fields(page: Page, revision: Revision) -> list[str]:
    """The names of the fields that differ from what was published before."""
    published = PageLogEntry.objects.filter(
        page=page.pk, action="wagtail.publish", revision__isnull=False
    ).exclude(revision=revision.pk)
    last = published.order_by("-timestamp", "-pk").first()
    if last is None or last.revision is None:
        return []
    before, now = _as_kept(last.revision.content), _as_kept(revision.content)
    names = [
        field.name for field in page._meta.get_fields() if field.name not in NOT_TOLD
    ]
    return [name for name in names if _said(before.get(name)) != _said(now.get(name))]


def _as_kept(content: dict[str, Any]) -> dict[str, Any]:
    """The content as the database gives it back: that of a new revision holds dates."""
    return json.loads(json.dumps(content, cls=DjangoJSONEncoder))


def _said(value: Any) -> Any:
    """The value of a field, of rows below the page without their own keys.

    The blocks of a body are kept as the text of JSON, with their parts in any order.
    """
    if isinstance(value, str) and value.startswith("[{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if isinstance(value, list):
        return [_said(each) for each in value]
    if isinstance(value, dict):
        return {key: _said(each) for key, each in value.items() if key not in KEYS}
    return value


def _record(page: Page, revision: Revision, kind: Kind, **data: Any) -> None:
    key = f"{kind}:{revision.pk}"
    record_event(kind=kind, page=page, actor=revision.user, data=data, key=key)


def _record_replacement(page: PlansPage, revision: Revision) -> None:
    """Tell those who follow what this page takes the place of."""
    replaced = getattr(page, "replaces", None)
    if replaced is not None:
        record_event(
            kind=Kind.REPLACED,
            page=replaced,
            actor=revision.user,
            data={"successor": page.pk},
            key=f"{Kind.REPLACED}:{replaced.pk}:{page.pk}",
        )


def _record_days(congress: CongressPage, revision: Revision) -> None:
    """Tell of the congress's days where they are others than were last told."""
    days = [day.isoformat() if day else None for day in _days(congress)]
    told = Event.objects.filter(
        page=congress.pk, kind__in=(Kind.CONGRESS_DATED, Kind.CONGRESS_MOVED)
    ).first()
    if days == (told.data["days"] if told else [None, None]):
        return
    record_event(
        kind=Kind.CONGRESS_MOVED if told else Kind.CONGRESS_DATED,
        page=congress,
        actor=revision.user,
        data={"days": days},
    )


def _days(congress: CongressPage) -> tuple[Any, Any]:
    return congress.starts_on, congress.ends_on
