"""Changing the password, and getting a new one where it was forgotten."""

from typing import Any

from axes.utils import reset as lift_lock
from django.contrib import messages
from django.contrib.auth.views import (
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from intranet.accounts.forms import ForgottenPasswordForm
from intranet.accounts.signing_out import password_changed


class ChangePasswordView(PasswordChangeView):
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        password_changed(user=form.user, keep=self.request.session.session_key)
        messages.success(
            self.request,
            _("Your password was changed. Your other devices were signed out."),
        )
        return response


class ForgottenPasswordView(PasswordResetView):
    form_class = ForgottenPasswordForm


class NewPasswordView(PasswordResetConfirmView):
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        password_changed(user=form.user)
        # Who can read the mail may also try again at once.
        lift_lock(username=form.user.get_username())
        messages.success(self.request, _("Your password was set. You can sign in."))
        return response
