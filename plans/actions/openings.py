"""Opening the congresses of the remaining units, once the pilots are over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from plans.models import CongressPage, DossierPage, LevelRule, PlanPage, Unit
from plans.models.calendar import ONE_DAY
from plans.models.units import UnitQuerySet
from plans.permissions import may_open_congresses

from .congresses import Opening, open_congresses


@dataclass(frozen=True)
class OwnDates:
    """The days for what is opened, exclusive; None: as the plan's rule says."""

    review_before: date | None = None
    hold_before: date | None = None
    report_before: date | None = None


def remaining_units(plan: PlanPage) -> UnitQuerySet:
    """The units of today below the issuer whose level has a rule and that have no
    congress under the plan.
    """
    if plan.issuer is None:
        return Unit.objects.none()
    levels = [level for level, _pilots in plan.levels_with_rules]
    return (
        Unit.objects.current()
        .below(plan.issuer)
        .filter(level__in=levels)
        .exclude(pk__in=plan.congresses.values("unit"))
    )


def pilots_to_come(plan: PlanPage) -> list[CongressPage]:
    """The plan's pilot congresses that are not over."""
    pilots = plan.congresses.filter(is_pilot=True).select_related("unit__parent")
    return [each for each in pilots if each.stage != CongressPage.Stage.HELD]


def open_remaining(
    *,
    plan: PlanPage,
    units: Iterable[Unit],
    user: Any,
    dates: OwnDates,
    before_pilots_end: bool = False,
) -> list[CongressPage]:
    """Open the congresses of those of the units that remain: all of them or none.

    A unit that has its congress is passed over, so twice is the same as once. Raises
    PermissionDenied, and ValidationError where a pilot is not over (unless
    `before_pilots_end`), or a deadline would be past on the day it is opened.
    """
    if not may_open_congresses(user, plan):
        raise PermissionDenied
    if not before_pilots_end and pilots_to_come(plan):
        raise ValidationError(_("Not all pilot congresses are over."))
    with transaction.atomic():
        # The plan's row is the lock: who comes second finds nothing left to open.
        Page.objects.select_for_update().get(pk=plan.pk)
        chosen = remaining_units(plan).filter(pk__in=[unit.pk for unit in units])
        openings = [Opening(unit=unit) for unit in chosen.select_related("parent")]
        _refuse_past(plan, {opening.unit.level_id for opening in openings}, dates)
        congresses = open_congresses(plan=plan, openings=openings, user=user)
        keys = [congress.pk for congress in congresses]
        CongressPage.objects.filter(pk__in=keys).update(
            hold_before=dates.hold_before, report_before=dates.report_before
        )
        DossierPage.objects.filter(congress__in=keys).update(
            review_before=dates.review_before
        )
    return congresses


def days_of(rule: LevelRule, dates: OwnDates) -> dict[str, date | None]:
    """What will be due when, under the rule: by the names of `OwnDates`."""
    last = rule.last_window_day
    return {
        "review_before": dates.review_before or rule.review_before,
        "hold_before": dates.hold_before or (last + ONE_DAY if last else None),
        "report_before": dates.report_before,
    }


def _refuse_past(plan: PlanPage, levels: set[int], dates: OwnDates) -> None:
    """What the plan laid down for its pilots is mostly over by then."""
    today = timezone.localdate()
    past = {
        name: _("%(day)s is past: set the day for these congresses.")
        % {"day": f"{day:%d/%m/%Y}"}
        for rule in plan.level_rules.filter(level__in=levels)
        for name, day in days_of(rule, dates).items()
        if day and day <= today
    }
    if past:
        raise ValidationError(past)
