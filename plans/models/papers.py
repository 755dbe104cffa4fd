"""An issued paper: what a plan, a guidance and a report have in common.

The layout and the names of its parts follow Decree 30/2020/NĐ-CP, Appendix I.
"""

import hashlib
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    MultiFieldPanel,
    TitleFieldPanel,
)
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager, Revision

from plans.blocks import BodyBlock, BodyItem, body_items, outline, plain_text
from plans.text import fold

from .base import PlansPage, VisiblePageQuerySet
from .units import Unit


class ChangeNote(models.Model):
    """What was changed in a paper after it was issued, for its readers.

    Decree 30/2020, Article 18: an issued paper is never changed in silence.
    """

    page = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="change_notes"
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now_add=True)
    text = models.TextField(_("what was changed"))
    read_again = models.BooleanField(
        _("is to be read again"),
        default=False,
        help_text="Whoever said that he had read the paper is asked once more.",
    )

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("change note")
        verbose_name_plural = _("change notes")

    def __str__(self) -> str:
        return self.text


class PaperPageForm(WagtailAdminPageForm):
    """Asks for a change note once the paper has been issued."""

    of_a_change: frozenset[str] = frozenset({"change_note", "tell_nobody"})
    """What is said of each change anew."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("change_note")
        if field is None:
            return
        if self.instance.first_published_at is None:
            for name in self.of_a_change & self.fields.keys():
                del self.fields[name]
            return
        field.required = True
        if not self.instance.has_unpublished_changes:
            for name in self.of_a_change:
                self.initial[name] = ""


class PaperQuerySet(VisiblePageQuerySet):
    def as_register(self, *fields: str) -> Self:
        """What a list of papers shows, and these fields; not their long bodies."""
        return self.select_related("issuer").listed(
            "doc_type", "number", "symbol", "issued_on", "issuer__name", *fields
        )

    def newest_first(self) -> Self:
        return self.order_by(F("issued_on").desc(nulls_last=True), "-pk")


PaperManager = PageManager.from_queryset(PaperQuerySet)


class PaperPage(PlansPage):
    """A paper: number, issuer, date, body, signer; `title` is its subject."""

    issuer = models.ForeignKey(
        Unit,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("issuer"),
    )
    issuer_lines = models.TextField(
        _("issuer as printed"),
        blank=True,
        help_text=_("The lines at the top left of the paper."),
    )
    doc_type = models.CharField(_("kind of paper"), max_length=100)
    number = models.PositiveIntegerField(
        _("number"), null=True, blank=True, help_text=_("Empty until it is issued.")
    )
    symbol = models.CharField(
        _("symbol"), max_length=60, blank=True, help_text=_("For example KH-MTTQ-BTT.")
    )
    issued_place = models.CharField(_("place"), max_length=100, blank=True)
    issued_on = models.DateField(_("date of issue"), null=True, blank=True)
    issued_year = models.PositiveSmallIntegerField(null=True, editable=False)
    preamble = models.TextField(
        _("opening"), blank=True, help_text=_("What stands before the first section.")
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))
    signer_authority = models.CharField(
        _("signing authority"),
        max_length=120,
        blank=True,
        help_text=_("For example TM. BAN THƯỜNG TRỰC."),
    )
    signer_title = models.CharField(_("signer's title"), max_length=120, blank=True)
    signer_name = models.CharField(_("signer's name"), max_length=120, blank=True)
    closing = models.TextField(
        _("after the signature"), blank=True, help_text=_("Footnotes and the like.")
    )
    change_note = models.TextField(
        _("what was changed"),
        blank=True,
        help_text=_("Readers see this note. It is asked for once the paper is issued."),
    )

    tell_nobody = models.BooleanField(
        _("a small change: tell nobody"),
        default=False,
        help_text=_("Followers get no notice; the note is on the page all the same."),
    )

    base_form_class = PaperPageForm
    # A copy is another paper: it is numbered and dated when it is issued.
    exclude_fields_in_copy = [
        *("number", "issued_on", "issued_year"),
        *("change_note", "tell_nobody"),
    ]

    objects = PaperManager()

    search_fields = PlansPage.search_fields
    content_panels = [
        MultiFieldPanel(
            [
                FieldPanel("change_note"),
                FieldPanel("tell_nobody"),
                HelpPanel(template="plans/admin/who_is_told.html"),
            ],
            heading=_("Change of an issued paper, and who is told"),
        ),
        TitleFieldPanel("title", heading=_("Subject")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("doc_type"), FieldPanel("issuer")]),
                FieldRowPanel([FieldPanel("number"), FieldPanel("symbol")]),
                FieldRowPanel([FieldPanel("issued_place"), FieldPanel("issued_on")]),
                FieldPanel("issuer_lines"),
            ],
            heading=_("Head of the paper"),
        ),
        FieldPanel("preamble"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("signer_authority"),
                FieldRowPanel([FieldPanel("signer_title"), FieldPanel("signer_name")]),
                FieldPanel("closing"),
            ],
            heading=_("Signature"),
        ),
    ]

    class Meta:
        abstract = True

    @property
    def reference(self) -> str:
        """Number and symbol as cited: "380/KH-MTTQ-BTT"; numbers below 10 get a 0."""
        if self.number is None:
            return f"/{self.symbol}" if self.symbol else ""
        return f"{self.number:02d}/{self.symbol}"

    @cached_property
    def items(self) -> list[BodyItem]:
        """The paragraphs of the body in order."""
        return body_items(self.body)

    @property
    def outline(self) -> list[BodyItem]:
        return outline(self.items)

    @property
    def issuer_line_list(self) -> list[str]:
        return self.issuer_lines.splitlines()

    def slug_source(self) -> str:
        if self.number is None:
            return self.title
        return f"{self.doc_type} {self.number} {self.symbol}"

    def searchable_text(self) -> str:
        return "\n".join([self.reference, self.preamble, plain_text(self.items)])

    @property
    def folded_text(self) -> str:
        # The reference once more in one piece, with and without its slash.
        return f"{super().folded_text} {fold(self.reference).replace(' ', '')}"

    def clean(self) -> None:
        super().clean()
        self._check_number_is_free()
        self._check_change_is_noted()

    def minimal_clean(self) -> None:
        super().minimal_clean()
        self._check_number_is_free()

    def _check_number_is_free(self) -> None:
        """An issuer gives number and symbol once a year (Decree 30, Article 15)."""
        self.issued_year = self.issued_on.year if self.issued_on else None
        if self.number is None or self.issued_year is None:
            return
        same = type(self).objects.filter(
            issuer=self.issuer_id,
            number=self.number,
            symbol=self.symbol,
            issued_year=self.issued_year,
        )
        if same.exclude(pk=self.pk).exists():
            raise ValidationError(
                {
                    "number": _(
                        "%(issuer)s issued a paper %(reference)s in %(year)s already."
                    )
                    % {
                        "issuer": self.issuer,
                        "reference": self.reference,
                        "year": self.issued_year,
                    }
                }
            )

    def _check_change_is_noted(self) -> None:
        """Every way of publishing saves the page, with the revision it comes from."""
        if self.pk and self.live and self.live_revision:
            stored = type(self).objects.only("live_revision", "first_published_at")
            if stored.get(pk=self.pk).lacks_change_note(self.live_revision):
                raise ValidationError(
                    {
                        "change_note": _(
                            "Say what was changed: the paper has been issued."
                        )
                    }
                )

    def lacks_change_note(self, revision: Revision) -> bool:
        """Whether publishing the revision would change an issued paper in silence."""
        return (
            self.first_published_at is not None
            and revision.pk != self.live_revision_id
            and not revision.content.get("change_note", "").strip()
        )

    def note_change(self, revision: Revision) -> None:
        """Keep the note of the revision that was just published over an earlier one."""
        note = revision.content.get("change_note", "").strip()
        if note and self.first_published_at != self.last_published_at:
            ChangeNote.objects.get_or_create(
                page_id=self.pk,
                revision=revision,
                defaults={
                    "user": revision.user,
                    "text": note,
                    "read_again": revision.content.get("read_again", False),
                },
            )


def content_digest(text: str) -> str:
    """The SHA-256 of a paper's text, by which the same paper is known again."""
    return hashlib.sha256(text.encode()).hexdigest()
