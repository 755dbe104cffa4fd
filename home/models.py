"""The first page: what this reader should see first."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from plans.models import (
    Deadline,
    DossierPage,
    GuidancePage,
    Membership,
    PlanPage,
    ResultReportPage,
    Unit,
    WorkingDays,
)
from plans.models.base import PlansPage
from plans.models.deadlines import congress_deadlines
from plans.models.shown import keep
from plans.permissions import (
    CHOOSE_PILOT,
    roles_held,
    steps_to_decide,
    unit_rights,
    units_for,
    units_to_derive_for,
)

SHOWN = 8
"""How many of each kind the first page lists."""


class HomePage(PlansPage):
    introduction = models.TextField(_("introduction"), blank=True)

    subpage_types = ["plans.PlanIndexPage", "plans.UnitIndexPage"]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        user = request.user
        memberships = _memberships(user) if roles_held(user) else []
        own = sorted({membership.unit_id for membership in memberships})
        newest = F("issued_on").desc(nulls_last=True), "-pk"
        plans = PlanPage.objects.live().select_related("issuer")
        guidance = GuidancePage.objects.live().select_related("issuer")
        return super().get_context(request, *args, **kwargs) | {
            "memberships": memberships,
            **self._dossiers(user, own),
            "to_review": self._to_review(user),
            "to_choose": self._to_choose(plans, user),
            **self._of_units(request, own),
            # The same for everybody: where their lists are kept, nothing is read.
            "plans": lambda: plans.order_by(*newest)[:SHOWN],
            "guidance": lambda: guidance.order_by(*newest)[:SHOWN],
        }

    @staticmethod
    def _dossiers(user: Any, own: list[int]) -> dict[str, Any]:
        """The dossiers of one's units, and the others one may read."""
        dossiers = DossierPage.objects.visible_to(user)
        if dossiers.query.is_empty():
            return {"own_dossiers": [], "other_dossiers": []}
        listed = (
            dossiers.by_deadline()
            .with_state()
            .select_related("unit__parent", "congress__rule", "congress__plan")
            .listed(
                "live",
                "has_unpublished_changes",
                "review_before",
                "unit__name",
                "unit__parent__name",
                "congress__rule__review_before",
                "congress__plan__doc_type",
                "congress__plan__number",
                "congress__plan__symbol",
            )
        )
        mine = Q(unit__in=own) | Q(unit__heir__in=own)
        return {
            "own_dossiers": listed.filter(mine)[:SHOWN] if own else [],
            "other_dossiers": listed.exclude(mine)[:SHOWN] if own else listed[:SHOWN],
        }

    def _of_units(self, request: HttpRequest, own: list[int]) -> dict[str, Any]:
        """What concerns the units, the same for all who work in them."""
        if not own:
            return {name: [] for name in OF_UNITS}
        lists: dict[str, Any] = keep(
            request,
            "home of " + "-".join(map(str, own)),
            lambda: {name: list(build(own)) for name, build in OF_UNITS.items()},
        )
        to_derive = [
            plan
            for plan in lists["to_derive"]
            if units_to_derive_for(request.user, plan).exists()
        ]
        return lists | {"to_derive": to_derive}

    @staticmethod
    def _to_review(user: Any) -> Any:
        """What waits for the user's decision."""
        steps = steps_to_decide(user)
        if steps.query.is_empty():
            return []
        return (
            steps.waiting()
            .by_deadline()
            .select_related(
                "unit",
                "assignee",
                "submission__dossier__unit__parent",
                "submission__dossier__congress__plan",
            )[:SHOWN]
        )

    @staticmethod
    def _to_choose(plans: Any, user: Any) -> list[tuple[PlanPage, Any]]:
        """The newest plan with the user's units that have yet to choose its pilot."""
        if user.is_superuser or not unit_rights(user).get(CHOOSE_PILOT):
            return []
        units = units_for(user, CHOOSE_PILOT)
        plan = (
            plans.filter(level_rules__pilots_per_parent__gt=0).order_by("-pk").first()
        )
        if plan is None:
            return []
        return [
            (plan, unit)
            for unit in plan.upper_units_to_choose().filter(
                pk__in=[unit.pk for unit in units]
            )
        ]


def _memberships(user: Any) -> list[Membership]:
    """What the user is today, and where."""
    return list(
        Membership.objects.current()
        .filter(user=user.pk)
        .select_related("unit__parent", "unit__page")
        .only("role", "unit__name", "unit__parent__name", "unit__page__url_path")
    )


# What is published, everybody reads (`plans.permissions`): the lists of the units
# ask for no more.


def _to_read(units: list[int]) -> Any:
    """The guidance one of the units has yet to confirm, the nearest day first."""
    return GuidancePage.objects.unread_by(units).as_register("acknowledge_before")


def _to_hold(units: list[int]) -> list[Deadline]:
    """What is due of the units' own congresses: days, lessons, reports."""
    own = Unit.objects.filter(pk__in=units)
    found = congress_deadlines(own, WorkingDays())
    return sorted(found, key=lambda each: each.before)[:SHOWN]


def _to_derive(units: list[int]) -> Any:
    """The plans of which one of the units has yet to issue its own."""
    plans = PlanPage.objects.live().to_be_derived_by(units)
    return plans.select_related("issuer").order_by("-pk")[:SHOWN]


def _to_register(units: list[int]) -> Any:
    """The reports sent to one of the units that are not in its register."""
    reports = ResultReportPage.objects.unregistered(units)
    return reports.as_register().newest_first()[:SHOWN]


def _sent_to(units: list[int]) -> Any:
    """The newest guidance that is addressed to one of the units and holds."""
    guidance = GuidancePage.objects.in_force().for_units(units)
    return guidance.as_register().newest_first()[:SHOWN]


OF_UNITS = {
    "to_read": _to_read,
    "to_hold": _to_hold,
    "to_derive": _to_derive,
    "to_register": _to_register,
    "sent_here": _sent_to,
}
"""The lists of what concerns the units one works in, by their names on the page."""
