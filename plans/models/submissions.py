"""A dossier as it was submitted: the very text and files that are decided on."""

import hashlib
import json
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision

from .attachments import Attachment
from .base import AnyUser
from .dossiers import DossierItem, DossierPage


def fingerprint(value: Any) -> str:
    """The SHA-256, in hex, of JSON data, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> Self:
        return self.filter(state=Submission.State.UNDER_REVIEW)

    def below(self, page: Page) -> Self:
        """The submissions of dossiers at or below the page."""
        return self.filter(dossier__path__startswith=page.path)

    def visible_to(self, user: AnyUser) -> Self:
        """Those whose dossier the user may read."""
        return self.filter(dossier__in=DossierPage.objects.visible_to(user))


class Submission(models.Model):
    """A dossier, submitted for review. Written by `plans.actions` alone.

    Its revision, papers and files never change; only `state` does. It keeps the
    dossier from being deleted, and the revision from being purged.
    """

    class State(models.TextChoices):
        UNDER_REVIEW = "under_review", _("under review")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", _("withdrawn")
        APPROVED = "approved", _("approved")

    dossier = models.ForeignKey(
        DossierPage,
        on_delete=models.PROTECT,
        related_name="submissions",
        verbose_name=_("dossier"),
    )
    number = models.PositiveSmallIntegerField(
        _("time"), help_text="1 for the dossier's first submission."
    )
    state = models.CharField(
        _("state"), max_length=20, choices=State, default=State.UNDER_REVIEW
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(
        _("SHA-256"), max_length=64, help_text="Of its text, papers and files."
    )
    is_joint = models.BooleanField(_("the steps meet as one review"), default=False)
    note = models.TextField(_("note for the reviewers"), blank=True)
    submitted_at = models.DateTimeField(_("submitted"), auto_now_add=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    submitted_by_name = models.CharField(_("submitted by"), max_length=200)
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "number"], name="plans_submission_number"
            ),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(state="under_review"),
                name="plans_submission_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="under_review", closed_at__isnull=True)
                | ~Q(state="under_review") & Q(closed_at__isnull=False),
                name="plans_submission_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} ({self.number})"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.UNDER_REVIEW

    def fingerprint(self) -> str:
        """The SHA-256 of what was submitted, computed from what is kept of it now.

        Equal to `sha256` as long as no row has been touched; `damaged_files` reads the
        files themselves.
        """
        files = self.files.select_related("attachment").order_by("attachment")
        return fingerprint(
            {
                "content": self.revision.content,
                "papers": [paper.as_data() for paper in self.papers.all()],
                "files": [
                    [row.attachment_id, row.attachment.item_id, row.sha256]
                    for row in files
                ],
            }
        )

    def damaged_files(self) -> list["SubmittedFile"]:
        """The files that are not, byte for byte, what was submitted; or were erased."""
        return [
            row
            for row in self.files.select_related("attachment")
            if row.attachment.read_sha256() != row.sha256
        ]

    @property
    def is_intact(self) -> bool:
        """Whether all that was submitted is still what it was; reads every file."""
        return self.fingerprint() == self.sha256 and not self.damaged_files()

    @cached_property
    def previous(self) -> "Submission | None":
        """The dossier's submission before this one."""
        earlier = Submission.objects.filter(
            dossier=self.dossier_id, number__lt=self.number
        )
        return earlier.order_by("-number").first()


class SubmittedPaper(models.Model):
    """A required paper as it stood when the dossier was submitted."""

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="papers"
    )
    item = models.ForeignKey(
        DossierItem, on_delete=models.PROTECT, related_name="submitted"
    )
    title = models.TextField(_("paper"))
    absence_reason = models.CharField(
        _("why it is left out"), max_length=300, blank=True
    )
    number = models.CharField(_("number and symbol"), max_length=60, blank=True)
    dated = models.DateField(_("date"), null=True)
    sort_order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("submitted paper")
        verbose_name_plural = _("submitted papers")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "item"], name="plans_submittedpaper_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def as_data(self) -> list[Any]:
        """What of the paper counts for the submission's sum."""
        dated = self.dated.isoformat() if self.dated else None
        return [
            *(self.item_id, self.sort_order, self.title),
            *(self.absence_reason, self.number, dated),
        ]


class SubmittedFile(models.Model):
    """A file that was part of the dossier when it was submitted."""

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="files"
    )
    paper = models.ForeignKey(
        SubmittedPaper,
        on_delete=models.PROTECT,
        null=True,
        related_name="files",
        help_text="None for a paper that nobody required.",
    )
    attachment = models.ForeignKey(
        Attachment, on_delete=models.PROTECT, related_name="submitted"
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    class Meta:
        ordering = ["paper__sort_order", "attachment"]
        verbose_name = _("submitted file")
        verbose_name_plural = _("submitted files")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "attachment"], name="plans_submittedfile_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.attachment)
