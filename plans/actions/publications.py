"""Recording what Wagtail publishes and takes down, whoever and whatever did it."""

from typing import Any

from wagtail.models import Page, Revision

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
        _record(page, revision, Kind.CHANGED, note=note)
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
    return revision.content.get("change_note", "").strip()


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
