"""People's accounts: made, set right, closed when somebody leaves, opened again."""

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from plans.actions.access import sync_access
from plans.actions.right_changes import GIVEN, TAKEN, record_right_change
from plans.models import Membership, Unit
from plans.models.memberships import name_parts, written_name
from plans.models.shown import tell_shown_changed
from plans.permissions import MANAGE_STAFF, may_handle_account
from plans.text import unmark

CLOSED = "plans.account.close"
OPENED = "plans.account.open"
CORRECTED = "plans.account.correct"


def take_turn(actor: Any) -> AbstractUser | None:
    """Wait until nobody else changes people, and read the actor's rights anew.

    Changes of people are rare, and two that meet (the same newcomer added by two heads)
    must see each other. Call it first in a transaction.
    """
    tops = Unit.objects.filter(parent=None).order_by("pk")
    list(tops.select_for_update(no_key=True).values_list("pk"))
    if actor is None:
        return None
    return get_user_model()._default_manager.get(pk=actor.pk)


def lock_person(person: AbstractUser) -> Any:
    """The person's account as it is now, held until the end of the transaction."""
    people = get_user_model()._default_manager.select_for_update(no_key=True)
    return people.get(pk=person.pk)


def make_account(
    *, full_name: str, email: str, username: str, taken: set[str] | None = None
) -> AbstractUser:
    """A new account that nobody can sign in to yet.

    The user name is made of the name where none is given, other than those `taken`
    (in small letters; all there are, where not said). Raises ValidationError.
    """
    last_name, first_name = name_parts(full_name)
    if not username:
        if taken is None:
            taken = usernames()
        username = free_username(full_name, taken)
    person = get_user_model()(
        username=username, email=email, last_name=last_name, first_name=first_name
    )
    person.set_unusable_password()
    person.full_clean(exclude=["password"])
    person.save()
    return person


def usernames() -> set[str]:
    """All user names there are, in small letters."""
    users = get_user_model()
    names = users._default_manager.values_list(users.USERNAME_FIELD, flat=True)
    return {name.lower() for name in names.iterator()}


def free_username(full_name: str, taken: set[str]) -> str:
    """A user name as offices make them: "Nguyễn Văn An" is annv, the next one annv2."""
    words = re.findall(r"[a-z0-9]+", unmark(full_name).lower())
    base = "".join([*words[-1:], *(word[0] for word in words[:-1])])[:30] or "canbo"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}{number}"
    return name


def correct_account(
    *, person: AbstractUser, actor: Any, full_name: str, email: str
) -> AbstractUser:
    """Set right the name and the address for mails.

    An address that somebody signs in with is his own to change: whoever set it could
    have the password sent to himself. Raises PermissionDenied and ValidationError.
    """
    with transaction.atomic():
        actor = take_turn(actor)
        person = lock_person(person)
        _ask(actor, person)
        before = [written_name(person), person.email]
        if before == [full_name, email]:
            return person
        if person.email != email and not may_set_email(actor, person):
            raise ValidationError(
                {"email": _("The person uses this account: he changes it himself.")}
            )
        person.last_name, person.first_name = name_parts(full_name)
        person.email = email
        person.full_clean(exclude=["password"])
        ask_free_email(email, but=person)
        person.save(update_fields=["last_name", "first_name", "email"])
        data = {"before": before, "after": [written_name(person), email]}
        log(instance=person, action=CORRECTED, user=actor, data=data)
        tell_shown_changed()
    return person


def may_set_email(actor: Any, person: AbstractUser) -> bool:
    """Whether the address is the actor's to set, of an account he handles."""
    unused = not person.email or not person.has_usable_password()
    return unused or actor is None or actor.is_superuser


def ask_free_email(email: str, but: AbstractUser | None = None) -> None:
    """Raise ValidationError where another account has the address."""
    if not email:
        return
    others = get_user_model()._default_manager.filter(email__iexact=email)
    if but:
        others = others.exclude(pk=but.pk)
    if other := others.first():
        raise ValidationError(
            {"email": _("“%s” has this address.") % written_name(other)}
        )


def close_account(*, person: AbstractUser, actor: Any, reason: str = "") -> None:
    """Close the account of somebody who has left. What he did stays his.

    His roles rest with it. Raises PermissionDenied, and ValidationError where it is
    closed already.
    """
    with transaction.atomic():
        actor = take_turn(actor)
        person = lock_person(person)
        _ask(actor, person)
        if not person.is_active:
            raise ValidationError(_("This account is closed already."))
        switch_account(person, actor, active=False, reason=reason)


def open_account(*, person: AbstractUser, actor: Any, reason: str = "") -> None:
    """Open a closed account again, with the roles that still hold.

    Raises PermissionDenied, and ValidationError where it is open.
    """
    with transaction.atomic():
        actor = take_turn(actor)
        person = lock_person(person)
        _ask(actor, person)
        if person.is_active:
            raise ValidationError(_("This account is open."))
        switch_account(person, actor, active=True, reason=reason)


def _ask(actor: Any, person: AbstractUser) -> None:
    if actor is not None and not may_handle_account(actor, person):
        raise PermissionDenied


def switch_account(
    person: AbstractUser, actor: Any, *, active: bool, reason: str = ""
) -> None:
    """Open or close the account. Whether the actor may has been asked."""
    person.is_active = active
    person.save(update_fields=["is_active"])
    follow_switch(person=person, actor=actor, reason=reason)


def follow_switch(*, person: AbstractUser, actor: Any, reason: str = "") -> None:
    """Let the rights follow an account that has been opened or closed, and record it:
    in its history and in those of the person's units."""
    active = person.is_active
    with transaction.atomic():
        sync_access(users=[person])
        action = OPENED if active else CLOSED
        log(instance=person, action=action, user=actor, data={"reason": reason})
        rows = Membership.objects.not_over().filter(user=person.pk)
        for row in rows.select_related("unit"):
            why = _("account opened") if active else _("account closed")
            record_right_change(
                action=GIVEN if active else TAKEN,
                actor=actor,
                target=row.unit,
                holder=person,
                rights=rights_of(row),
                starts_on=row.starts_on if active else None,
                ends_on=row.ends_on if active else None,
                reason=reason or why,
            )
        tell_shown_changed()


def rights_of(membership: Membership) -> list[str]:
    """What the record of changes calls what the membership gives."""
    managing = [MANAGE_STAFF] if membership.manages_staff else []
    return [membership.role, *managing]
