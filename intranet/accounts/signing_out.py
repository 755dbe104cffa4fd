"""Ending what is open on a person's devices, and telling the person of it."""

import logging
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from intranet.accounts.models import Session

SIGNED_OUT = "intranet.accounts.devices.signed_out"
PASSWORD_CHANGED = "accounts.password.changed"  # noqa: S105

logger = logging.getLogger(__name__)


def devices_of(user: Any) -> list[Session]:
    """Where the person is signed in, the last used first."""
    return [each for each in Session.objects.of(user) if each.is_valid_for(user)]


def sign_out(
    *, user: Any, actor: Any, handle: str = "", keep: str | None = None
) -> int:
    """End the session called so, or all but the one whose key is `keep`.

    Return how many ended.
    """
    sessions = Session.objects.of(user).exclude(pk=keep)
    keys = [each.pk for each in sessions if not handle or each.handle == handle]
    with transaction.atomic():
        count, _rows = Session.objects.filter(pk__in=keys).delete()
        if count:
            log(instance=user, action=SIGNED_OUT, user=actor, data={"count": count})
    return count


def password_changed(*, user: Any, keep: str | None = None) -> None:
    """What follows a new password: the other devices are signed out, and it is told."""
    with transaction.atomic():
        sign_out(user=user, actor=user, keep=keep)
        log(instance=user, action=PASSWORD_CHANGED, user=user)
    tell(user, _("Your password was changed."))


def tell(user: Any, what: str) -> None:
    """Mail the person what happened to the account, in case it was somebody else."""
    if not user.email:
        return
    text = render_to_string("accounts/mail/told.txt", {"user": user, "what": what})
    transaction.on_commit(partial(_send, user.email, what, text))


def _send(address: str, subject: str, text: str) -> None:
    try:
        send_mail(subject, text, None, [address])
    except (OSError, SMTPException):
        # What happened stands, whether or not the mail server is there.
        logger.exception("A notice about an account could not be sent.")
