"""Feeds that a reader program fetches without signing in, by a secret address."""

import hashlib
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def token_digest(token: str) -> str:
    """What is kept of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


class FeedTokenQuerySet(models.QuerySet["FeedToken"]):
    def named(self, token: str) -> Self:
        """The token's row, where it has one and its person's account is open."""
        return self.filter(digest=token_digest(token), user__is_active=True)


class FeedToken(models.Model):
    """The secret in the address of one feed of one person; a new one ends the old."""

    class Feed(models.TextChoices):
        NEWS = "news", _("notices, for a feed reader")
        CALENDAR = "calendar", _("deadlines and congresses, for a calendar")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="feed_tokens",
        verbose_name=_("person"),
    )
    feed = models.CharField(_("feed"), max_length=20, choices=Feed)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects = FeedTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("feed address")
        verbose_name_plural = _("feed addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "feed"], name="plans_feedtoken_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_feed_display()}"

    def renew(self) -> str:
        """Give the row a new token, which is returned and kept nowhere."""
        token = secrets.token_urlsafe(32)
        self.digest = token_digest(token)
        return token
