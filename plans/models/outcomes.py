"""What comes after a congress: lessons and the result report."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from .base import PlansPage
from .papers import PaperPage


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
