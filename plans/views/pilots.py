"""An upper unit's board chooses the pilot the plan asks of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from plans.actions.congresses import choose_pilot
from plans.forms.pilots import ChoosePilotForm
from plans.models import LevelRule, PlanPage
from plans.permissions import CHOOSE_PILOT, units_for

from .refusals import told_on


def choose(request: HttpRequest, plan_id: int, unit_id: int) -> HttpResponse:
    """Show and take the choice. 404 for whoever may not choose for the unit."""
    plan: PlanPage = get_object_or_404(
        PlanPage.objects.visible_to(request.user), pk=plan_id
    )
    upper_unit = get_object_or_404(units_for(request.user, CHOOSE_PILOT), pk=unit_id)
    rule = _rule(plan, upper_unit.children.values_list("level", flat=True).distinct())
    form = ChoosePilotForm(request.POST or None, rule=rule, upper_unit=upper_unit)
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            congress = choose_pilot(
                plan=plan,
                unit=form.cleaned_data["unit"],
                user=request.user,
                checks=form.checks(),
            )
            messages.success(
                request,
                _("%s has been chosen as a pilot.") % congress.unit.qualified_name,
            )
            return redirect(congress.get_url(request))
    return render(
        request,
        "plans/choose_pilot.html",
        {
            "plan": plan,
            "upper_unit": upper_unit,
            "rule": rule,
            "form": form,
            "chosen": plan.congresses.filter(is_pilot=True, pilot_of=upper_unit)
            .exclude(unit=upper_unit)
            .select_related("unit__parent"),
        },
        status=422 if form.is_bound else 200,
    )


def _rule(plan: PlanPage, levels: object) -> LevelRule:
    rule = plan.level_rules.filter(level__in=levels, pilots_per_parent__gt=0).first()
    if rule is None:
        raise Http404
    return rule
