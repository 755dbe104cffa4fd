"""Misconfiguration that would otherwise leave a door open."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from intranet.accounts.second_factor import ROLES

ENGINE = "intranet.accounts.sessions"


@register
def check_sign_in(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if unknown := set(settings.OTP_REQUIRED_ROLES) - set(ROLES):
        errors.append(
            Error(
                f"OTP_REQUIRED_ROLES names no role: {', '.join(sorted(unknown))}.",
                hint=f"The roles are {', '.join(ROLES)}.",
                id="accounts.E001",
            )
        )
    if settings.SESSION_ENGINE != ENGINE:
        errors.append(
            Error(
                "Nobody could see or end what is open on the own devices.",
                hint=f'Set SESSION_ENGINE = "{ENGINE}".',
                id="accounts.E002",
            )
        )
    return errors
