"""A congress to take away: for a calendar, on paper, as a table."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from plans.exporting.calendars import congress_calendar
from plans.exporting.delegates import summary_header, summary_rows
from plans.exporting.tables import asked_format, table_response
from plans.models import CongressPage, DelegateSummary


def _congress(request: HttpRequest, page_id: int) -> CongressPage:
    congresses = CongressPage.objects.visible_to(request.user).select_related(
        "plan", "unit__parent", "rule"
    )
    return get_object_or_404(congresses, pk=page_id)


@require_safe
def calendar(request: HttpRequest, page_id: int) -> HttpResponse:
    """The congress for the reader's calendar; 404 while no day is set."""
    congress = _congress(request, page_id)
    if congress.starts_on is None:
        raise Http404
    content = congress_calendar(congress, congress.full_url)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = (
        content_disposition_header(True, f"{congress.slug}.ics") or ""
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def programme(request: HttpRequest, page_id: int) -> HttpResponse:
    """The programme as a paper to print; 404 while there is none."""
    congress = _congress(request, page_id)
    items: Any = list(congress.programme.all())
    if not items:
        raise Http404
    return render(
        request, "plans/programme.html", {"congress": congress, "items": items}
    )


@require_safe
def delegates(request: HttpRequest, page_id: int) -> HttpResponse:
    """The totals of delegates as a table, as far as the reader may see them."""
    congress = _congress(request, page_id)
    summary = get_object_or_404(
        DelegateSummary.objects.select_related("congress"), congress=congress
    )
    in_full = congress.permissions_for_user(request.user).sees_small_groups()
    return table_response(
        f"{congress.slug}-dai-bieu",
        asked_format(request.GET) or "csv",
        summary_header(),
        summary_rows(summary, in_full=in_full),
    )
