"""Registrations with Wagtail, and nothing else."""

from collections.abc import Iterable
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry

from intranet.accounts import forms, second_factor, signing_out
from intranet.accounts.views.person import LOCK_LIFTED, person


@hooks.register("register_admin_urls")
def register_addresses() -> list[Any]:
    return [path("users/<int:pk>/sign-in/", person, name="sign_in_of_person")]


@hooks.register("register_user_listing_buttons")
def lead_to_sign_in(user: Any, request_user: Any) -> Iterable[Button]:
    if request_user.has_perm("auth.change_user"):
        yield Button(
            _("Signing in"),
            reverse("sign_in_of_person", args=[user.pk]),
            icon_name="key",
            priority=30,
        )


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for action, label, message in (
        (
            second_factor.TURNED_ON,
            gettext_lazy("Set up a second factor"),
            gettext_lazy("Signing in needs a second factor"),
        ),
        (
            second_factor.TURNED_OFF,
            gettext_lazy("Turn the second factor off"),
            gettext_lazy("Signing in no longer needs a second factor"),
        ),
        (
            second_factor.RESET,
            gettext_lazy("Take a lost second factor away"),
            gettext_lazy("The second factor was taken away by an administrator"),
        ),
        (
            second_factor.NEW_CODES,
            gettext_lazy("Make new codes"),
            gettext_lazy("New codes for a lost telephone were made"),
        ),
        (
            signing_out.SIGNED_OUT,
            gettext_lazy("Sign devices out"),
            gettext_lazy("Devices were signed out"),
        ),
        (
            signing_out.PASSWORD_CHANGED,
            gettext_lazy("Change the own password"),
            gettext_lazy("The password was changed by its owner"),
        ),
        (
            forms.ASKED_FOR_RESET,
            gettext_lazy("Ask for a new password"),
            gettext_lazy("A link for a new password was asked for"),
        ),
        (
            LOCK_LIFTED,
            gettext_lazy("Lift the lock after wrong passwords"),
            gettext_lazy("The lock after wrong passwords was lifted"),
        ),
    ):
        actions.register_action(action, label, message)
