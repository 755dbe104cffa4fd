"""What comes after a congress: lessons and the result report."""

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Page, PageManager

from plans.paths import above

from .base import PlansPage
from .papers import PaperPage, PaperQuerySet
from .plans import PlanPage


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

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        cited_in = self.cited_in.in_force().visible_to(request.user) if self.pk else []
        return super().get_context(request, *args, **kwargs) | {"cited_in": cited_in}

    def searchable_text(self) -> str:
        return "\n".join([self.strengths, self.limits, self.causes, self.lessons])


class ResultReportQuerySet(PaperQuerySet):
    def unregistered(self, units: Iterable[int]) -> Self:
        """What was sent to one of the units, as a plan's issuer, and is not in its
        register.
        """
        plan_path = above("path", 2, Page.steplen)
        sent_here = PlanPage.objects.filter(
            path=OuterRef("plan_path"), issuer__in=units
        )
        return (
            self.live()
            .filter(receipt=None)
            .alias(plan_path=plan_path)
            .filter(Exists(sent_here))
        )


class ResultReportPage(PaperPage):
    """The report of a congress's results, sent to the unit that issued the plan."""

    sent_on = models.DateField(_("sent on"), null=True, blank=True)

    objects = PageManager.from_queryset(ResultReportQuerySet)()

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


class ReportReceipt(models.Model):
    """The office of the unit a report is sent to has entered it in its register."""

    report = models.OneToOneField(
        ResultReportPage, on_delete=models.CASCADE, related_name="receipt"
    )
    number = models.CharField(_("number in the register"), max_length=60)
    received_on = models.DateField(_("received on"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    user_name = models.CharField(_("by whom"), max_length=255)
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        verbose_name = _("receipt of a report")
        verbose_name_plural = _("receipts of reports")

    def __str__(self) -> str:
        return self.number
