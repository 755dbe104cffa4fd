"""What a person keeps of the own account: devices and the second factor."""

from base64 import b32encode
from io import BytesIO
from textwrap import wrap
from typing import Any

import qrcode
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex
from qrcode.image.svg import SvgPathFillImage

from intranet.accounts import second_factor
from intranet.accounts.forms import CodeForm
from intranet.accounts.second_factor import WrongCodeError
from intranet.accounts.signing_out import devices_of, sign_out, tell
from intranet.accounts.views.sign_in import complete, half_signed_in, in_words

KEY = "second_factor_key"
"""Where a session keeps the key that is being shown to a telephone."""


@never_cache
def account(request: HttpRequest) -> HttpResponse:
    context = {
        "devices": devices_of(request.user),
        "this_device": request.session.session_key,
        "telephone": second_factor.telephone_of(request.user),
        "codes_left": second_factor.codes_left(request.user),
        "is_required": second_factor.is_required_of(request.user),
    }
    return render(request, "accounts/account.html", context)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """One device, or all others; this one has "sign out"."""
    count = sign_out(
        user=request.user,
        actor=request.user,
        handle=request.POST.get("device", ""),
        keep=request.session.session_key,
    )
    text = ngettext(
        "%(count)d device was signed out.", "%(count)d devices were signed out.", count
    )
    messages.success(request, text % {"count": count})
    return redirect("account")


@method_decorator(
    [login_not_required, never_cache, sensitive_post_parameters()], name="dispatch"
)
class SetUpView(FormView):
    """Takes a telephone as second factor, also where that is still owed to sign in."""

    template_name = "accounts/set_up_second_factor.html"
    form_class = CodeForm

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.person = _person(request)
        if self.person is None:
            return redirect("login")
        if second_factor.telephone_of(self.person):
            return redirect("account")
        request.session.setdefault(KEY, random_hex(20))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        secret = _shown(self.person, self.request.session[KEY]).bin_key
        return super().get_context_data(
            secret=_in_fours(secret),
            is_required=second_factor.is_required_of(self.person),
            **kwargs,
        )

    def form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            device, codes = second_factor.turn_on(
                user=self.person,
                key=self.request.session[KEY],
                code=form.cleaned_data["code"].replace(" ", ""),
            )
        except WrongCodeError as error:
            form.add_error("code", in_words(error))
            return self.form_invalid(form)
        del self.request.session[KEY]
        complete(self.request, self.person, device)
        # Those were opened without it.
        sign_out(
            user=self.person, actor=self.person, keep=self.request.session.session_key
        )
        tell(self.person, _("Signing in to your account now needs a second factor."))
        return _show_codes(self.request, codes)


@login_not_required
@never_cache
def qr_code(request: HttpRequest) -> HttpResponse:
    """The key as a picture, for the telephone that is being set up."""
    person = _person(request)
    if person is None or KEY not in request.session:
        raise Http404
    picture = BytesIO()
    url = _shown(person, request.session[KEY]).config_url
    qrcode.make(url, image_factory=SvgPathFillImage).save(picture)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class ChangeSecondFactorView(FormView):
    """New codes for a lost telephone, or no second factor any more."""

    template_name = "accounts/change_second_factor.html"
    form_class = CodeForm

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if second_factor.telephone_of(request.user) is None:
            return redirect("account")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            is_required=second_factor.is_required_of(self.request.user), **kwargs
        )

    def form_valid(self, form: CodeForm) -> HttpResponse:
        user, code = self.request.user, form.cleaned_data["code"]
        required = second_factor.is_required_of(user)
        try:
            if "off" not in self.request.POST:
                codes = second_factor.renew_codes(user=user, code=code)
                return _show_codes(self.request, codes)
            second_factor.turn_off(user=user, code=code)
        except WrongCodeError as error:
            form.add_error("code", in_words(error))
            return self.form_invalid(form)
        tell(user, _("Signing in to your account no longer needs a second factor."))
        messages.success(self.request, _("The second factor is off."))
        # Who must have one is half signed in from here on.
        self.request.session.pop(DEVICE_ID_SESSION_KEY, None)
        return redirect("set_up_second_factor" if required else "account")


def _person(request: HttpRequest) -> Any:
    if request.user.is_authenticated:
        return request.user
    return half_signed_in(request)


def _shown(person: Any, key: str) -> TOTPDevice:
    """The telephone as it will be, of which nothing is kept before it shows a code."""
    return TOTPDevice(user=person, key=key)


def _in_fours(key: bytes) -> str:
    """The key to type by hand, where there is no camera."""
    return " ".join(wrap(b32encode(key).decode(), 4))


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Once, and never again: there is no address that shows them."""
    return render(request, "accounts/codes.html", {"codes": codes})
