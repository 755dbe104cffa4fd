"""Adding many pages at once, each with its history, its revision and its index entry.

Wagtail's `add_child` costs about 80 ms a page: it reads the siblings, validates, and
updates the search and reference indexes one page at a time. Opening the congresses
of a whole province adds 240.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from modelsearch.backends import get_search_backends
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision

from plans.models.base import PlansPage
from plans.models.shown import tell_shown_changed


def add_pages(
    *,
    pairs: Sequence[tuple[Page, PlansPage]],
    user: Any,
    action: str,
    live: bool = True,
) -> None:
    """Add each page under its parent: `pairs` of (saved parent, unsaved page).

    All pages are of one class, have a title and a slug that is free under the parent,
    and pass their own validation. The action is what the page's history says. Runs
    in the caller's transaction, which must hold a lock on the parents.
    """
    if not pairs:
        return
    now = timezone.now()
    model = type(pairs[0][1])
    _place(pairs)
    for parent, page in pairs:
        page.locale_id = parent.locale_id
        page.content_type = ContentType.objects.get_for_model(model)
        page.owner = user
        page.draft_title = page.title
        page.set_url_path(parent)
        page.live = live
        page.first_published_at = page.last_published_at = now if live else None
        page.latest_revision_created_at = now
    pages = [page for _parent, page in pairs]
    _insert(model, pages)
    _revise(model, pages, user, now)
    log_pages(entries=[(page, {}) for page in pages], user=user, action=action)
    tell_shown_changed()
    transaction.on_commit(lambda: _index(model, pages))


def _place(pairs: Sequence[tuple[Page, PlansPage]]) -> None:
    """Give every page its place after its parent's last child."""
    added: dict[str, int] = {}
    last = _last_steps({parent.path: parent for parent, _page in pairs}.values())
    for parent, page in pairs:
        number = added[parent.path] = added.get(parent.path, 0) + 1
        page.path = Page._get_path(
            parent.path, parent.depth + 1, last.get(parent.path, 0) + number
        )
        page.depth = parent.depth + 1
    for number in set(added.values()):
        paths = [path for path, count in added.items() if count == number]
        Page.objects.filter(path__in=paths).update(
            numchild=models.F("numchild") + number
        )
    for parent in {id(parent): parent for parent, _page in pairs}.values():
        parent.numchild += added[parent.path]


def _last_steps(parents: Iterable[Page]) -> dict[str, int]:
    """The number of the last child of each parent that has children."""
    steps = {}
    for parent in parents:
        if parent.numchild:
            last = (
                parent.get_children().order_by("-path").values_list("path", flat=True)
            )
            steps[parent.path] = Page._str2int(last[0][-Page.steplen :])
    return steps


def _insert(model: type[PlansPage], pages: list[PlansPage]) -> None:
    """Insert the base rows at once and the specific rows one by one.

    Django's bulk_create refuses models of several tables; `save_base(raw=True)`
    is how it writes the one table of a fixture.
    """
    names = [
        field.attname for field in Page._meta.concrete_fields if not field.primary_key
    ]
    rows = Page.objects.bulk_create(
        [Page(**{name: getattr(page, name) for name in names}) for page in pages]
    )
    for row, page in zip(rows, pages, strict=True):
        page.pk = page.id = page.page_ptr_id = row.pk
        page.save_base(raw=True, force_insert=True)


def _revise(
    model: type[PlansPage], pages: list[PlansPage], user: Any, now: Any
) -> None:
    """Give every page its first revision, so that its history is whole."""
    kinds = {
        "content_type": ContentType.objects.get_for_model(model),
        "base_content_type": ContentType.objects.get_for_model(Page),
    }
    revisions = Revision.objects.bulk_create(
        [
            Revision(
                **kinds,
                object_id=str(page.pk),
                created_at=now,
                user=user,
                object_str=str(page),
                content=page.serializable_data(),
            )
            for page in pages
        ]
    )
    for page, revision in zip(pages, revisions, strict=True):
        page.latest_revision = revision
        page.live_revision = revision if page.live else None
        page.has_unpublished_changes = not page.live
    rows = [
        Page(
            pk=page.pk,
            latest_revision_id=page.latest_revision_id,
            live_revision_id=page.live_revision_id,
            has_unpublished_changes=page.has_unpublished_changes,
        )
        for page in pages
    ]
    Page.objects.bulk_update(
        rows, ["latest_revision", "live_revision", "has_unpublished_changes"]
    )


def log_pages(
    *, entries: Iterable[tuple[Page, dict[str, Any]]], user: Any, action: str
) -> None:
    """Write an entry in the history of each page, with its data."""
    now = timezone.now()
    PageLogEntry.objects.bulk_create(
        [
            PageLogEntry(
                content_type=page.cached_content_type,
                label=page.get_admin_display_title(),
                action=action,
                timestamp=now,
                user=user,
                page_id=page.pk,
                revision_id=page.latest_revision_id,
                content_changed=True,
                data=data,
            )
            for page, data in entries
        ],
        batch_size=500,
    )


def _index(model: type[PlansPage], pages: list[PlansPage]) -> None:
    for backend in get_search_backends(with_auto_update=True):
        backend.add_bulk(model, pages)
    for page in pages:
        ReferenceIndex.create_or_update_for_object(page)
