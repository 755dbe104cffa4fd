"""Congresses under a plan, and how a pilot was chosen."""

from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import PageManager

from .base import OpenedPage, VisiblePageQuerySet
from .plans import PlanPage
from .rules import Condition, LevelRule
from .units import Level, Unit, UnitQuerySet, place

OWN_DEADLINES = ("hold_before", "lessons_before", "report_before")
"""What the plan's editors may set for one congress alone."""


class CongressQuerySet(VisiblePageQuerySet):
    def pilots(self) -> "CongressQuerySet":
        return self.filter(is_pilot=True)

    def in_list(self) -> "CongressQuerySet":
        """What a list of congresses shows, in one query."""
        return self.select_related(
            "plan", "unit__parent", "level", "rule", "dossier"
        ).listed(
            "is_pilot",
            "starts_on",
            "ends_on",
            "plan__doc_type",
            "plan__number",
            "plan__symbol",
            "unit__name",
            "unit__parent__name",
            "level__name",
            "rule__window_text",
            "rule__review_before",
            "dossier__review_before",
        )

    def in_tree_order(self) -> "CongressQuerySet":
        return self.order_by("level__order", place("unit__"))


def under_review_message() -> str:
    return gettext("The dossier is under review: nothing in it can be changed now.")


class CongressPage(OpenedPage):
    """One unit's congress under a plan. Opened by `plans.actions.open_congress`."""

    class Stage(models.TextChoices):
        PREPARING = "preparing", _("in preparation")
        SCHEDULED = "scheduled", _("date set")
        HELD = "held", _("held")

    plan = models.ForeignKey(
        PlanPage,
        # Deleted with the plan's subtree, never without it.
        on_delete=models.RESTRICT,
        related_name="congresses",
        editable=False,
        verbose_name=_("plan"),
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="congresses",
        editable=False,
        verbose_name=_("unit"),
    )
    level = models.ForeignKey(
        Level,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("level"),
    )
    rule = models.ForeignKey(
        LevelRule,
        on_delete=models.SET_NULL,
        null=True,
        related_name="congresses",
        editable=False,
        verbose_name=_("level rule"),
    )
    is_pilot = models.BooleanField(default=False, editable=False)
    pilot_of = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="pilots",
        editable=False,
        verbose_name=_("pilot of"),
        help_text="The unit whose pilot this is, whoever chose it.",
    )
    pilot_slot = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="1 up to the rule's pilots per upper unit."
    )
    selected_by = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("selected by"),
    )
    selected_with = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("selected with"),
    )
    selected_on = models.DateField(null=True, editable=False)
    hold_before = models.DateField(
        _("to be held before"),
        null=True,
        editable=False,
        help_text="Exclusive, as the next two. None: as the plan says.",
    )
    lessons_before = models.DateField(_("lessons before"), null=True, editable=False)
    report_before = models.DateField(
        _("result report before"), null=True, editable=False
    )
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    venue = models.CharField(_("venue"), max_length=255, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)

    is_creatable = False
    parent_page_types = ["plans.PlanPage"]
    subpage_types = ["plans.DossierPage", "plans.LessonsPage", "plans.ResultReportPage"]
    content_panels = [
        FieldPanel("title"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
                FieldPanel("venue"),
            ],
            heading=_("The congress"),
        ),
        FieldPanel("introduction"),
    ]

    objects = PageManager.from_queryset(CongressQuerySet)()

    class Meta:
        verbose_name = _("congress")
        verbose_name_plural = _("congresses")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "unit"], name="plans_congress_once_per_unit"
            ),
            models.UniqueConstraint(
                fields=["plan", "level", "pilot_of", "pilot_slot"],
                condition=Q(is_pilot=True),
                name="plans_congress_pilot_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    is_pilot=False, pilot_of__isnull=True, pilot_slot__isnull=True
                )
                | Q(is_pilot=True, pilot_of__isnull=False, pilot_slot__isnull=False),
                name="plans_congress_pilot_whole",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="plans_congress_days",
                violation_error_message=_("The last day comes before the first."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.ends_on and not self.starts_on:
            raise ValidationError({"starts_on": _("Say the first day too.")})
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError(
                {"ends_on": _("The last day comes before the first.")}
            )
        self._check_change_of_days()

    def _check_change_of_days(self) -> None:
        """Every way of publishing saves the page, and so asks here.

        Days that stay as they were are not judged again: a rule may have changed since.
        """
        stored = CongressPage.objects.filter(pk=self.pk)
        days = self.starts_on, self.ends_on
        before = stored.values_list("starts_on", "ends_on", "venue").first()
        if before is None or before == (*days, self.venue):
            return
        if self.is_under_review:
            raise ValidationError({"starts_on": under_review_message()})
        if before[:2] != days and (refused := self._breaches(binding_only=True)):
            raise ValidationError({"starts_on": refused})

    def _breaches(self, *, binding_only: bool) -> list[str]:
        if not self.rule or not self.starts_on:
            return []
        breaches = self.rule.breaches(self.starts_on, self.ends_on or self.starts_on)
        return [message for message, binds in breaches if binds or not binding_only]

    def day_warnings(self) -> list[str]:
        """What there is to say about its days, though nothing of it is refused."""
        warnings = self._breaches(binding_only=False)
        deadline = self.review_before
        if self.starts_on and deadline and self.starts_on < deadline:
            warnings.append(gettext("It begins before the deadline of its review."))
        return warnings

    @property
    def is_under_review(self) -> bool:
        """Whether its dossier is being decided on.

        Days, venue, programme, guests and delegates belong to what is decided: nobody
        changes them meanwhile. Its introduction and its files stay free.
        """
        dossier = getattr(self, "dossier", None)
        return bool(dossier and dossier.open_submission)

    @property
    def number_of_days(self) -> int:
        """How many days it lasts; what the plan allows while it has no date."""
        if self.starts_on:
            return ((self.ends_on or self.starts_on) - self.starts_on).days + 1
        return (self.rule and self.rule.max_days) or 1

    def searchable_text(self) -> str:
        return f"{self.unit.qualified_name} {self.venue} {self.introduction}"

    def with_content_json(self, content: Any) -> "CongressPage":
        """Its deadlines are set for it by an action, whatever an old revision says."""
        page = super().with_content_json(content)
        for name in OWN_DEADLINES:
            setattr(page, name, getattr(self, name))
        return page

    def invited_units(self) -> UnitQuerySet:
        """The other units whose chairs are invited to learn from this pilot.

        Those that are in force on its first day, or today while that is not set.
        """
        if not self.is_pilot or not self.rule:
            return Unit.objects.none()
        if self.rule.extra_guests != LevelRule.ExtraGuests.SIBLINGS:
            return Unit.objects.none()
        return self.unit.siblings(self.starts_on)

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        dossiers = apps.get_model("plans", "DossierPage").objects
        own = dossiers.visible_to(request.user).filter(congress=self)
        tester = self.permissions_for_user(request.user)
        return super().get_context(request, *args, **kwargs) | {
            "dossier": None if own.query.is_empty() else own.first(),
            # Asked for by the template alone: where it is kept, nothing is read.
            "condition_checks": self.condition_checks.all(),
            "invited_units": cache(self._invited_units),
            "programme_items": self.programme.all(),
            "guest_groups": self.guests.all(),
            "delegates": cache(self._delegates),
            "prepares": tester.can_prepare(),
            "sees_small_groups": tester.sees_small_groups(),
            "outcomes": cache(self._outcomes),
        }

    def _delegates(self) -> Any:
        summaries = apps.get_model("plans", "DelegateSummary")._default_manager
        return summaries.filter(congress=self).first()

    def _invited_units(self) -> UnitQuerySet:
        return self.invited_units().linked()

    def _outcomes(self) -> dict[str, Any]:
        """The published lessons and the published report, or None for each."""
        types = self.live_types_below()
        return {
            "lessons": self._outcome("LessonsPage", types),
            "report": self._outcome("ResultReportPage", types),
        }

    def _outcome(self, name: str, types: Any) -> Any:
        model = apps.get_model("plans", name)
        return model.objects.child_of(self).live().first() if model in types else None

    @property
    def stage(self) -> "CongressPage.Stage":
        """How far the congress is, by its dates."""
        if not self.starts_on:
            return self.Stage.PREPARING
        over = (self.last_day or self.starts_on) < timezone.localdate()
        return self.Stage.HELD if over else self.Stage.SCHEDULED

    @property
    def last_day(self) -> date | None:
        """The day it ends on, or None while that is not set."""
        return self.ends_on or self.starts_on

    @property
    def review_before(self) -> date | None:
        """The day before which the dossier must be approved, or None."""
        dossier = getattr(self, "dossier", None)
        if dossier and dossier.review_before:
            return dossier.review_before
        return self.rule.review_before if self.rule else None


class ConditionCheck(models.Model):
    """Whether a chosen pilot fulfils a condition of the plan, and how that is known.

    The condition's wording is kept: the decision rests on it as it read that day.
    """

    congress = models.ForeignKey(
        CongressPage, on_delete=models.CASCADE, related_name="condition_checks"
    )
    condition = models.ForeignKey(
        Condition, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField(_("condition"))
    is_met = models.BooleanField(_("fulfilled"))
    note = models.TextField(_("note"), blank=True)
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("checked condition")
        verbose_name_plural = _("checked conditions")
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "condition"], name="plans_conditioncheck_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text
