"""Asking people to choose a password: by mail, or by a link handed over once.

The link is Django's password link with a salt of its own. It holds once, for the term
of `PASSWORD_RESET_TIMEOUT`, and until the next one is made. Nobody learns another's
password: what the manager hands over lets the person choose it.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from plans.actions.accounts import lock_person, take_turn
from plans.models import Invitation
from plans.models.memberships import written_name
from plans.permissions import may_handle_account

INVITED = "plans.account.invite"
ACCEPTED = "plans.account.accept"

logger = logging.getLogger(__name__)


class InvitationTokens(PasswordResetTokenGenerator):
    key_salt = "plans.invitations"


tokens = InvitationTokens()


def invitation_path(person: Any) -> str:
    """The address that lets its bearer choose the person's password, once."""
    key = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("plans:invitation", args=[key, tokens.make_token(person)])


AGAIN_AFTER = timedelta(minutes=5)
"""How long after an invitation the person himself may ask for the next."""


def last_moment() -> Any:
    """Until when a link that is made now holds."""
    return timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def invite(*, person: AbstractUser, actor: Any, by_hand: bool = False) -> str:
    """Make a new link; every older one and the password cease to hold.

    It goes to the person's address and "" is returned; with `by_hand` the path is
    returned, to be handed over. That is for those who have no address, or have not yet
    chosen a password: to an account in use, a link is only mailed.

    Raises PermissionDenied and ValidationError.
    """
    with transaction.atomic():
        actor = take_turn(actor)
        person = lock_person(person)
        if actor is not None and not may_handle_account(actor, person):
            raise PermissionDenied
        _ask_way(person, by_hand)
        person.set_unusable_password()
        person.save(update_fields=["password"])
        ask_password(people=[person], by_hand=by_hand)
        data = {"by_hand": by_hand}
        log(instance=person, action=INVITED, user=actor, data=data)
    return invitation_path(person) if by_hand else ""


def invite_again(*, address: str) -> None:
    """Invite anew those at this address who were, and have chosen no password yet.

    It is for who lost the mail, or opens it too late, and asks for himself.
    """
    with transaction.atomic():
        take_turn(None)
        waiting = Invitation.objects.filter(
            accepted_at=None,
            made_at__lt=timezone.now() - AGAIN_AFTER,
            user__is_active=True,
            user__email__iexact=address,
        )
        for invitation in waiting.select_related("user"):
            if not invitation.user.has_usable_password():
                invite(person=invitation.user, actor=None)


def _ask_way(person: AbstractUser, by_hand: bool) -> None:
    if not person.is_active:
        raise ValidationError(_("This account is closed. Open it first."))
    if by_hand and person.email and person.has_usable_password():
        raise ValidationError(
            _("The person uses this account and has an address: send the link there.")
        )
    if not by_hand and not person.email:
        raise ValidationError(_("The person has no address for mails."))


def ask_password(*, people: Iterable[Any], by_hand: bool = False) -> None:
    """Note that the people are asked for a password; mail those who have an address.

    Runs in the caller's transaction; the mail goes out after it.
    """
    now = timezone.now()
    rows = [
        Invitation(user=person, made_at=now, sent_at=now if by_hand else None)
        for person in people
    ]
    Invitation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["made_at", "sent_at", "accepted_at"],
    )
    if not by_hand:
        keys = [row.user_id for row in rows]
        transaction.on_commit(lambda: send_invitations(people=keys), robust=True)


def send_invitations(*, people: Iterable[int] | None = None) -> tuple[int, int]:
    """Send the invitations that wait: (how many went, how many wait still).

    All, or those of the people with these keys.

    Each is claimed before it is sent, so that two that run at once send none twice;
    what fails waits again.
    """
    waiting = Invitation.objects.to_be_sent().select_related("user")
    if people is not None:
        waiting = waiting.filter(user__in=list(people))
    rows = list(waiting.order_by("made_at"))
    sent = 0
    if rows:
        try:
            with get_connection() as connection:
                for invitation in rows:
                    sent += _send(invitation, connection)
        except OSError:  # smtplib's errors are such
            logger.exception("The mail server does not take invitations")
    return sent, waiting.count()


def _send(invitation: Invitation, connection: Any) -> bool:
    """Whether it went. Raises OSError where the server takes no mail at all."""
    row = Invitation.objects.filter(pk=invitation.pk)
    if not row.filter(sent_at=None).update(sent_at=timezone.now()):
        return False
    try:
        _message(invitation.user, connection).send()
    except (SMTPRecipientsRefused, SMTPDataError):
        row.update(sent_at=None)
        logger.exception("The invitation of %s was refused", invitation.user_id)
        return False
    except OSError:
        row.update(sent_at=None)
        raise
    return True


def _message(person: Any, connection: Any) -> EmailMessage:
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string(
            "plans/mail/invitation.txt",
            {
                "name": written_name(person),
                "username": person.get_username(),
                "link": settings.WAGTAILADMIN_BASE_URL + invitation_path(person),
                "site": settings.WAGTAIL_SITE_NAME,
                "last_moment": last_moment(),
                "roles": person.memberships.not_over().select_related("unit__parent"),
            },
        )
        subject = _("Your account on %(site)s") % {"site": settings.WAGTAIL_SITE_NAME}
    return EmailMessage(subject, text, None, [person.email], connection=connection)


def accept_invitation(*, person: Any, token: str, password: str) -> None:
    """Set the password the person chose. Raises ValidationError where the link is over.

    The password is one that Django's validators have passed.
    """
    with transaction.atomic():
        person = lock_person(person)
        if not person.is_active or not tokens.check_token(person, token):
            raise ValidationError(_("This link no longer holds."))
        person.set_password(password)
        person.save(update_fields=["password"])
        Invitation.objects.filter(user=person).update(accepted_at=timezone.now())
        log(instance=person, action=ACCEPTED, user=person)
