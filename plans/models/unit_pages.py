"""The directory of units and each unit's own page."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from .base import OpenedPage, PlansPage
from .congresses import CongressPage
from .guidance import GuidancePage
from .plans import PlanPage
from .units import STEP, Unit, UnitQuerySet

TREE_LIMIT = 500
"""Units a directory shows at once: a whole province, a country by province."""


@dataclass
class UnitNode:
    """A unit in the tree; `units_below` counts those directly under it."""

    unit: Unit
    units_below: int = 0
    children: list["UnitNode"] = field(default_factory=list)


def unit_tree(units: UnitQuerySet) -> list[UnitNode]:
    """The units as trees, as many levels as `TREE_LIMIT` allows; two queries."""
    lengths = list(
        units.order_by()
        .values_list(Length("path"))
        .annotate(number=models.Count("pk"))
        .order_by(Length("path"))
    )
    shown = total = 0
    for length, number in lengths:
        total += number
        if shown and total > TREE_LIMIT:
            break
        shown = length
    rows = (
        units.alias(length=Length("path"))
        .filter(length__lte=shown)
        .annotate(units_below=models.Count("children"))
        .select_related("page", "level")
        .order_by("path")
    )
    top: list[UnitNode] = []
    by_path: dict[str, UnitNode] = {}
    for unit in rows:
        node = by_path[unit.path] = UnitNode(unit, unit.units_below)
        upper = by_path.get(unit.path[:-STEP])
        (upper.children if upper else top).append(node)
    return top


class UnitIndexPage(PlansPage):
    """The directory: all units as a tree."""

    introduction = models.TextField(_("introduction"), blank=True)

    subpage_types = ["plans.UnitPage"]
    content_panels = [*PlansPage.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("unit directory")
        verbose_name_plural = _("unit directories")

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {
            "nodes": unit_tree(Unit.objects.current()),
            "moves_units": self.permissions_for_user(request.user).can_move_units(),
        }


class UnitPage(OpenedPage):
    """A unit's face: how to reach it, its congresses, its papers."""

    unit = models.OneToOneField(
        Unit,
        on_delete=models.PROTECT,
        related_name="page",
        editable=False,
        verbose_name=_("unit"),
    )
    address = models.CharField(_("address"), max_length=255, blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    introduction = models.TextField(_("introduction"), blank=True)

    is_creatable = False
    parent_page_types = ["plans.UnitIndexPage"]
    subpage_types: list[str] = []
    # It is called what its unit is called, and so is its address.
    content_panels = [
        MultiFieldPanel(
            [
                FieldPanel("address"),
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
            ],
            heading=_("How to reach the unit"),
        ),
        FieldPanel("introduction"),
    ]
    promote_panels = [FieldPanel("search_description")]

    class Meta:
        verbose_name = _("unit page")
        verbose_name_plural = _("unit pages")

    def with_content_json(self, content: dict[str, Any]) -> "UnitPage":
        """What the unit is and is called does not come back with an old revision."""
        kept = {"unit": self.unit_id, "title": self.title, "slug": self.slug}
        return super().with_content_json({**content, **kept})

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        unit = self.unit
        predecessors = unit.inherited.select_related("parent").order_by("former_path")
        units = [unit, *predecessors]
        congresses = CongressPage.objects.visible_to(request.user).in_list()
        return super().get_context(request, *args, **kwargs) | {
            "unit": unit,
            "upper_units": Unit.objects.above(unit).linked(),
            "lower_units": Unit.objects.current().filter(parent=unit).linked(),
            "predecessors": predecessors,
            "congresses": congresses.filter(unit__in=units).order_by("-pk"),
            "pilots": congresses.filter(pilot_of__in=units)
            .exclude(unit__in=units)
            .order_by("-pk"),
            "papers": PlanPage.objects.visible_to(request.user)
            .filter(issuer__in=units)
            .as_register()
            .newest_first(),
            **self._guidance(request),
            "manages_staff": self.permissions_for_user(request.user).can_manage_staff(),
            "people": unit.memberships.current()
            .filter(user__is_active=True)
            .select_related("user"),
        }

    def _guidance(self, request: HttpRequest) -> dict[str, Any]:
        """The guidance for the unit that holds; to its own people, what is unread."""
        guidance = GuidancePage.objects.visible_to(request.user)
        own = self.permissions_for_user(request.user).works_here()
        return {
            "to_read": guidance.unread_by([self.unit_id]).as_register(
                "acknowledge_before"
            )
            if own
            else [],
            "guidance": guidance.in_force()
            .for_units([self.unit_id])
            .as_register()
            .newest_first(),
        }

    def searchable_text(self) -> str:
        former = " ".join(unit.name for unit in self.unit.inherited.all())
        unit = self.unit
        return f"{unit.qualified_name} {unit.code} {former} {self.introduction}"
