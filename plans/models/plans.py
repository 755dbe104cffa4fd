"""Plans: issued papers, the papers they rest on, and who receives them."""

from collections.abc import Iterable
from functools import cache, partial
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.models import PageManager

from .base import PlansPage, Row
from .papers import PaperPage, PaperPageForm, PaperQuerySet
from .units import Level, Unit, UnitQuerySet


class PlanIndexPage(PlansPage):
    """The plans and guidance a unit issues. Its editors follow from the unit."""

    unit = models.ForeignKey(
        Unit,
        on_delete=models.SET_NULL,
        null=True,
        related_name="plan_indexes",
        verbose_name=_("issuing unit"),
        help_text=_("Editors of this unit may publish here."),
    )
    introduction = models.TextField(_("introduction"), blank=True)

    subpage_types = ["plans.PlanPage"]
    content_panels = [
        *PlansPage.content_panels,
        FieldPanel("unit"),
        FieldPanel("introduction"),
    ]

    class Meta:
        verbose_name = _("plan index")
        verbose_name_plural = _("plan indexes")

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        plans = (
            PlanPage.objects.live()
            .child_of(self)
            .visible_to(request.user)
            .as_register("term_start", "term_end")
            .newest_first()
        )
        years = sorted(
            {year for year in plans.values_list("issued_year", flat=True) if year},
            reverse=True,
        )
        year = request.GET.get("nam", "")
        if year.isdecimal() and int(year) in years:
            plans = plans.filter(issued_year=int(year))
            context["year"] = int(year)
        return context | {"plans": plans, "years": years}


class PlanQuerySet(PaperQuerySet):
    def to_be_derived_by(self, units: Iterable[int]) -> Self:
        """The plans of which one of the units is to issue its own, and has not."""
        levels = Unit.objects.filter(pk__in=units).values("level")
        asked = PlanPage.derived_by.through._default_manager.filter(
            planpage=OuterRef("pk"), level__in=levels
        )
        issued = PlanPage.objects.live().filter(
            derives_from=OuterRef("pk"), issuer__in=units
        )
        return self.filter(Exists(asked), ~Exists(issued), replaced_by=None)


class PlanPageForm(PaperPageForm):
    """Leaves to the unit a plan was made from what binds more than the own unit."""

    OF_THE_SOURCE = ("issuer", "replaces", "derived_by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.derives_from_id:
            return
        tester = self.instance.permissions_for_user(self.for_user)
        if not tester.holds_above("change"):
            for name in self.OF_THE_SOURCE:
                self.fields.pop(name, None)
            self.formsets.pop(RULES, None)


RULES = "level_rules"


class RulesPanel(InlinePanel):
    """Not shown where the form leaves the rules out."""

    class BoundPanel(InlinePanel.BoundPanel):
        def __init__(self, *, form: Any, **kwargs: Any) -> None:
            offered = form is None or RULES in form.formsets
            super().__init__(form=form if offered else None, **kwargs)
            self.is_offered = offered

        def is_shown(self) -> bool:
            return self.is_offered and super().is_shown()


class PlanPage(PaperPage):
    """An issued plan ("kế hoạch"), and the rules it lays down."""

    term_start = models.PositiveSmallIntegerField(_("term from"), null=True, blank=True)
    term_end = models.PositiveSmallIntegerField(_("term to"), null=True, blank=True)
    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
        help_text=_("The plan this one takes the place of."),
    )
    derived_by = ParentalManyToManyField(
        Level,
        blank=True,
        related_name="+",
        verbose_name=_("levels that make their own plan of it"),
        help_text=_("Each of their units below the issuer writes one and issues it."),
    )
    derives_from = models.ForeignKey(
        "self",
        # Deleted with the plan it stands under, never without it.
        on_delete=models.RESTRICT,
        null=True,
        editable=False,
        related_name="derived_plans",
        verbose_name=_("made from"),
    )
    source_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = PageManager.from_queryset(PlanQuerySet)()

    base_form_class = PlanPageForm
    exclude_fields_in_copy = [
        *PaperPage.exclude_fields_in_copy,
        *("source_digest", "derives_from"),
    ]
    parent_page_types = ["plans.PlanIndexPage", "plans.PlanPage"]
    subpage_types = ["plans.CongressPage", "plans.GuidancePage", "plans.PlanPage"]
    content_panels = [
        *PaperPage.content_panels[:3],
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("term_start"), FieldPanel("term_end")]),
                FieldPanel("replaces"),
                FieldPanel("derived_by", widget=CheckboxSelectMultiple),
            ],
            heading=_("Term and succession"),
        ),
        InlinePanel("bases", heading=_("Bases"), label=_("Basis")),
        *PaperPage.content_panels[3:],
        InlinePanel("recipients", heading=_("Recipients"), label=_("Recipient")),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=_("The paper")),
            ObjectList(
                [RulesPanel(RULES, label=_("Level rule"))],
                heading=_("Rules by level"),
            ),
            ObjectList(PaperPage.promote_panels, heading=_("Page address")),
            ObjectList(PaperPage.settings_panels, heading=_("Settings")),
        ]
    )

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number", "symbol", "issued_year"],
                name="plans_planpage_number",
            ),
            models.CheckConstraint(
                condition=Q(term_start__isnull=True)
                | Q(term_end__isnull=True)
                | Q(term_end__gte=F("term_start")),
                name="plans_planpage_term",
                violation_error_message=_("The term ends before it begins."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.term_start and self.term_end and self.term_end < self.term_start:
            raise ValidationError({"term_end": _("The term ends before it begins.")})
        if self.replaces_id and self.replaces_id == self.pk:
            raise ValidationError({"replaces": _("A plan cannot replace itself.")})

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        congresses = (
            self.opened_congresses()
            .visible_to(request.user)
            .in_list()
            .annotate(papers_total=models.Count("dossier__items"))
            .in_tree_order()
        )
        return super().get_context(request, *args, **kwargs) | {
            "bases": self.bases.prefetch_related(
                models.Prefetch("linked_plan", PlanPage.objects.listed("live"))
            ),
            "recipients": self.recipients.all(),
            # Asked for by the template alone: where it is kept, nothing is read.
            "rules": self.rules_with_parts,
            "congresses": congresses,
            "awaited": self.upper_units_to_choose,
            "papers_below": cache(partial(self._papers_below, request.user)),
            "source": cache(self._source),
        }

    def _source(self) -> dict[str, Any]:
        """The plan this one was made from, while readers may read it, and which of the
        paragraphs come from there.
        """
        plan = self.derives_from
        if plan is None or not plan.live:
            return {}
        return {"plan": plan, "anchors": {item.anchor for item in plan.items}}

    def opened_congresses(self) -> Any:
        """The congresses under the plan; none where it is previewed before a save."""
        return apps.get_model("plans", "CongressPage").objects.filter(plan=self.pk)

    def _papers_below(self, user: Any) -> dict[str, Any]:
        """The published papers under the plan, newest first, by their kind.

        Those directly under it, and the lessons of its congresses.
        """
        types = self.live_types_below()
        return {"lessons": self._lessons_below(types, user)} | {
            name: model.objects.child_of(self)
            .visible_to(user)
            .as_register()
            .newest_first()
            if model in types
            else []
            for name, model in (
                ("guidance", apps.get_model("plans", "GuidancePage")),
                ("derived_plans", PlanPage),
            )
        }

    def _lessons_below(self, types: Any, user: Any) -> Any:
        if apps.get_model("plans", "CongressPage") not in types:
            return []
        lessons = apps.get_model("plans", "LessonsPage").objects
        published = lessons.live().descendant_of(self).visible_to(user)
        return published.listed("held_on").order_by("-held_on", "-pk")

    def rules_with_parts(self) -> Any:
        """The level rules, with their parts read at once."""
        if "level_rules" in getattr(self, "_cluster_related_objects", {}):
            # A preview's rules are typed, not stored: there is nothing to read.
            return self.level_rules.all()
        rules = apps.get_model("plans", "LevelRule").objects
        return rules.filter(plan=self.pk).with_parts()

    @cached_property
    def levels_with_rules(self) -> list[tuple[int, int | None]]:
        """The level of each rule, and the pilots it asks of each upper unit."""
        return [
            (rule.level_id, rule.pilots_per_parent) for rule in self.level_rules.all()
        ]

    def upper_units_to_choose(self) -> UnitQuerySet:
        """The units under the issuer that have yet to choose the plan's pilot.

        Each has `awaited_level`: the name of the level the pilot is to be of.
        """
        if not self.issuer:
            return Unit.objects.none()
        asked = [level for level, pilots in self.levels_with_rules if pilots]
        chosen = self.opened_congresses().filter(
            is_pilot=True, level=models.OuterRef("children__level")
        )
        return (
            Unit.objects.current()
            .below(self.issuer, inclusive=True)
            .filter(children__level__in=asked)
            .filter(~models.Exists(chosen.filter(pilot_of=models.OuterRef("pk"))))
            .annotate(awaited_level=F("children__level__name"))
            .distinct()
        )

    def searchable_text(self) -> str:
        bases = "\n".join(basis.text for basis in self.bases.all())
        return f"{super().searchable_text()}\n{bases}"

    @property
    def term(self) -> str:
        """The term as written: "2024-2029", or an empty string."""
        if not self.term_start or not self.term_end:
            return ""
        return f"{self.term_start}-{self.term_end}"

    @property
    def successor(self) -> "PlanPage | None":
        """The live plan that took this one's place."""
        plans = PlanPage.objects.live().filter(replaces=self.pk).as_register()
        return plans.order_by("-pk").first()

    def rule_for(self, unit: Unit) -> Any:
        """The rule this plan lays down for the unit's level, or None."""
        return next(
            (rule for rule in self.level_rules.all() if rule.level_id == unit.level_id),
            None,
        )


class Basis(Row):
    """A paper the plan rests on ("căn cứ"). A charter has neither number nor date."""

    plan = ParentalKey(PlanPage, on_delete=models.CASCADE, related_name="bases")
    text = models.TextField(_("text"), help_text=_("As printed."))
    doc_type = models.CharField(_("kind of paper"), max_length=100, blank=True)
    reference = models.CharField(
        _("number and symbol"), max_length=80, blank=True, help_text=_("22-CT/TW")
    )
    issued_on = models.DateField(_("date of issue"), null=True, blank=True)
    issuer_name = models.CharField(_("issuer"), max_length=255, blank=True)
    linked_plan = models.ForeignKey(
        PlanPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cited_by",
        verbose_name=_("plan on this site"),
    )

    class Meta(Row.Meta):
        verbose_name = _("basis")
        verbose_name_plural = _("bases")

    panels = [
        FieldPanel("text"),
        FieldRowPanel([FieldPanel("doc_type"), FieldPanel("reference")]),
        FieldRowPanel([FieldPanel("issued_on"), FieldPanel("issuer_name")]),
        FieldPanel("linked_plan"),
    ]

    def __str__(self) -> str:
        return self.text

    @property
    def readable_plan(self) -> PlanPage | None:
        """The plan on this site, where readers may read it."""
        plan = self.linked_plan
        return plan if plan and plan.live else None


class Recipient(Row):
    """Who receives the plan ("nơi nhận"), and what for."""

    plan = ParentalKey(PlanPage, on_delete=models.CASCADE, related_name="recipients")
    name = models.CharField(_("name"), max_length=255)
    purpose = models.CharField(
        _("purpose"), max_length=60, blank=True, help_text=_("để báo cáo, lưu …")
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unit"),
    )
    and_below = models.ForeignKey(
        Level,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("every unit of this level"),
        help_text=_("Under the unit, or under the issuer."),
    )

    class Meta(Row.Meta):
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("purpose")]),
        FieldRowPanel([FieldPanel("unit"), FieldPanel("and_below")]),
    ]

    def __str__(self) -> str:
        return f"{self.name} ({self.purpose})" if self.purpose else self.name

    @property
    def is_file_copy(self) -> bool:
        """Whether this is the copy that is kept ("Lưu: VP")."""
        return self.purpose == "lưu"
