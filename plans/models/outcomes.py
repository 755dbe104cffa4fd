"""What comes after a congress: lessons, the result report, guidance for the rest."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from .base import PlansPage
from .papers import PaperPage
from .units import Level, Unit


class LessonsPage(PlansPage):
    """The lessons learned ("rút kinh nghiệm") from a pilot congress."""

    held_on = models.DateField(_("meeting held on"), null=True, blank=True)
    organisers = models.CharField(_("organised by"), max_length=255, blank=True)
    strengths = models.TextField(_("strengths and their causes"), blank=True)
    limits = models.TextField(_("limits and their causes"), blank=True)
    causes = models.TextField(_("common causes"), blank=True)
    lessons = models.TextField(_("lessons"), blank=True)

    parent_page_types = ["plans.CongressPage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    content_panels = [
        *PlansPage.content_panels,
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("held_on"), FieldPanel("organisers")])],
            heading=_("The meeting"),
        ),
        FieldPanel("strengths"),
        FieldPanel("limits"),
        FieldPanel("causes"),
        FieldPanel("lessons"),
    ]

    class Meta:
        verbose_name = _("lessons learned")
        verbose_name_plural = _("lessons learned")

    def searchable_text(self) -> str:
        return "\n".join([self.strengths, self.limits, self.causes, self.lessons])


class ResultReportPage(PaperPage):
    """The report of a congress's results, sent to the unit that issued the plan."""

    sent_on = models.DateField(_("sent on"), null=True, blank=True)

    parent_page_types = ["plans.CongressPage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    content_panels = [*PaperPage.content_panels, FieldPanel("sent_on")]

    class Meta:
        verbose_name = _("result report")
        verbose_name_plural = _("result reports")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number", "symbol", "issued_year"],
                name="plans_resultreportpage_number",
            ),
        ]


class GuidancePage(PaperPage):
    """Guidance ("hướng dẫn") under a plan, for the units it is addressed to."""

    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
        help_text=_("The guidance this one takes the place of."),
    )
    levels = ParentalManyToManyField(
        Level,
        blank=True,
        related_name="+",
        verbose_name=_("for every unit of these levels"),
    )

    parent_page_types = ["plans.PlanPage"]
    subpage_types: list[str] = []
    content_panels = [
        *PaperPage.content_panels[:3],
        FieldPanel("replaces"),
        MultiFieldPanel(
            [
                FieldPanel("levels"),
                InlinePanel("addressees", heading=_("Units"), label=_("Unit")),
            ],
            heading=_("Addressed to (empty: everyone)"),
        ),
        *PaperPage.content_panels[3:],
    ]

    class Meta:
        verbose_name = _("guidance")
        verbose_name_plural = _("guidance")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number", "symbol", "issued_year"],
                name="plans_guidancepage_number",
            ),
        ]

    @property
    def successor(self) -> "GuidancePage | None":
        """The live guidance that took this one's place."""
        papers = GuidancePage.objects.live().filter(replaces=self.pk).as_register()
        return papers.order_by("-pk").first()


class Addressee(Orderable):
    """A unit the guidance is addressed to."""

    guidance = ParentalKey(
        GuidancePage, on_delete=models.CASCADE, related_name="addressees"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="+", verbose_name=_("unit")
    )

    class Meta(Orderable.Meta):
        verbose_name = _("addressee")
        verbose_name_plural = _("addressees")

    def __str__(self) -> str:
        return self.unit.qualified_name
