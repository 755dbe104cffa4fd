"""Who may do what with a page, and why: seeing it, giving and taking, trying it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Page

from plans.actions import rights as actions
from plans.actions.right_changes import RIGHT_NAMES, log_entries
from plans.exporting.tables import csv_response
from plans.forms.rights import GiveForm, TakeForm
from plans.models import DossierPage, Unit
from plans.models.memberships import written_name
from plans.permissions import (
    LARGEST_KEY,
    PagePolicy,
    may_ask_rights,
    may_see_rights,
    may_view,
    moderators,
    rights_to_give,
)
from plans.permissions.page_rights import (
    Holding,
    Kind,
    holder_model,
    holding_of,
    holdings_of,
    holdings_of_units_and_groups,
    is_read_by_everybody,
    people_with_rights,
)
from plans.search import clean_query, find_people, find_units

from .refusals import told_on

PER_PAGE = 50
CHUNK = 500
"""People whose rights are worked out at once for the table."""
ENTRIES = 20
FOUND = 30
"""People a search offers to give a right to."""


def _page(request: HttpRequest, page_id: int) -> Page:
    """The page, for who may know of it; for anybody else it does not exist."""
    if page_id > LARGEST_KEY:
        raise Http404
    page = get_object_or_404(Page, pk=page_id)
    if not may_ask_rights(request.user, page):
        raise Http404
    return page.specific


def _page_to_oversee(request: HttpRequest, page_id: int) -> Page:
    """The page, for who may see everybody's rights on it."""
    page = _page(request, page_id)
    if not may_see_rights(request.user, page):
        raise Http404
    return page


@require_safe
def rights(request: HttpRequest, page_id: int) -> HttpResponse:
    """Everybody's rights on the page, or where one may not see them one's own.

    `?tim=` keeps to the people of that name, `?csv` is a table of all.
    """
    page = _page(request, page_id)
    everybody = may_see_rights(request.user, page)
    if "csv" in request.GET:
        if not everybody:
            raise Http404
        return _as_csv(page)
    context = _about(request, page) | {"everybody": everybody}
    if everybody:
        context |= _everybody(request, page)
    else:
        context["holding"] = holding_of(request.user, page)
    return render(request, "plans/rights.html", context)


def _about(request: HttpRequest, page: Page) -> dict[str, Any]:
    """What all of these screens say of the page."""
    url = page.get_url(request) if may_view(request.user, page) else None
    return {
        "page": page,
        # A draft is nowhere on the site.
        "page_url": url or reverse("wagtailadmin_explore", args=[page.pk]),
        "is_dossier": isinstance(page, DossierPage),
        "read_by_everybody": is_read_by_everybody(page),
        "moderators": moderators(page),
    }


def _everybody(request: HttpRequest, page: Page) -> dict[str, Any]:
    people = people_with_rights(page)
    query = clean_query(request.GET.get("tim", ""))
    if query:
        people = people.filter(pk__in=find_people(query).order_by().values("pk"))
    pages = Paginator(people, PER_PAGE).get_page(request.GET.get("trang"))
    return {
        "query": query,
        "pages": pages,
        "people": holdings_of(pages.object_list, page),
        "others": [] if query else holdings_of_units_and_groups(page),
        "gives": bool(rights_to_give(request.user, page)),
        "entries": _history(page),
    }


def _history(page: Page) -> list[Any]:
    """The last changes of rights on the page, and on the unit whose page it is."""
    targets = [page, *([page.unit] if PagePolicy.tells_of_unit(page) else [])]
    entries = [
        entry
        for target in targets
        for entry in log_entries(target).select_related("user")[:ENTRIES]
    ]
    return sorted(entries, key=lambda entry: entry.timestamp, reverse=True)[:ENTRIES]


def _as_csv(page: Page) -> HttpResponse:
    header = (
        *(_("Person, unit or group"), _("Account"), _("Right"), _("Why")),
        *(_("Where"), _("Until"), _("Reason")),
    )
    return csv_response(f"quyen-{page.slug}.csv", header, _lines(page))


def _lines(page: Page) -> Iterator[tuple[Any, ...]]:
    if is_read_by_everybody(page):
        everyone = _("everybody who has signed in")
        yield everyone, "", _("read the page"), _("The page is published."), "", "", ""
    for holding in _all_holdings(page):
        account = holding.note if holding.kind == Kind.PERSON else ""
        for right, reasons in holding.rights.items():
            for reason in reasons:
                yield (
                    *(holding.name, account, RIGHT_NAMES[right], reason.text),
                    reason.place.name if reason.place else "",
                    date_format(reason.until, "d/m/Y") if reason.until else "",
                    reason.note,
                )


def _all_holdings(page: Page) -> Iterable[Holding]:
    yield from holdings_of_units_and_groups(page)
    people = Paginator(people_with_rights(page), CHUNK)
    for number in people.page_range:
        yield from holdings_of(people.page(number).object_list, page)


def holder(
    request: HttpRequest, page_id: int, kind: str, holder_id: int
) -> HttpResponse:
    """What one person, unit or group may do with the page, and taking it away."""
    page = _page_to_oversee(request, page_id)
    row = _holder(kind, holder_id)
    holding = holding_of(row, page)
    givable = rights_to_give(request.user, page)
    by_hand = [right for right in holding.by_hand(page) if right in givable]
    form = TakeForm(request.POST or None, rights=by_hand)
    if request.method == "POST":
        if not givable:
            raise Http404
        if form.is_valid():
            with told_on(form):
                actions.take_rights(
                    page=page,
                    holder=row,
                    user=request.user,  # type: ignore[arg-type]
                    **form.cleaned_data,
                )
                messages.success(request, _("The right is taken away."))
                return redirect("plans:rights", page.pk)
    return render(
        request,
        "plans/right_holder.html",
        {
            **_about(request, page),
            "holding": holding,
            "form": form if by_hand else None,
            "gives": bool(givable),
            "lacks": [
                right
                for right in PagePolicy.grounds(page)
                if right not in holding.rights
            ],
        },
        status=422 if form.is_bound else 200,
    )


def _holder(kind: str, key: int) -> Any:
    if kind not in [*Kind] or key > LARGEST_KEY:
        raise Http404
    return get_object_or_404(holder_model(kind), pk=key)


def give(request: HttpRequest, page_id: int) -> HttpResponse:
    """Give a person or a unit rights on the page. `tim` is whom to look for."""
    page = _page(request, page_id)
    givable = rights_to_give(request.user, page)
    if not givable:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    query = clean_query(asked.get("tim", ""))
    rows = _candidates(request, page, query)
    form = GiveForm(
        request.POST if request.method == "POST" else None,
        holders=[(key, _called(row)) for key, row in rows.items()],
        rights=givable,
    )
    if form.is_valid():
        terms = form.cleaned_data | {"holder": rows[form.cleaned_data["holder"]]}
        with told_on(form):
            actions.give_rights(page=page, user=request.user, **terms)  # type: ignore[arg-type]
            messages.success(request, _("The right is given."))
            return redirect("plans:rights", page.pk)
    return render(
        request,
        "plans/give_right.html",
        _about(request, page) | {"form": form, "query": query, "found": bool(rows)},
        status=422 if form.is_bound else 200,
    )


def _candidates(request: HttpRequest, page: Page, query: str) -> dict[str, Any]:
    """Whom a right may be given to: who is found, or first the page's own unit."""
    people: Iterable[Any] = []
    units: Iterable[Unit] = []
    if query:
        people, units = find_people(query)[:FOUND], find_units(query)
    elif unit := getattr(page, "own_unit", None):
        units = [unit]
        working = unit.memberships.current().filter(user__is_active=True)
        people = [row.user for row in working.select_related("user")]
    # Nobody gives himself a right.
    others = [row for row in people if row.pk != request.user.pk]
    rows: dict[str, Any] = {f"{Kind.PERSON}-{row.pk}": row for row in others}
    return rows | {f"{Kind.UNIT}-{row.pk}": row for row in units}


def _called(row: Any) -> str:
    if isinstance(row, Unit):
        return _("everybody of %(unit)s, whoever joins later too") % {
            "unit": f"{row.qualified_name} ({row.code})"
        }
    return f"{written_name(row)} ({row.get_username()})"
