"""The forms for signing in."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordResetForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from plans.actions.invitations import invite_again

ASKED_FOR_RESET = "accounts.password.asked"
MAIL_EVERY = timedelta(minutes=5)
"""How often a person is mailed a link, however often somebody asks for it."""


class ForgottenPasswordForm(PasswordResetForm):
    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        # Django passes over who has no password to forget.
        invite_again(address=self.cleaned_data["email"])

    def get_users(self, email: str) -> Iterable[Any]:
        since = timezone.now() - MAIL_EVERY
        for user in super().get_users(email):
            asked = ModelLogEntry.objects.for_instance(user).filter(
                action=ASKED_FOR_RESET, timestamp__gt=since
            )
            if not asked.exists():
                log(instance=user, action=ASKED_FOR_RESET)
                yield user


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
