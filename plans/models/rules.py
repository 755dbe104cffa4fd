"""The rules a plan lays down for congresses: data of the plan, never constants."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.documents import get_document_model_string

from .base import Row
from .plans import PlanPage
from .units import Level, Unit


class LevelRuleQuerySet(models.QuerySet["LevelRule"]):
    def with_parts(self) -> Self:
        """The rules with all their parts, in a query for each kind of part."""
        return self.select_related("level").prefetch_related(
            "chosen_by",
            models.Prefetch(
                "named_pilots",
                NamedPilot.objects.select_related("unit__parent").only(
                    "rule", "unit__name", "unit__parent__name"
                ),
            ),
            models.Prefetch("review_steps", ReviewStep.objects.select_related("level")),
            "requirements",
            "conditions",
        )


class LevelRule(Row, ClusterableModel):
    """What the plan lays down for the congresses of one level."""

    class Precision(models.TextChoices):
        DAY = "day", _("to the day")
        MONTH = "month", _("within the month")
        PART = "part", _("part of the month (early, middle, late)")

    class ExtraGuests(models.TextChoices):
        NONE = "none", _("none")
        SIBLINGS = "siblings", _("chairs of the other units under the same upper unit")

    plan = ParentalKey(PlanPage, on_delete=models.CASCADE, related_name="level_rules")
    level = models.ForeignKey(
        Level, on_delete=models.CASCADE, related_name="+", verbose_name=_("level")
    )
    pilots_per_parent = models.PositiveSmallIntegerField(
        _("pilots per upper unit"),
        null=True,
        blank=True,
        help_text=_("Empty: only the pilots named below."),
    )
    chosen_by = ParentalManyToManyField(
        Level,
        blank=True,
        related_name="+",
        verbose_name=_("pilots are chosen by"),
    )
    max_days = models.PositiveSmallIntegerField(
        _("longest duration (days)"), null=True, blank=True
    )
    window_text = models.CharField(
        _("time, as worded"),
        max_length=200,
        blank=True,
        help_text=_("đầu tháng 01/2024"),
    )
    window_start = models.DateField(_("not before"), null=True, blank=True)
    window_end = models.DateField(_("not after"), null=True, blank=True)
    window_precision = models.CharField(
        _("precision"), max_length=10, choices=Precision, default=Precision.DAY
    )
    days_bind = models.BooleanField(
        _("other days are refused"),
        default=True,
        help_text=_(
            "Unticked, days outside of the time or beyond the longest duration are only"
            " warned of. So is, always, a time that is a part of a month."
        ),
    )
    review_before = models.DateField(
        _("reviewed before"),
        null=True,
        blank=True,
        help_text=_("Exclusive: the day before is the last good one. May be empty."),
    )
    joint_review = models.BooleanField(_("the steps meet as one review"), default=False)
    party_first = models.BooleanField(
        _("the Party committee of the unit's own level passes the dossier first"),
        default=True,
    )
    lessons_within = models.PositiveSmallIntegerField(
        _("lessons within (working days)"),
        null=True,
        blank=True,
        default=1,
        help_text=_("After a pilot congress. Empty: no deadline."),
    )
    report_within = models.PositiveSmallIntegerField(
        _("result report within (working days)"),
        null=True,
        blank=True,
        help_text=_("After the congress. Empty: no deadline."),
    )
    extra_guests = models.CharField(
        _("extra guests"), max_length=20, choices=ExtraGuests, default=ExtraGuests.NONE
    )

    objects = LevelRuleQuerySet.as_manager()

    panels = [
        FieldRowPanel([FieldPanel("level"), FieldPanel("pilots_per_parent")]),
        FieldPanel("chosen_by"),
        FieldRowPanel([FieldPanel("max_days"), FieldPanel("window_text")]),
        FieldRowPanel(
            [
                FieldPanel("window_start"),
                FieldPanel("window_end"),
                FieldPanel("window_precision"),
            ]
        ),
        FieldPanel("days_bind"),
        FieldRowPanel([FieldPanel("review_before"), FieldPanel("joint_review")]),
        FieldPanel("party_first"),
        FieldRowPanel([FieldPanel("lessons_within"), FieldPanel("report_within")]),
        FieldPanel("extra_guests"),
        InlinePanel(
            "named_pilots", heading=_("Pilots the plan names"), label=_("Unit")
        ),
        InlinePanel("review_steps", heading=_("Review steps"), label=_("Step")),
        InlinePanel("requirements", heading=_("Required papers"), label=_("Paper")),
        InlinePanel("conditions", heading=_("Conditions"), label=_("Condition")),
    ]

    class Meta(Row.Meta):
        verbose_name = _("level rule")
        verbose_name_plural = _("level rules")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "level"],
                name="plans_levelrule_once",
                violation_error_message=_(
                    "The plan has a rule for this level already."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.level)

    def clean(self) -> None:
        super().clean()
        if (
            self.window_start
            and self.window_end
            and self.window_end < self.window_start
        ):
            raise ValidationError(
                {"window_end": _("The window ends before it begins.")}
            )

    @property
    def last_window_day(self) -> date | None:
        """The last day the time laid down can mean, or None: what is worded by the
        month or a part of it is not over before the month is.
        """
        if self.window_end or not self.window_start:
            return self.window_end
        if self.window_precision == self.Precision.DAY:
            return None
        start = self.window_start
        return start.replace(day=monthrange(start.year, start.month)[1])

    @property
    def last_review_day(self) -> date | None:
        """The last day on which a review is in time, or None."""
        return self.review_before - timedelta(days=1) if self.review_before else None

    def breaches(self, first: date, last: date) -> Iterator[tuple[str, bool]]:
        """What a congress on these days goes against: each in words, and whether it is
        refused or only warned of.
        """
        exact = self.days_bind and self.window_precision != self.Precision.PART
        if self.window_start and first < self.window_start:
            message = gettext("The plan lays down: not before %(day)s.")
            yield message % {"day": f"{self.window_start:%d/%m/%Y}"}, exact
        if self.window_end and last > self.window_end:
            message = gettext("The plan lays down: not after %(day)s.")
            yield message % {"day": f"{self.window_end:%d/%m/%Y}"}, exact
        if self.max_days and (last - first).days >= self.max_days:
            message = ngettext(
                "The plan lays down: at most %(days)s day.",
                "The plan lays down: at most %(days)s days.",
                self.max_days,
            )
            yield message % {"days": self.max_days}, self.days_bind


class NamedPilot(Row):
    """A unit the plan itself names as a pilot."""

    rule = ParentalKey(LevelRule, on_delete=models.CASCADE, related_name="named_pilots")
    unit = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="+", verbose_name=_("unit")
    )

    class Meta(Row.Meta):
        verbose_name = _("named pilot")
        verbose_name_plural = _("named pilots")

    def __str__(self) -> str:
        return self.unit.qualified_name

    def clean(self) -> None:
        super().clean()
        rule: LevelRule | None = getattr(self, "rule", None)
        if rule and self.unit_id and rule.level_id != self.unit.level_id:
            raise ValidationError(
                {
                    "unit": _("%(unit)s is not a unit of level %(level)s.")
                    % {"unit": self.unit.qualified_name, "level": rule.level}
                }
            )


class ReviewStep(Row):
    """A level whose unit reviews the dossier; the steps go in their order."""

    rule = ParentalKey(LevelRule, on_delete=models.CASCADE, related_name="review_steps")
    level = models.ForeignKey(
        Level, on_delete=models.CASCADE, related_name="+", verbose_name=_("level")
    )

    class Meta(Row.Meta):
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")

    def __str__(self) -> str:
        return str(self.level)


class Requirement(Row):
    """A paper every dossier of the level must hold."""

    class ModelForm(models.TextChoices):
        PAPER = "paper", _("a paper with text")
        PROGRAMME = "programme", _("a programme: time, content, who")
        DELEGATES = "delegates", _("totals of delegates")
        PEOPLE = "people", _("a list of people")

    rule = ParentalKey(LevelRule, on_delete=models.CASCADE, related_name="requirements")
    title = models.TextField(_("paper"))
    holds_personal_data = models.BooleanField(
        _("holds personal data"),
        default=False,
        help_text=_("Names with ethnicity, religion or Party membership: Law 91/2025."),
    )
    may_be_absent = models.BooleanField(
        _("may be left out with a reason"), default=False
    )
    model_form = models.CharField(
        _("model form"), max_length=10, choices=ModelForm, default=ModelForm.PAPER
    )
    template = models.ForeignKey(
        get_document_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("own model (Word)"),
        help_text=_(
            "Instead of the model form. {đơn vị}, {cấp trên}, {đại hội}, {nhiệm kỳ},"
            " {kế hoạch} in it are filled in for each unit."
        ),
    )

    class Meta(Row.Meta):
        verbose_name = _("required paper")
        verbose_name_plural = _("required papers")

    def __str__(self) -> str:
        return self.title


class Condition(Row):
    """What a unit must fulfil to be chosen as a pilot."""

    rule = ParentalKey(LevelRule, on_delete=models.CASCADE, related_name="conditions")
    text = models.TextField(_("condition"))

    class Meta(Row.Meta):
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")

    def __str__(self) -> str:
        return self.text
