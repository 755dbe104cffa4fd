"""The whole site needs a login, and takes no more than it can hold."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import (
    LoginRequiredMiddleware as DjangoLoginRequiredMiddleware,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from plans.inspection import max_size

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


FILES_IN_A_REQUEST = 10
"""How many files of the largest size one request may carry."""


class UploadLimitMiddleware:
    """Refuses a request that is too large before a byte of it is read.

    It must stand before the CSRF middleware, which reads the form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        limit = FILES_IN_A_REQUEST * max_size()
        if length <= limit:
            return self.get_response(request)
        text = _("This is too much at once: at most %(limit)s. Send fewer files.") % {
            "limit": filesizeformat(limit)
        }
        response = HttpResponse(text, status=413, content_type="text/plain")
        # The rest of the request is on its way, and nobody will read it.
        response["Connection"] = "close"
        return response


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
