"""The pages of the units that end: the unit's own, and the index of its plans."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _
from modelsearch.backends import get_search_backends
from wagtail.models import Page

from plans.actions.pages import log_pages
from plans.models import (
    CongressPage,
    PlanIndexPage,
    Unit,
    UnitPage,
)
from plans.text import vietnamese_slug

from .reading import Passage

PASSED_ON = "plans.unit.pass_on"

Leads = dict[int | None, UnitPage]
"""For each page that goes offline, by its key, the one that its address leads to."""


def pass_unit_pages(passages: Sequence[Passage], *, user: Any) -> Leads:
    """Let the heir go on with one page of those it takes the place of.

    The page of the unit with the heir's code, or else of the first that the file
    names; where the heir has one already, that. The others go offline, and lead there.
    """
    heirs = [passage for passage in passages if passage.is_heir]
    units = {unit.pk for each in heirs for unit in (each.old, each.new)}
    pages = {
        page.unit_id: page
        for page in UnitPage.objects.filter(unit__in=units).select_for_update(
            of=("self", "page_ptr")
        )
    }
    goes_on = _going_on(heirs, pages)
    renamed: list[UnitPage] = []
    offline: list[int] = []
    leads: Leads = {}
    old_paths: list[tuple[str, UnitPage]] = []
    entries = []
    for passage in heirs:
        page, kept = pages.get(passage.old.pk), goes_on.get(passage.new.pk)
        if page is None or not (page is kept or page.live):
            continue
        entries.append((page, {"old": str(passage.old), "heir": str(passage.new)}))
        if kept:
            old_paths.append((page.url_path, kept))
        if page is kept:
            _rename(page, passage.new)
            renamed.append(page)
        else:
            offline.append(page.page_ptr_id)
            if kept:
                leads[page.pk] = kept
            _tell_page(passage, page, kept)
    _save(renamed, offline)
    log_pages(entries=entries, user=user, action=PASSED_ON)
    _redirect(old_paths, leads)
    keys = [*offline, *(page.page_ptr_id for page in renamed)]
    transaction.on_commit(lambda: _index(keys))
    return leads


def _going_on(
    heirs: Sequence[Passage], pages: dict[int, UnitPage]
) -> dict[int, UnitPage]:
    """The page that each new unit goes on with, by the unit's key.

    A district's page is not its province's: the units are of one level.
    """
    goes_on: dict[int, UnitPage] = {}
    for passage in sorted(heirs, key=lambda each: each.old.code != each.new.code):
        own = pages.get(passage.new.pk)
        page = own or (pages.get(passage.old.pk) if passage.passes_people else None)
        if page:
            goes_on.setdefault(passage.new.pk, page)
    return goes_on


def _tell_page(passage: Passage, page: UnitPage, kept: UnitPage | None) -> None:
    """What stands on a page that goes offline is for somebody to take over."""
    text = _("Its page goes offline.")
    if kept:
        text = _("Its page goes offline, and its address leads to that of %s.")
        text %= passage.new
    says = page.has_unpublished_changes or any(
        (page.address, page.phone, page.email, page.introduction)
    )
    if says:
        text += " " + _("What stands on it is not taken over.")
    (passage.conflicts if says else passage.notes).append(text)


def _rename(page: UnitPage, unit: Unit) -> None:
    page.unit = unit
    page.title = page.draft_title = unit.name
    page.slug = vietnamese_slug(f"{unit.name} {unit.code}")
    page.url_path = f"{page.url_path.rstrip('/').rpartition('/')[0]}/{page.slug}/"


def _save(renamed: list[UnitPage], offline: list[int]) -> None:
    """Wagtail's own renaming and unpublishing would log and index page by page."""
    fields = ["title", "draft_title", "slug", "url_path", "unit"]
    UnitPage.objects.bulk_update(renamed, fields, batch_size=100)
    Page.objects.filter(pk__in=offline).update(live=False, has_unpublished_changes=True)


def _redirect(old_paths: list[tuple[str, UnitPage]], leads: Leads) -> None:
    """Lead from the old addresses to the pages; what led to an old page leads on."""
    if not apps.is_installed("wagtail.contrib.redirects"):
        return
    redirects = apps.get_model("wagtailredirects", "Redirect")
    wanted = {}
    for url_path, page in old_paths:
        if url_path != page.url_path:
            # The first step of a page's path is its site's root.
            address = "/" + url_path.lstrip("/").partition("/")[2]
            wanted[redirects.normalise_path(address)] = page
    redirects.objects.filter(old_path__in=wanted).delete()
    for redirect in redirects.objects.filter(redirect_page__in=leads):
        redirect.redirect_page_id = leads[redirect.redirect_page_id].pk
        redirect.save(update_fields=["redirect_page"])
    redirects.objects.bulk_create(
        redirects(old_path=path, redirect_page_id=page.pk, automatically_created=True)
        for path, page in wanted.items()
    )


def _index(keys: list[int]) -> None:
    pages = list(UnitPage.objects.filter(pk__in=keys))
    if pages:
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(UnitPage, pages)


def pass_indexes(passages: Sequence[Passage], *, user: Any) -> None:
    """Let the heirs' editors publish where those of the units did that end."""
    by_old: dict[int | None, Passage] = {
        passage.old.pk: passage for passage in passages if passage.is_heir
    }
    indexes = PlanIndexPage.objects.filter(unit__in=by_old)
    for index in indexes.select_for_update(of=("self", "page_ptr")):
        passage = by_old[index.unit_id]
        draft = index.get_latest_revision_as_object()
        was_whole = not index.has_unpublished_changes
        PlanIndexPage.objects.filter(pk=index.pk).update(unit=passage.new)
        draft.unit = passage.new
        revision = draft.save_revision(user=user, clean=False)
        if index.live and was_whole:
            revision.publish(user=user, skip_permission_checks=True)
        text = _("Its plan index “%s” passes.")
        passage.notes.append(text % index.title)


def tell_congresses(passages: Sequence[Passage]) -> None:
    """Say which congresses the heirs answer for; where there are two pilots, as such.

    They keep the name of the unit that they were opened for.
    """
    by_old = {passage.old.pk: passage for passage in passages if passage.is_heir}
    first: dict[tuple[int, int], CongressPage] = {}
    rows = CongressPage.objects.filter(unit__in=by_old).select_related("plan")
    for congress in rows.order_by("pk"):
        passage = by_old[congress.unit_id]
        name = f"“{congress.title}” ({congress.plan.reference})"
        passage.notes.append(_("It answers for %s.") % name)
        if not (congress.is_pilot and passage.passes_people):
            continue
        other = first.setdefault((congress.plan_id, passage.new.pk), congress)
        if other is not congress:
            text = _("%(unit)s answers for two pilots then: %(one)s and %(other)s.")
            passage.conflicts.append(
                text
                % {"unit": passage.new, "one": other.title, "other": congress.title}
            )
