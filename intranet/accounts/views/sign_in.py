"""The one way in: the password, then the second factor where there is one."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django_otp import login as confirm_session

from intranet.accounts.forms import CodeForm
from intranet.accounts.second_factor import (
    DUE,
    WrongCodeError,
    check_code,
    telephone_of,
)


@method_decorator(login_not_required, name="dispatch")
class SignInView(LoginView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if half_signed_in(request):
            return redirect(with_next("second_factor", self.get_redirect_url()))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        with_office = bool(settings.OIDC_RP_CLIENT_ID)
        return super().get_context_data(with_office=with_office, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        if self.request.session.get(DUE):
            return redirect(with_next("second_factor", self.get_redirect_url()))
        return response


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: Any
) -> HttpResponse:
    """The answer to whoever has tried too often: the same whether the name exists."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {
        "form": AuthenticationForm(request),
        "locked_minutes": seconds // 60,
        "next": request.POST.get("next", ""),
    }
    locked = render(request, "registration/login.html", context, status=429)
    locked["Retry-After"] = str(seconds)
    return locked


@method_decorator(
    [login_not_required, never_cache, sensitive_post_parameters()], name="dispatch"
)
class SecondFactorView(RedirectURLMixin, FormView):
    """Asks whoever has given the password for the code."""

    template_name = "accounts/second_factor.html"
    form_class = CodeForm
    next_page = settings.LOGIN_REDIRECT_URL

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.person = half_signed_in(request)
        if self.person is None:
            return redirect(
                self.get_success_url() if request.user.is_authenticated else "login"
            )
        if telephone_of(self.person) is None:
            # The role asks for a second factor that is yet to be set up.
            return redirect(with_next("set_up_second_factor", self.get_redirect_url()))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            device = check_code(user=self.person, code=form.cleaned_data["code"])
        except WrongCodeError as error:
            form.add_error("code", in_words(error))
            return self.form_invalid(form)
        complete(self.request, self.person, device)
        return redirect(self.get_success_url())


def half_signed_in(request: HttpRequest) -> Any:
    """Who has given the password and not yet the second factor."""
    return getattr(request, "half_signed_in", None)


def complete(request: HttpRequest, user: Any, device: Any) -> None:
    """The session becomes that of a person who has given both."""
    request.session.pop(DUE, None)
    request.session.cycle_key()
    request.user = user
    confirm_session(request, device)


def with_next(name: str, url: str) -> str:
    query = f"?{urlencode({'next': url})}" if url else ""
    return reverse(name) + query


def in_words(error: WrongCodeError) -> str:
    text = _("This code is not right, or it has been used.")
    if error.wait > 1:
        more = ngettext(
            "Wait %(seconds)d second before the next one.",
            "Wait %(seconds)d seconds before the next one.",
            error.wait,
        )
        text = f"{text} {more % {'seconds': error.wait}}"
    return text
