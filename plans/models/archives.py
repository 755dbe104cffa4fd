"""Whole dossiers packed to be taken along, for a short while."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.inspection.types import FileType
from plans.text import vietnamese_slug

from .attachments import Attachment, private_storage, random_name
from .dossiers import DossierPage

PATIENCE = timedelta(minutes=10)
"""How long packing may take before nobody waits for it any more."""


class DossierArchiveQuerySet(models.QuerySet["DossierArchive"]):
    def expired(self) -> Self:
        """Those that nobody fetches any more."""
        now = timezone.now()
        never = models.Q(expires_at=None, asked_at__lt=now - timedelta(days=1))
        return self.filter(models.Q(expires_at__lt=now) | never)


class DossierArchive(models.Model):
    """A dossier as one archive, packed for the person who asked, until a moment.

    It is a second copy of its files: nobody else fetches it, and it goes where one of
    them is erased. Written by `plans.actions.archives` alone.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be packed")
        PACKING = "packing", _("being packed")
        READY = "ready", _("ready")
        FAILED = "failed", _("not packed")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(
        DossierPage,
        on_delete=models.CASCADE,
        related_name="archives",
        verbose_name=_("dossier"),
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    files = models.ManyToManyField(
        Attachment, related_name="archives", verbose_name=_("files")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    percent = models.PositiveSmallIntegerField(_("packed, in percent"), default=0)
    file = models.FileField(
        _("file"), storage=private_storage, upload_to=random_name, blank=True
    )
    size = models.PositiveBigIntegerField(_("size"), default=0)
    expires_at = models.DateTimeField(_("kept until"), null=True)

    objects = DossierArchiveQuerySet.as_manager()

    file_type = FileType("zip", "application/zip", "")

    class Meta:
        verbose_name = _("packed dossier")
        verbose_name_plural = _("packed dossiers")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("plans:archive", args=[self.key])

    @property
    def name(self) -> str:
        """What it is called where it is fetched to."""
        dossier = self.dossier
        return vietnamese_slug(f"{dossier.title} {dossier.unit.code}") + ".zip"

    @property
    def is_ready(self) -> bool:
        return (
            self.state == self.State.READY
            and self.expires_at is not None
            and self.expires_at > timezone.now()
        )

    @property
    def is_coming(self) -> bool:
        """Whether it is worth waiting for."""
        return (
            self.state in {self.State.WAITING, self.State.PACKING}
            and self.asked_at > timezone.now() - PATIENCE
        )

    def holds(self, files: list[Any]) -> bool:
        """Whether it was asked for with these very files."""
        return {file.pk for file in self.files.all()} == {file.pk for file in files}
