"""What comes after a congress and of a plan: what is due of it, and who does it."""

from typing import Any

from django import template

from plans.models import CongressPage, PlanPage, WorkingDays
from plans.models.deadlines import hold_deadline, lessons_deadline, report_deadline
from plans.permissions import (
    may_open_congresses,
    may_register_reports,
    may_watch_units,
    units_to_derive_for,
)

register = template.Library()


@register.simple_tag
def deadlines_of(congress: CongressPage) -> dict[str, Any]:
    """By when the congress is to be held, its lessons and its report are due."""
    days = WorkingDays()
    return {
        "hold": hold_deadline(congress),
        "lessons": lessons_deadline(congress, days),
        "report": report_deadline(congress, days),
    }


@register.simple_tag(takes_context=True)
def writes_outcomes(context: template.Context) -> bool:
    """Whether the person may write the lessons and the report of the congress."""
    congress, user = context["page"], context["request"].user
    over = congress.stage == CongressPage.Stage.HELD
    return over and congress.permissions_for_user(user).can_write_outcomes()


@register.simple_tag(takes_context=True)
def registers_report(context: template.Context) -> bool:
    """Whether the person enters the page's report in the register of his office."""
    report, user = context["page"], context["request"].user
    congress = report.get_parent().specific
    return report.live and may_register_reports(user, congress.plan)


@register.simple_tag(takes_context=True)
def plan_tasks(context: template.Context) -> dict[str, Any]:
    """What the person may do with the plan on its page."""
    plan: PlanPage = context["page"]
    user = context["request"].user
    if not plan.pk or not plan.live:
        return {}
    own = bool(plan.derives_from_id)
    tester = plan.permissions_for_user(user)
    return {
        "derives": not own and units_to_derive_for(user, plan).exists(),
        "watches": not own and may_watch_units(user, plan),
        "opens": not own and may_open_congresses(user, plan),
        "notes_party_report": own and tester.can_note_party_report(),
    }
