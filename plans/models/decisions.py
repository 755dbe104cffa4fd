"""Who decides on a submission, in which order, and what was decided."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnlyModel
from .submissions import Submission, SubmittedPaper
from .units import Level, Unit


class SubmissionStepQuerySet(models.QuerySet["SubmissionStep"]):
    def undecided(self) -> Self:
        return self.filter(decision=None)

    def waiting(self) -> Self:
        """The steps whose turn it is: all before them are decided."""
        earlier = SubmissionStep.objects.undecided().filter(
            submission=OuterRef("submission"), order__lt=OuterRef("order")
        )
        return self.undecided().filter(
            ~Exists(earlier), submission__state=Submission.State.UNDER_REVIEW
        )

    def by_deadline(self) -> Self:
        """The nearest deadline first, none last; annotates `due_before`."""
        return self.annotate(
            due_before=Coalesce(
                "submission__dossier__review_before",
                "submission__dossier__congress__rule__review_before",
            )
        ).order_by(
            F("due_before").asc(nulls_last=True), "submission__submitted_at", "pk"
        )


class SubmissionStep(models.Model):
    """A unit that decides on a submission, as laid down when it was submitted.

    Steps with the same `order` meet as one review: each signs for itself.
    """

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="steps"
    )
    order = models.PositiveSmallIntegerField(_("order"))
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="+", verbose_name=_("level")
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="review_steps",
        verbose_name=_("unit"),
    )
    taken_from = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("in place of"),
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("handled by"),
    )

    objects = SubmissionStepQuerySet.as_manager()

    class Meta:
        ordering = ["order", "-level__order", "pk"]
        verbose_name = _("step of a review")
        verbose_name_plural = _("steps of reviews")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "level"], name="plans_submissionstep_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.unit}"

    @property
    def is_decided(self) -> bool:
        return hasattr(self, "decision")


class Decision(AppendOnlyModel):
    """What a unit decided on a submission.

    `follows` is the decision of the step before: there is none without it.
    """

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="decisions"
    )
    step = models.OneToOneField(
        SubmissionStep, on_delete=models.PROTECT, related_name="decision"
    )
    order = models.PositiveSmallIntegerField(_("order"))
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="followed_by"
    )
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict)
    sha256 = models.CharField(
        _("SHA-256"), max_length=64, help_text="Of the submission that was decided on."
    )
    number = models.CharField(_("number and symbol"), max_length=60, blank=True)
    dated = models.DateField(_("date of the paper"), null=True, blank=True)
    text = models.TextField(_("text"), blank=True)
    decided_at = models.DateTimeField(_("decided"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_by_name = models.CharField(_("decided by"), max_length=200)

    class Meta:
        ordering = ["decided_at", "pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "decided_by"], name="plans_decision_once_a_person"
            ),
            models.CheckConstraint(
                condition=Q(order=1, follows__isnull=True)
                | Q(order__gt=1, follows__isnull=False),
                name="plans_decision_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.get_verdict_display()}"

    @property
    def day(self) -> date:
        """The day of its paper, or the day it was recorded."""
        return self.dated or timezone.localdate(self.decided_at)


class PaperVerdict(AppendOnlyModel):
    """What a decision says of one required paper."""

    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, related_name="verdicts"
    )
    paper = models.ForeignKey(
        SubmittedPaper, on_delete=models.PROTECT, related_name="verdicts"
    )
    verdict = models.CharField(_("decision"), max_length=10, choices=Decision.Verdict)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering = ["paper__sort_order"]
        verbose_name = _("decision on a paper")
        verbose_name_plural = _("decisions on papers")
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "paper"], name="plans_paperverdict_once"
            ),
            models.CheckConstraint(
                condition=~Q(verdict="returned", reason=""),
                name="plans_paperverdict_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper}: {self.get_verdict_display()}"
