"""Files that units attach to their pages: private, immutable, versioned."""

import hashlib
import uuid
from typing import IO, Any, Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from plans.inspection.types import FILE_TYPES, FileType

from .append_only import AppendOnlyModel
from .base import AnyUser, page_policy
from .dossiers import DossierItem
from .units import Unit

CHUNK = 1024 * 1024


def private_storage() -> Storage:
    """Where attachments lie: STORAGES["attachments"], outside the media folder."""
    return storages["attachments"]


def random_name(attachment: "Attachment", filename: str) -> str:
    """A name on disk that tells nothing; two letters of it spread the files."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


def sha256_of(file: IO[bytes]) -> str:
    """The file's SHA-256, in hex; the file is left at its beginning."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Files; `current` are those that count, the others are their history."""

    def current(self) -> Self:
        """Neither replaced nor withdrawn nor erased."""
        return self.filter(state=Attachment.State.CURRENT)

    def with_personal_data(self) -> Self:
        """Those with personal data that are still kept, in every version."""
        return self.filter(holds_personal_data=True).exclude(
            state=Attachment.State.ERASED
        )

    def visible_to(self, user: AnyUser) -> Self:
        """The files the user may read, by the policy registered for the pages."""
        return page_policy(Page).readable_files(self, user)


class Attachment(models.Model):
    """A file attached to a page, and to a required paper where the page is a dossier.

    A row and its file are never changed: a new version is a new row that `replaces`
    the old one, and the old file stays. Written by `plans.actions.attachments` alone.
    """

    class State(models.TextChoices):
        CURRENT = "current", _("current")
        REPLACED = "replaced", _("replaced")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ERASED = "erased", _("erased")

    class Scan(models.TextChoices):
        NOT_ASKED = "not_asked", _("not scanned")
        PENDING = "pending", _("waiting for the virus scan")
        CLEAN = "clean", _("no virus found")
        INFECTED = "infected", _("virus found")

    page = models.ForeignKey(
        Page,
        on_delete=models.CASCADE,
        related_name="attachments",
        verbose_name=_("page"),
    )
    item = models.ForeignKey(
        DossierItem,
        on_delete=models.CASCADE,
        null=True,
        related_name="attachments",
        verbose_name=_("dossier paper"),
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(
        _("file"), storage=private_storage, upload_to=random_name, blank=True
    )
    name = models.CharField(_("name"), max_length=200)
    extension = models.CharField(_("type"), max_length=10)
    size = models.PositiveBigIntegerField(_("size"), help_text="bytes")
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    holds_personal_data = models.BooleanField(_("holds personal data"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.CURRENT
    )
    scan = models.CharField(
        _("virus scan"), max_length=10, choices=Scan, default=Scan.NOT_ASKED
    )
    uploaded_at = models.DateTimeField(_("sent"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    uploaded_by_name = models.CharField(_("sent by"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("replaced or withdrawn"), null=True)
    ended_by_name = models.CharField(
        _("replaced or withdrawn by"), max_length=200, blank=True
    )

    objects = AttachmentQuerySet.as_manager()

    CHANGING = frozenset(
        {"state", "scan", "ended_at", "ended_by_name", "file", "name", "note"}
    )

    class Meta:
        ordering = ["uploaded_at", "pk"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "item", "sha256"],
                condition=Q(state="current", item__isnull=False),
                name="plans_attachment_once_per_paper",
            ),
            models.UniqueConstraint(
                fields=["page", "sha256"],
                condition=Q(state="current", item__isnull=True),
                name="plans_attachment_once_per_page",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if not self._state.adding and not (fields and set(fields) <= self.CHANGING):
            raise TypeError("An attachment is never changed; attach a new version.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("plans:attachment", args=[self.key])

    @property
    def is_current(self) -> bool:
        return self.state == self.State.CURRENT

    @property
    def is_servable(self) -> bool:
        """Whether it may leave the house: not erased, and no scan stands against it."""
        return self.state != self.State.ERASED and self.scan in {
            self.Scan.NOT_ASKED,
            self.Scan.CLEAN,
        }

    def read_sha256(self) -> str:
        """The SHA-256 of the file as it lies there now; empty where it is gone."""
        try:
            with self.file.open("rb") as file:
                return sha256_of(file)
        except (OSError, ValueError):
            return ""

    @property
    def file_type(self) -> FileType:
        return FILE_TYPES[self.extension]


class FileAccess(AppendOnlyModel):
    """That somebody saw, downloaded, exported or erased a paper with personal data.

    Append-only (Decree 356/2025, art. 4.2: rules of limited access): rows outlive the
    file, the page and the person.
    """

    class How(models.TextChoices):
        VIEWED = "viewed", _("viewed")
        DOWNLOADED = "downloaded", _("downloaded")
        EXPORTED = "exported", _("exported")
        ERASED = "erased", _("erased")

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    how = models.CharField(_("how"), max_length=10, choices=How)
    attachment_key = models.UUIDField(_("file"))
    page = models.ForeignKey(
        Page,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("page"),
    )
    page_title = models.CharField(_("page"), max_length=255)
    paper = models.TextField(_("paper"), blank=True)
    unit = models.ForeignKey(
        Unit,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("unit"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    user_name = models.CharField(_("who"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("from"), null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("access to personal data")
        verbose_name_plural = _("accesses to personal data")

    def __str__(self) -> str:
        return f"{self.user_name}: {self.get_how_display()} {self.page_title}"
