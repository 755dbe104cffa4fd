"""Who asks: from which address, and with the second factor given."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase

from intranet.accounts.second_factor import is_due


class ClientAddressMiddleware:
    """Lets REMOTE_ADDR be the reader's behind the office's own proxies.

    Anybody can write X-Forwarded-For: it counts only where PROXY_COUNT says how many
    proxies have added to its end, and only what the first of them has added.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if count := settings.PROXY_COUNT:
            steps = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            if len(steps) >= count:
                request.META["REMOTE_ADDR"] = steps[-count].strip()
        return self.get_response(request)


class SecondFactorMiddleware:
    """Keeps a person with half a sign-in from every door but that for the other half.

    So no view need know of it: each asks who `request.user` is. Who it will be stands
    in `request.half_signed_in`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        half = None
        if request.user.is_authenticated and is_due(request):
            half, request.user = request.user, AnonymousUser()
        request.half_signed_in = half  # type: ignore[attr-defined]
        return self.get_response(request)
