"""A unit's own plan, made from that of a unit above ("cụ thể hóa kế hoạch").

It stands under the plan it is made from. Its paragraphs keep the keys of those they
were made of, and that is how each of the two leads to the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from plans.blocks import BodyItem

from .plans import PlanPage
from .units import Unit, UnitQuerySet


def deriving_units(plan: PlanPage) -> UnitQuerySet:
    """The units of today that are to make their own plan of this one."""
    if plan.issuer is None:
        return Unit.objects.none()
    levels = PlanPage.derived_by.through._default_manager.filter(planpage=plan.pk)
    return (
        Unit.objects.current()
        .below(plan.issuer)
        .filter(Exists(levels.filter(level=OuterRef("level"))))
    )


@dataclass(frozen=True)
class UnitPlan:
    """A unit that is to issue its own plan, and the one it has issued, if it has."""

    unit: Unit
    own: PlanPage | None
    report: "PartyReport | None"


def units_with_own_plans(plan: PlanPage) -> list[UnitPlan]:
    """Each unit that is to make its own plan of this one, or has, in tree order."""
    own = {
        each.issuer_id: each
        for each in PlanPage.objects.live()
        .child_of(plan)
        .filter(issuer__isnull=False)
        .select_related("party_report")
        .order_by("pk")
    }
    units = deriving_units(plan) | Unit.objects.filter(pk__in=own)
    return [
        UnitPlan(
            unit, own.get(unit.pk), getattr(own.get(unit.pk), "party_report", None)
        )
        for unit in units.select_related("parent", "page").order_by("path")
    ]


@dataclass(frozen=True)
class Derivation:
    """A paragraph of a plan beside what another plan made of it; either may lack."""

    source: BodyItem | None
    own: BodyItem | None

    @property
    def is_same(self) -> bool:
        return bool(self.source and self.own) and _words(self.source) == _words(
            self.own
        )


def _words(item: Any) -> tuple[str, ...]:
    return tuple(
        " ".join(text.split()) for text in (item.marker, item.heading, item.text)
    )


def beside(source: PlanPage, own: PlanPage) -> Iterator[Derivation]:
    """The paragraphs of both plans, in the order of the own one.

    What it left out stands where the source has it.
    """
    made = {item.anchor: item for item in own.items}
    left_out: dict[str, list[BodyItem]] = {}
    after = ""
    for item in source.items:
        if item.anchor in made:
            after = item.anchor
        else:
            left_out.setdefault(after, []).append(item)
    of_source = {item.anchor: item for item in source.items}
    yield from (Derivation(item, None) for item in left_out.get("", ()))
    for item in own.items:
        yield Derivation(of_source.get(item.anchor), item)
        yield from (Derivation(each, None) for each in left_out.get(item.anchor, ()))


class PartyReport(models.Model):
    """The issuer has reported its own plan to the Party committee of its level."""

    plan = models.OneToOneField(
        PlanPage, on_delete=models.CASCADE, related_name="party_report"
    )
    reported_on = models.DateField(_("reported on"))
    reference = models.CharField(
        _("number and symbol of the paper"),
        max_length=100,
        help_text=_("The paper by which it was reported: 12-BC/MTTQ."),
    )
    committee = models.CharField(_("Party committee"), max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    user_name = models.CharField(_("by whom"), max_length=255)
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        verbose_name = _("report to the Party committee")
        verbose_name_plural = _("reports to the Party committee")

    def __str__(self) -> str:
        return self.reference
