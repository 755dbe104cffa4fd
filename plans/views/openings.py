"""Opening the congresses of the remaining units: first what will be, then it is."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.actions import openings as actions
from plans.forms.plans import OpeningForm
from plans.models import PlanPage, Unit
from plans.permissions import may_open_congresses

from .refusals import told_on

UNITS_SHOWN = 300
"""Units the screen names at once: a province with its districts and communes."""


def remaining(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show which units have no congress under the plan, and open theirs.

    `?tren=` limits the list to the units below one. 404 for who may not open any.
    """
    plans = PlanPage.objects.visible_to(request.user).select_related("issuer")
    plan = get_object_or_404(plans, pk=page_id, derives_from=None)
    if plan.issuer is None or not may_open_congresses(request.user, plan):
        raise Http404
    upper = _upper(request, plan)
    units = actions.remaining_units(plan)
    if upper:
        units = units.below(upper, inclusive=True)
    pilots = actions.pilots_to_come(plan)
    form = OpeningForm(
        request.POST or None,
        # Whoever sends the form twice names units that have theirs by then.
        units=Unit.objects.current().below(plan.issuer),
        pilots=pilots,
    )
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            return _open(request, plan, form)
    in_order = units.select_related("parent", "level").order_by("level__order", "path")
    named = list(in_order[: UNITS_SHOWN + 1])
    asked = form["units"].value() or []
    return render(
        request,
        "plans/open_remaining.html",
        {
            "plan": plan,
            "form": form,
            "upper": upper,
            "uppers": _uppers(plan),
            "pilots": pilots,
            "rules": plan.level_rules.select_related("level"),
            "units": named[:UNITS_SHOWN],
            "more": len(named) > UNITS_SHOWN,
            "number": units.count(),
            "present": plan.congresses.count(),
            # All are ticked to begin with; then what the person had ticked.
            "ticked": {int(key) for key in asked if str(key).isdecimal()}
            if form.is_bound
            else {unit.pk for unit in named},
        },
        status=422 if form.is_bound else 200,
    )


def _open(request: HttpRequest, plan: PlanPage, form: OpeningForm) -> HttpResponse:
    terms = form.cleaned_data
    opened = actions.open_remaining(
        plan=plan,
        units=terms["units"],
        user=request.user,
        dates=actions.OwnDates(
            review_before=terms["review_before"],
            hold_before=terms["hold_before"],
            report_before=terms["report_before"],
        ),
        before_pilots_end=terms.get("before_pilots_end", False),
    )
    if not opened:
        messages.info(request, _("Each of these units has its congress already."))
        return redirect(f"{plan.get_url(request)}#congresses")
    messages.success(
        request,
        ngettext(
            "%(number)d congress has been opened.",
            "%(number)d congresses have been opened.",
            len(opened),
        )
        % {"number": len(opened)},
    )
    return redirect(f"{plan.get_url(request)}#congresses")


def _uppers(plan: PlanPage) -> Any:
    """The units above those that remain, to choose from."""
    parents = actions.remaining_units(plan).order_by().values("parent")
    return Unit.objects.filter(pk__in=parents)


def _upper(request: HttpRequest, plan: PlanPage) -> Unit | None:
    key = request.GET.get("tren", "")
    if not key:
        return None
    if not key.isdecimal() or plan.issuer is None:
        raise Http404
    below = Unit.objects.below(plan.issuer, inclusive=True)
    return get_object_or_404(below, pk=int(key[:9]))
