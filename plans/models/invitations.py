"""Asking a person to choose a password."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def to_be_sent(self) -> Self:
        """Those whose mail has yet to go out."""
        waiting = self.filter(sent_at=None, accepted_at=None, user__is_active=True)
        return waiting.exclude(user__email="")


class Invitation(models.Model):
    """The latest invitation of a person: the outbox of its mail, and what came of it.

    The link itself is not kept: it follows from the state of the account, and holds
    until that changes or the term of Django's password links is over.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="invitation",
        verbose_name=_("person"),
    )
    made_at = models.DateTimeField(_("made at"))
    sent_at = models.DateTimeField(_("sent or handed over at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return str(self.user)
