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
from plans.permissions import (
    CHOOSE_PILOT,
    steps_to_decide,
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
        dossiers = (
            DossierPage.objects.visible_to(user)
            .by_deadline()
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
        memberships = list(
            Membership.objects.current()
            .filter(user=user.pk)
            .select_related("unit__parent", "unit__page")
            .only("role", "unit__name", "unit__parent__name", "unit__page__url_path")
        )
        newest = F("issued_on").desc(nulls_last=True), "-pk"
        plans = PlanPage.objects.visible_to(user).select_related("issuer")
        guidance = GuidancePage.objects.visible_to(user).select_related("issuer")
        none = dossiers.query.is_empty()
        own = [membership.unit_id for membership in memberships]
        own_dossiers = Q(unit__in=own) | Q(unit__heir__in=own)
        return super().get_context(request, *args, **kwargs) | {
            "memberships": memberships,
            # An empty query costs as much as a full one until it is found empty.
            "own_dossiers": [] if none else dossiers.filter(own_dossiers)[:SHOWN],
            "other_dossiers": [] if none else dossiers.exclude(own_dossiers)[:SHOWN],
            "to_review": self._to_review(user),
            "to_choose": self._to_choose(plans, user),
            "to_read": self._to_read(user, own),
            "to_hold": self._to_hold(own),
            "to_derive": self._to_derive(plans, user, own),
            "to_register": self._to_register(user, own),
            "sent_here": self._sent_to(user, own),
            # The same for everybody: where their lists are kept, nothing is read.
            "plans": plans.order_by(*newest)[:SHOWN],
            "guidance": guidance.order_by(*newest)[:SHOWN],
        }

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
    def _to_read(user: Any, units: list[int]) -> Any:
        """The guidance one of the units has yet to confirm, the nearest day first."""
        if not units:
            return []
        guidance = GuidancePage.objects.visible_to(user).unread_by(units)
        return guidance.as_register("acknowledge_before")

    @staticmethod
    def _to_hold(units: list[int]) -> list[Deadline]:
        """What is due of the units' own congresses: days, lessons, reports."""
        if not units:
            return []
        own = Unit.objects.filter(pk__in=units)
        found = congress_deadlines(own, WorkingDays())
        return sorted(found, key=lambda each: each.before)[:SHOWN]

    @staticmethod
    def _to_derive(plans: Any, user: Any, units: list[int]) -> list[PlanPage]:
        """The plans of which one of the units has yet to issue its own."""
        if not units:
            return []
        asked = plans.to_be_derived_by(units).order_by("-pk")[:SHOWN]
        return [plan for plan in asked if units_to_derive_for(user, plan).exists()]

    @staticmethod
    def _to_register(user: Any, units: list[int]) -> Any:
        """The reports sent to one of the units that are not in its register."""
        if not units:
            return []
        reports = ResultReportPage.objects.visible_to(user).unregistered(units)
        return reports.as_register().newest_first()[:SHOWN]

    @staticmethod
    def _sent_to(user: Any, units: list[int]) -> Any:
        """The newest guidance that is addressed to one of the units and holds."""
        if not units:
            return []
        guidance = GuidancePage.objects.visible_to(user).in_force().for_units(units)
        return guidance.as_register().newest_first()[:SHOWN]

    @staticmethod
    def _to_choose(plans: Any, user: Any) -> list[tuple[PlanPage, Any]]:
        """The newest plan with the user's units that have yet to choose its pilot."""
        if user.is_superuser or not (units := list(units_for(user, CHOOSE_PILOT))):
            return []
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
