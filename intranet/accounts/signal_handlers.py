"""What signing in leaves in the session."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

from intranet.accounts.devices import client_address
from intranet.accounts.second_factor import DUE, telephone_of
from intranet.accounts.sessions import SIGNED_IN

AGENT_LENGTH = 300


def note_sign_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Whichever door it was: the device, and whether the second factor is to come."""
    request.session[SIGNED_IN] = {
        "at": timezone.now().isoformat(),
        "agent": request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH],
        "address": client_address(request),
    }
    if telephone_of(user):
        request.session[DUE] = True


def register_signal_handlers() -> None:
    user_logged_in.connect(note_sign_in, dispatch_uid="accounts.note_sign_in")
