"""Search over everything the reader may see."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from plans.search import (
    KINDS,
    clean_query,
    count_kinds,
    describe,
    find,
    find_units,
    of_kind,
    readable_pages,
)

PER_PAGE = 20


def search(request: HttpRequest) -> HttpResponse:
    """The search page: words in `q`, a kind of page in `loai`, the place in `trang`."""
    query = clean_query(request.GET.get("q", ""))
    kind = request.GET.get("loai", "")
    context: dict[str, Any] = {"query": query, "kind": kind if kind in KINDS else ""}
    if query:
        context |= _found(request, query, context["kind"])
    return render(request, "plans/search.html", context)


def _found(request: HttpRequest, query: str, kind: str) -> dict[str, Any]:
    pages = readable_pages(request.user)
    total, kinds = count_kinds(query, pages)
    if kind:
        total = sum(each.found for each in kinds if each.value == kind)
    paginator = Paginator(find(query, of_kind(pages, kind)) if total else [], PER_PAGE)
    # Counted with the kinds: it need not be asked for again.
    paginator.count = total
    results = paginator.get_page(request.GET.get("trang"))
    results.object_list = describe(query, list(results.object_list))
    first = results.number == 1 and not kind
    return {
        "kinds": kinds,
        "results": results,
        "units": find_units(query) if first else [],
    }
