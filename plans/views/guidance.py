"""Guidance on the site: confirming that it was read, who has, and withdrawing it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from plans.actions import guidance as actions
from plans.actions.reading import remind_now
from plans.exporting.tables import csv_response
from plans.forms.guidance import AcknowledgeForm, ReasonForm
from plans.models import GuidancePage, Unit

from .refusals import hidden, told_in_messages, told_on

GROUPS_PER_PAGE = 50
UNITS_PER_PAGE = 150
"""Units a screen names; where there are more, it counts them by upper unit."""

STATES = {"chua", "roi"}
"""What the list may be limited to: who has not read it, who has."""


def _guidance(request: HttpRequest, page_id: int) -> GuidancePage:
    pages = GuidancePage.objects.visible_to(request.user).select_related("issuer")
    return get_object_or_404(pages, pk=page_id)


@require_POST
def acknowledge(request: HttpRequest, page_id: int) -> HttpResponse:
    """Keep that a unit has read it. 404 for whoever works in no addressed unit."""
    guidance = _guidance(request, page_id)
    own = guidance.permissions_for_user(request.user).own_readings()
    if not own.exists():
        raise Http404
    form = AcknowledgeForm(request.POST, units=own)
    if not form.is_valid():
        messages.error(request, _("This unit is not yours to confirm for."))
    else:
        with told_in_messages(request):
            row = actions.acknowledge(
                guidance=guidance, user=request.user, **form.cleaned_data
            )
            messages.success(request, _("%s has read this guidance.") % row.unit)
    return redirect(f"{guidance.get_url(request)}#da-doc")


@require_POST
def remind(request: HttpRequest, page_id: int) -> HttpResponse:
    """Remind the units that have not read it; at most once a day."""
    guidance = _guidance(request, page_id)
    with hidden():
        number = remind_now(guidance=guidance, user=request.user)
    text = ngettext("%s unit is reminded.", "%s units are reminded.", number)
    messages.success(request, text % number)
    return redirect("plans:readers", guidance.pk)


def withdraw(request: HttpRequest, page_id: int) -> HttpResponse:
    """Ask why, and withdraw it; or put it in force again, where it was withdrawn."""
    guidance = _guidance(request, page_id)
    if not guidance.permissions_for_user(request.user).can_withdraw():
        raise Http404
    withdrawal = getattr(guidance, "withdrawal", None)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # What the person saw, so that a second click does not undo the first.
        restores = request.POST.get("does") == "restore"
        action: Any = actions.restore if restores else actions.withdraw
        with told_on(form):
            action(guidance=guidance, user=request.user, **form.cleaned_data)
            messages.success(
                request,
                _("The guidance is in force again.")
                if restores
                else _("The guidance is withdrawn."),
            )
            return redirect(guidance.get_url(request))
    return render(
        request,
        "plans/withdraw_guidance.html",
        {"guidance": guidance, "withdrawal": withdrawal, "form": form},
        status=422 if form.is_bound else 200,
    )


@require_safe
def readers(request: HttpRequest, page_id: int) -> HttpResponse:
    """Which units have read it and which have not; `?csv` as a table.

    By upper unit, the most that are missing first. The units themselves are named where
    one screen can hold them, or for one upper unit (`?tren=`); `?loc=` limits them.
    """
    guidance = _guidance(request, page_id)
    if not guidance.permissions_for_user(request.user).can_see_readers():
        raise Http404
    units = guidance.addressed_units_with_reading()
    groups = _groups(units)
    upper = request.GET.get("tren", "")
    chosen = next((group for group in groups if str(group["parent"]) == upper), None)
    if upper and chosen is None:
        raise Http404
    state = request.GET.get("loc", "")
    shown: Any = units.select_related("parent").order_by(
        F("said_at").asc(nulls_first=True), "path"
    )
    if state in STATES:
        shown = shown.filter(said_at__isnull=state == "chua")
    if chosen:
        shown = shown.filter(parent=chosen["parent"])
    if "csv" in request.GET:
        return _as_csv(guidance, shown)
    return render(
        request,
        "plans/readers.html",
        {
            "guidance": guidance,
            "state": state if state in STATES else "",
            "chosen": chosen,
            **{
                name: sum(group[name] for group in groups)
                for name in ("total", "read", "missing")
            },
            **_sections(request, guidance, [chosen] if chosen else groups, shown),
        },
    )


def _groups(units: QuerySet[Unit]) -> list[dict[str, Any]]:
    """The upper units with how many of theirs have read it; what is missing first."""
    return list(
        units.order_by()
        .values("parent", "parent__name", "parent__path")
        .annotate(total=Count("pk"), read=Count("said__at"))
        .annotate(missing=F("total") - F("read"))
        .order_by("-missing", "parent__path")
    )


def _sections(
    request: HttpRequest,
    guidance: GuidancePage,
    groups: list[dict[str, Any]],
    shown: QuerySet[Unit],
) -> dict[str, Any]:
    """The part of the list that the screen shows: upper units with units to name."""
    number = request.GET.get("trang")
    if len(groups) == 1:
        pages: Any = Paginator(shown, UNITS_PER_PAGE).get_page(number)
        sections, units = groups, list(pages)
    else:
        pages = Paginator(groups, GROUPS_PER_PAGE).get_page(number)
        sections, units = list(pages), []
        if sum(group["total"] for group in sections) <= UNITS_PER_PAGE:
            units = list(shown.filter(parent__in=[each["parent"] for each in sections]))
    by_parent: dict[int | None, list[Unit]] = {}
    for unit in units:
        unit.is_late = guidance.is_late(unit.said_at)
        by_parent.setdefault(unit.parent_id, []).append(unit)
    for group in sections:
        group["units"] = by_parent.get(group["parent"], [])
    return {"pages": pages, "sections": sections, "names_units": bool(units)}


def _as_csv(guidance: GuidancePage, units: QuerySet[Unit]) -> HttpResponse:
    return csv_response(
        f"{guidance.slug}-{timezone.localdate():%Y%m%d}.csv",
        [
            *(_("Code"), _("Unit"), _("Direct upper unit"), _("State")),
            *(_("Late"), _("By whom"), _("When")),
        ],
        (
            (
                unit.code,
                unit.name,
                unit.parent.name if unit.parent else "",
                _("has read it") if unit.said_at else _("has not read it"),
                _("late") if guidance.is_late(unit.said_at) else "",
                unit.said_by,
                date_format(timezone.localtime(unit.said_at), "SHORT_DATETIME_FORMAT")
                if unit.said_at
                else "",
            )
            for unit in units.iterator(chunk_size=2000)
        ),
    )
