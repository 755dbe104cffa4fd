"""An office's own receiver of what its unit hears: a chat, a Zalo account."""

import secrets

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .events import Event
from .notices import Outbox, OutboxQuerySet
from .units import Unit


def new_secret() -> str:
    return secrets.token_hex(32)


class Webhook(models.Model):
    """Where what concerns a unit is posted to. The receiver is the office's affair."""

    unit = models.ForeignKey(
        Unit,
        on_delete=models.CASCADE,
        related_name="webhooks",
        verbose_name=_("unit"),
    )
    url = models.URLField(
        _("address"), max_length=500, validators=[URLValidator(schemes=["https"])]
    )
    secret = models.CharField(
        _("secret"),
        max_length=100,
        default=new_secret,
        help_text=_("The receiver checks the signature with it (HMAC-SHA256)."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return f"{self.unit}: {self.url}"


class WebhookCall(Outbox):
    """One event that is posted, or was, to one webhook."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="calls")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="calls")

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("call of a webhook")
        verbose_name_plural = _("calls of webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event"], name="plans_webhookcall_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.webhook} · {self.event}"
