"""Plans that units make of a plan: making one, who has one, and how it differs."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plans.actions import derivations as actions
from plans.exporting.tables import csv_response
from plans.forms.plans import DeriveForm, PartyReportForm
from plans.models import PlanPage
from plans.models.derivations import beside, units_with_own_plans
from plans.permissions import may_watch_units, units_to_derive_for

from .refusals import hidden, told_on


def _plan(request: HttpRequest, page_id: int) -> PlanPage:
    plans = PlanPage.objects.visible_to(request.user)
    return get_object_or_404(
        plans.select_related("issuer", "derives_from__issuer"), pk=page_id
    )


def derive(request: HttpRequest, page_id: int) -> HttpResponse:
    """Make the draft of a unit's own plan, and go on to edit it.

    404 for who may write none.
    """
    plan = _plan(request, page_id)
    units = units_to_derive_for(request.user, plan)
    if not units:
        raise Http404
    form = DeriveForm(request.POST or None, units=units)
    if request.method == "POST" and form.is_valid():
        with hidden():
            own = actions.derive_plan(plan=plan, user=request.user, **form.cleaned_data)
        if own.live:
            return redirect(own.get_url(request))
        messages.success(
            request, _("The draft is there: put its paragraphs in your own terms.")
        )
        return redirect("wagtailadmin_pages:edit", own.pk)
    present = plan.derived_plans.filter(issuer__in=units).select_related("issuer")
    return render(
        request,
        "plans/derive_plan.html",
        {
            "plan": plan,
            "form": form,
            "present": [
                (own, own.get_url(request) if own.live else edit_url(own))
                for own in present
            ],
            "is_free": len(present) < len(units),
        },
        status=422 if form.is_bound else 200,
    )


def edit_url(plan: PlanPage) -> str:
    return reverse("wagtailadmin_pages:edit", args=[plan.pk])


@require_safe
def of_units(request: HttpRequest, page_id: int) -> HttpResponse:
    """Which units have issued their own plan of this one, which have not; `?csv`.

    404 for who does not watch over the plan's units.
    """
    plan = _plan(request, page_id)
    if not may_watch_units(request.user, plan):
        raise Http404
    rows = units_with_own_plans(plan)
    if "csv" in request.GET:
        return _as_csv(plan, rows)
    return render(
        request,
        "plans/own_plans.html",
        {"plan": plan, "rows": rows, "issued": sum(bool(row.own) for row in rows)},
    )


def _as_csv(plan: PlanPage, rows: Any) -> HttpResponse:
    def day(value: Any) -> str:
        return f"{value:%d/%m/%Y}" if value else ""

    return csv_response(
        f"ke-hoach-cap-duoi-{plan.slug}-{timezone.localdate():%Y%m%d}.csv",
        [
            *(_("Code"), _("Unit"), _("Number"), _("Issued on")),
            *(_("Reported to the Party committee on"), _("By which paper")),
        ],
        (
            (
                row.unit.code,
                row.unit.name,
                row.own.reference if row.own else _("not issued"),
                f"{row.own.issued_on:%d/%m/%Y}"
                if row.own and row.own.issued_on
                else "",
                f"{row.report.reported_on:%d/%m/%Y}" if row.report else "",
                row.report.reference if row.report else "",
            )
            for row in rows
        ),
    )


@require_safe
def compare(request: HttpRequest, page_id: int) -> HttpResponse:
    """A unit's own plan beside the plan it was made from, paragraph by paragraph."""
    own = _plan(request, page_id)
    source = own.derives_from
    if source is None or not source.live:
        raise Http404
    return render(
        request,
        "plans/beside.html",
        {"own": own, "source": source, "pairs": list(beside(source, own))},
    )


def party_report(request: HttpRequest, page_id: int) -> HttpResponse:
    """Note how the own plan was reported to the Party committee.

    404 for who does not work in its unit.
    """
    own = _plan(request, page_id)
    if not own.derives_from_id:
        raise Http404
    if not own.permissions_for_user(request.user).can_note_party_report():
        raise Http404
    report = getattr(own, "party_report", None)
    names = PartyReportForm.base_fields
    initial = {name: getattr(report, name) for name in names} if report else {}
    form = PartyReportForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            actions.report_to_party(plan=own, user=request.user, **form.cleaned_data)
            messages.success(request, _("It is noted."))
            return redirect(own.get_url(request))
    return render(
        request,
        "plans/party_report.html",
        {"own": own, "form": form},
        status=422 if form.is_bound else 200,
    )
