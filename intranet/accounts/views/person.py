"""An administrator helps a person who cannot sign in."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from axes.utils import reset as lift_lock
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from wagtail.admin.auth import permission_required
from wagtail.log_actions import log

from intranet.accounts import second_factor
from intranet.accounts.signing_out import devices_of, sign_out, tell

LOCK_LIFTED = "accounts.lock.lifted"
SHOWN = 20


@permission_required("auth.change_user")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(get_user_model(), pk=pk)
    if user.is_superuser and not request.user.is_superuser:
        raise PermissionDenied
    if request.method == "POST":
        action = ACTIONS.get(request.POST.get("action", ""))
        if action:
            messages.success(request, action(user, request.user))
        return redirect("sign_in_of_person", user.pk)
    name = user.get_username()
    context = {
        "person": user,
        "telephone": second_factor.telephone_of(user),
        "devices": devices_of(user),
        "attempts": AccessAttempt.objects.filter(username=name),
        "signed_in": AccessLog.objects.filter(username=name)[:SHOWN],
        "failed": AccessFailureLog.objects.filter(username=name)[:SHOWN],
    }
    return render(request, "accounts/person.html", context)


def _reset_second_factor(user: Any, actor: Any) -> str:
    second_factor.reset(user=user, actor=actor)
    sign_out(user=user, actor=actor)
    tell(user, _("An administrator has taken the second factor off your account."))
    return _("The second factor was taken away, and all devices were signed out.")


def _sign_out(user: Any, actor: Any) -> str:
    sign_out(user=user, actor=actor)
    return _("All devices were signed out.")


def _lift_lock(user: Any, actor: Any) -> str:
    lift_lock(username=user.get_username())
    log(instance=user, action=LOCK_LIFTED, user=actor)
    return _("The lock was lifted.")


ACTIONS = {
    "reset": _reset_second_factor,
    "sign_out": _sign_out,
    "lift": _lift_lock,
}
