"""Who is signed in where."""

from importlib import import_module
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class SessionQuerySet(models.QuerySet):
    def of(self, user: Any) -> Self:
        """The sessions in which the person is signed in, the last used first."""
        return self.filter(user=user, expire_date__gt=timezone.now()).order_by(
            "-seen_at"
        )


SessionManager = BaseSessionManager.from_queryset(SessionQuerySet)


class Session(AbstractBaseSession):
    """Django's session, with whose it is, from which device, and when it was used."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        editable=False,
    )
    agent = models.CharField(max_length=300, editable=False)
    address = models.GenericIPAddressField(null=True, editable=False)
    signed_in_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SessionManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        return import_module(settings.SESSION_ENGINE).SessionStore

    @property
    def handle(self) -> str:
        """What a page may call it: its key would let whoever reads it in."""
        return salted_hmac("accounts.session", self.session_key).hexdigest()[:32]

    def is_valid_for(self, user: Any) -> bool:
        """Whether it was opened with the password that holds now."""
        return self.get_decoded().get(HASH_SESSION_KEY) == user.get_session_auth_hash()
