"""Signing in with the office's own accounts (OpenID Connect), where it has such.

It only finds accounts that are there: it makes none and gives no right.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import (
    OIDCAuthenticationCallbackView,
    OIDCAuthenticationRequestView,
)


class OfficeBackend(OIDCAuthenticationBackend):
    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The library's checks, and that the token was made for this site."""
        payload = super().verify_token(token, **kwargs)
        audience = payload.get("aud")
        meant_for = audience if isinstance(audience, list) else [audience]
        if self.OIDC_RP_CLIENT_ID not in meant_for:
            raise SuspiciousOperation("The token was made for another site.")
        return payload

    def get_userinfo(
        self, access_token: str, id_token: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        claims = super().get_userinfo(access_token, id_token, payload)
        if claims.get("sub") != payload.get("sub"):
            raise SuspiciousOperation("The claims are those of another person.")
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """Whoever could claim any address could be anybody."""
        return bool(claims.get("email")) and claims.get("email_verified") in (
            True,
            "true",
        )

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        return super().filter_users_by_claims(claims).filter(is_active=True)


@method_decorator(login_not_required, name="dispatch")
class AskOfficeView(OIDCAuthenticationRequestView):
    pass


@method_decorator(login_not_required, name="dispatch")
class OfficeAnswersView(OIDCAuthenticationCallbackView):
    def login_failure(self) -> HttpResponse:
        messages.error(
            self.request,
            _(
                "The office's sign-in did not lead to an account here. "
                "Ask the person who manages your unit's accounts."
            ),
        )
        return redirect("login")


urlpatterns = [
    path("dang-nhap/co-quan/", AskOfficeView.as_view(), name="office_sign_in"),
    path(
        "dang-nhap/co-quan/ve/",
        OfficeAnswersView.as_view(),
        name="oidc_authentication_callback",
    ),
]
