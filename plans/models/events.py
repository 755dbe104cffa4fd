"""What happened to a page that its followers are told of."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from .units import Unit


class EventQuerySet(models.QuerySet["Event"]):
    def untold(self) -> Self:
        """Those whose followers have no notices yet, the oldest first."""
        return self.filter(told_at=None).order_by("pk")

    def to_tell(self) -> Self:
        """The untold ones whose time has come."""
        return self.untold().filter(tell_from__lte=timezone.now())


class Event(models.Model):
    """Something that happened to a page. Written by `plans.actions.events` alone.

    The row is part of the transaction that makes it happen, so that no crash loses it;
    whom it concerns is worked out afterwards (`plans.notifications.telling`).
    """

    class Kind(models.TextChoices):
        # Papers, and what else is published.
        PUBLISHED = "published", _("published")
        CHANGED = "changed", _("changed")
        REPLACED = "replaced", _("replaced")
        WITHDRAWN = "withdrawn", _("withdrawn")
        RESTORED = "restored", _("put in force again")
        TAKEN_DOWN = "taken_down", _("no longer published")
        # Congresses and what comes after them.
        CONGRESS_OPENED = "congress_opened", _("congress opened")
        CONGRESS_DATED = "congress_dated", _("day of the congress set")
        CONGRESS_MOVED = "congress_moved", _("congress moved to another day")
        LESSONS_PUBLISHED = "lessons_published", _("lessons published")
        REPORT_PUBLISHED = "report_published", _("result report published")
        # Dossiers.
        DOSSIER_SUBMITTED = "dossier_submitted", _("dossier submitted")
        SUBMISSION_WITHDRAWN = "submission_withdrawn", _("submission taken back")
        REVIEW_WAITING = "review_waiting", _("dossier waits for review")
        REVIEW_ASSIGNED = "review_assigned", _("review given to a person")
        STEP_APPROVED = "step_approved", _("dossier passed by a unit")
        DOSSIER_RETURNED = "dossier_returned", _("dossier returned")
        DOSSIER_APPROVED = "dossier_approved", _("dossier approved")
        FILE_ATTACHED = "file_attached", _("file attached")
        # Days.
        DEADLINE_NEAR = "deadline_near", _("deadline near")
        DEADLINE_PASSED = "deadline_passed", _("deadline passed")
        DEADLINE_CHANGED = "deadline_changed", _("deadline changed")
        READING_DUE = "reading_due", _("guidance to be read")
        # People.
        RIGHT_GIVEN = "right_given", _("right given")
        RIGHT_TAKEN = "right_taken", _("right taken")
        # What those who work on a page say there.
        COMMENTED = "commented", _("new comment")
        COMMENT_RESOLVED = "comment_resolved", _("comment resolved")
        MENTIONED = "mentioned", _("you are named in a comment")

    kind = models.CharField(
        _("kind"), max_length=40, help_text="One of Kind; it grows without migrations."
    )
    page = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="events", verbose_name=_("page")
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("unit"),
        help_text="The unit it concerns.",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by whom"),
    )
    data = models.JSONField(default=dict, editable=False)
    key = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="Of two events with one key, one is kept.",
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    tell_from = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="Until then more of the kind may join it.",
    )
    told_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When its followers were given their notices.",
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="plans_event_key_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(told_at=None), name="plans_event_untold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.page}"

    def get_kind_display(self) -> Any:
        return self.Kind(self.kind).label


class Topic(models.TextChoices):
    """What a person chooses his channels for: kinds of events, by their subject."""

    PAPERS = "papers", _("plans and guidance")
    CONGRESSES = "congresses", _("congresses, lessons and reports")
    DOSSIERS = "dossiers", _("dossiers and their review")
    FILES = "files", _("attached files")
    DEADLINES = "deadlines", _("deadlines and what is to be read")
    PEOPLE = "people", _("rights and comments")


TOPICS: dict[str, Topic] = {
    **dict.fromkeys(
        (
            *(Event.Kind.PUBLISHED, Event.Kind.CHANGED, Event.Kind.REPLACED),
            *(Event.Kind.WITHDRAWN, Event.Kind.RESTORED, Event.Kind.TAKEN_DOWN),
        ),
        Topic.PAPERS,
    ),
    **dict.fromkeys(
        (
            *(Event.Kind.CONGRESS_OPENED, Event.Kind.CONGRESS_DATED),
            *(Event.Kind.CONGRESS_MOVED, Event.Kind.LESSONS_PUBLISHED),
            Event.Kind.REPORT_PUBLISHED,
        ),
        Topic.CONGRESSES,
    ),
    **dict.fromkeys(
        (
            *(Event.Kind.DOSSIER_SUBMITTED, Event.Kind.SUBMISSION_WITHDRAWN),
            *(Event.Kind.REVIEW_WAITING, Event.Kind.REVIEW_ASSIGNED),
            *(Event.Kind.STEP_APPROVED, Event.Kind.DOSSIER_RETURNED),
            Event.Kind.DOSSIER_APPROVED,
        ),
        Topic.DOSSIERS,
    ),
    Event.Kind.FILE_ATTACHED: Topic.FILES,
    **dict.fromkeys(
        (
            *(Event.Kind.DEADLINE_NEAR, Event.Kind.DEADLINE_PASSED),
            *(Event.Kind.DEADLINE_CHANGED, Event.Kind.READING_DUE),
        ),
        Topic.DEADLINES,
    ),
    **dict.fromkeys(
        (
            *(Event.Kind.RIGHT_GIVEN, Event.Kind.RIGHT_TAKEN),
            *(Event.Kind.COMMENTED, Event.Kind.COMMENT_RESOLVED, Event.Kind.MENTIONED),
        ),
        Topic.PEOPLE,
    ),
}
"""The topic of each kind of event."""


REMARKS = frozenset(
    {Event.Kind.COMMENTED, Event.Kind.COMMENT_RESOLVED, Event.Kind.MENTIONED}
)
"""What is for those who work on the page alone, published or not."""
