"""The whole site needs a login."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import (
    LoginRequiredMiddleware as DjangoLoginRequiredMiddleware,
)
from django.http import HttpRequest, HttpResponseBase

EXEMPT_VIEW_NAMES = frozenset(
    {
        "wagtailadmin_login",
        "wagtailadmin_password_reset",
        "wagtailadmin_password_reset_done",
        "wagtailadmin_password_reset_confirm",
        "wagtailadmin_password_reset_complete",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_sprite",
    }
)
"""What Wagtail's admin shows before a login: signing in, and the parts of that page."""


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Django's, which besides lets through the admin's own way in."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match and match.url_name in EXEMPT_VIEW_NAMES:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
