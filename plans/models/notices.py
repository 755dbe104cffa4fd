"""Notices: what each person is told of an event, and how he wants to be told."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .events import Event, Topic


class OutboxQuerySet(models.QuerySet):
    def unsent(self) -> Self:
        """What is still to go out, be it due or not."""
        return self.filter(due_at__isnull=False, sent_at=None, failed_at=None)


class Outbox(models.Model):
    """What goes out of the house, and how far it has got.

    `due_at` is None for what stays here. A sender writes its key into `claimed_by`
    before it sends; what a dead sender left is found by that
    (`plans.notifications.claims`).
    """

    due_at = models.DateTimeField(_("goes out from"), null=True)
    claimed_by = models.UUIDField(null=True, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    failed_at = models.DateTimeField(_("given up"), null=True)
    error = models.TextField(_("last error"), blank=True, default="", db_default="")

    class Meta:
        abstract = True


class NoticeQuerySet(OutboxQuerySet):
    def unread(self) -> Self:
        return self.filter(read_at=None, on_bell=True)


class Notice(Outbox):
    """What one person is told of one event: on the site, and in a mail where due.

    The rows are made by one statement for all followers, hence the `db_default`s.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notices",
        verbose_name=_("person"),
    )
    why = models.CharField(
        max_length=20,
        editable=False,
        help_text="Why he hears of it: a source of followers.",
    )
    created_at = models.DateTimeField(_("when"))
    on_bell = models.BooleanField(_("shown on the site"), default=True, db_default=True)
    is_digest = models.BooleanField(_("in a digest"), default=False, db_default=False)
    read_at = models.DateTimeField(_("read"), null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="plans_notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["user"],
                condition=Q(read_at=None, on_bell=True),
                name="plans_notice_unread",
            ),
            models.Index(
                fields=["due_at", "user"],
                condition=Q(due_at__isnull=False, sent_at=None, failed_at=None),
                name="plans_notice_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.event}"


class NoticeSettingsQuerySet(models.QuerySet["NoticeSettings"]):
    def quiet_at(self, moment: datetime) -> Self:
        """Those of people who want no mail at this hour."""
        hour = timezone.localtime(moment).time()
        begun, not_over = Q(quiet_from__lte=hour), Q(quiet_until__gt=hour)
        over_night = Q(quiet_from__gt=F("quiet_until"))
        return self.filter(
            begun & not_over | over_night & begun | over_night & not_over
        )


class NoticeSettings(models.Model):
    """How a person wants his mails; without a row, as the defaults say."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notice_settings",
        verbose_name=_("person"),
    )
    language = models.CharField(_("language of mails"), max_length=10, blank=True)
    quiet_from = models.TimeField(_("no mail from"), null=True, blank=True)
    quiet_until = models.TimeField(_("until"), null=True, blank=True)

    objects = NoticeSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice settings")
        verbose_name_plural = _("notice settings")

    def __str__(self) -> str:
        return str(self.user)


class TopicChoice(models.Model):
    """By which channels a person hears of a topic, where not as the defaults say."""

    class Mail(models.TextChoices):
        ONCE = "once", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        NEVER = "never", _("no e-mail")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="topic_choices",
        verbose_name=_("person"),
    )
    topic = models.CharField(_("topic"), max_length=20, choices=Topic)
    on_bell = models.BooleanField(_("on the site"), default=True)
    mail = models.CharField(_("e-mail"), max_length=10, choices=Mail, default=Mail.ONCE)

    class Meta:
        verbose_name = _("choice of channels")
        verbose_name_plural = _("choices of channels")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "topic"], name="plans_topicchoice_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_topic_display()}"


DEFAULT_MAIL: dict[str, TopicChoice.Mail] = {
    Topic.PAPERS: TopicChoice.Mail.ONCE,
    Topic.CONGRESSES: TopicChoice.Mail.DAILY,
    Topic.DOSSIERS: TopicChoice.Mail.ONCE,
    Topic.FILES: TopicChoice.Mail.DAILY,
    Topic.DEADLINES: TopicChoice.Mail.ONCE,
    Topic.PEOPLE: TopicChoice.Mail.ONCE,
}
"""How mails of a topic go out to whoever has chosen nothing."""
