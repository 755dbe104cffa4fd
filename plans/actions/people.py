"""The people of a unit: who comes, in which role and until when, and who leaves."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from plans.actions.access import lock_units
from plans.actions.accounts import (
    lock_person,
    make_account,
    rights_of,
    switch_account,
    take_turn,
)
from plans.actions.invitations import ask_password
from plans.actions.right_changes import GIVEN, TAKEN, record_right_change
from plans.models import Membership, Unit
from plans.models.memberships import written_name
from plans.permissions import may_change_membership, may_give, may_handle_account
from plans.text import fold


@dataclass(frozen=True)
class Terms:
    """What a membership says, beside who and where."""

    role: str
    starts_on: date | None = None
    ends_on: date | None = None
    manages_staff: bool = False

    @classmethod
    def of(cls, membership: Membership) -> "Terms":
        return cls(
            membership.role,
            membership.starts_on,
            membership.ends_on,
            membership.manages_staff,
        )


@dataclass(frozen=True)
class Added:
    """A person who was added; whether his account was made with it."""

    person: AbstractUser
    membership: Membership
    is_new: bool


def add_person(
    *,
    unit: Unit,
    actor: Any,
    full_name: str,
    terms: Terms,
    email: str = "",
    username: str = "",
    reason: str = "",
) -> Added:
    """Give a person a role in the unit: one who has an account, by its address or user
    name, or a new one, who is asked to choose a password.

    Raises PermissionDenied, and ValidationError by the names of these arguments.
    """
    with transaction.atomic():
        actor = take_turn(actor)
        _ask_to_give(actor, unit, terms)
        person = find_person(email=email, username=username)
        if person is not None:
            ask_same_name(person, full_name)
        else:
            _ask_no_namesake(unit, full_name, known=bool(email or username))
        is_new = person is None
        if person is None:
            person = make_account(full_name=full_name, email=email, username=username)
        membership = _give(person, unit, terms, actor, reason)
        if is_new:
            ask_password(people=[person])
    return Added(person, membership, is_new)


def find_person(*, email: str = "", username: str = "") -> AbstractUser | None:
    """Whose account has this address, or this user name. Raises ValidationError where
    they are of two people, or several have the address."""
    people = get_user_model()._default_manager
    named = people.filter(username__iexact=username).first() if username else None
    mailed = list(people.filter(email__iexact=email)[:2]) if email else []
    if len(mailed) > 1 and named not in mailed:
        text = _("Several accounts have this address: give the user name.")
        raise ValidationError({"email": text})
    if named and mailed and named not in mailed:
        text = _("“%s” has this address.") % written_name(mailed[0])
        raise ValidationError({"email": text})
    return named or (mailed[0] if mailed else None)


def ask_same_name(person: AbstractUser, full_name: str) -> None:
    """Raise ValidationError where the account found is another's by its name."""
    if fold(full_name) != fold(written_name(person)):
        text = _("This account is of “%(name)s” (%(username)s). Is it the same person?")
        values = {"name": written_name(person), "username": person.get_username()}
        raise ValidationError({"full_name": text % values})


def _ask_no_namesake(unit: Unit, full_name: str, *, known: bool) -> None:
    if known:
        return
    rows = Membership.objects.not_over().filter(unit=unit).select_related("user")
    if any(fold(written_name(row.user)) == fold(full_name) for row in rows):
        text = _(
            "Somebody of this name is in the unit. If this is another person, give him"
            " a user name of his own."
        )
        raise ValidationError({"username": text})


def give_role(
    *,
    person: AbstractUser,
    unit: Unit,
    terms: Terms,
    actor: Any,
    reason: str = "",
) -> Membership:
    """Give a person who has an account a role in the unit.

    Raises PermissionDenied and ValidationError.
    """
    with transaction.atomic():
        actor = take_turn(actor)
        _ask_to_give(actor, unit, terms)
        return _give(person, unit, terms, actor, reason)


def _ask_to_give(actor: Any, unit: Unit, terms: Terms) -> None:
    if actor is not None and not may_give(
        actor, unit, terms.role, manages_staff=terms.manages_staff
    ):
        raise PermissionDenied


def _give(person: Any, unit: Unit, terms: Terms, actor: Any, reason: str) -> Membership:
    if actor is not None and person.pk == actor.pk and not actor.is_superuser:
        raise ValidationError(_("Nobody gives himself a role."))
    lock_units([unit])
    person = lock_person(person)
    if not person.is_active:
        raise ValidationError(
            _("The account of %s is closed. Whoever closed it can open it again.")
            % written_name(person)
        )
    if terms.ends_on and terms.ends_on < timezone.localdate():
        raise ValidationError({"ends_on": _("This day is past.")})
    row = Membership.objects.filter(user=person, unit=unit, role=terms.role).first()
    if row is None:
        row = Membership(user=person, unit=unit)
    elif row.state != "over":
        raise ValidationError(_("This person has this role there already."))
    return _save(row, terms, actor, reason)


def _save(row: Membership, terms: Terms, actor: Any, reason: str) -> Membership:
    for name, value in vars(terms).items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    _record(GIVEN, row, actor, reason, terms)
    return row


def _record(
    action: str, row: Membership, actor: Any, reason: str, terms: Terms | None = None
) -> None:
    record_right_change(
        action=action,
        actor=actor,
        target=row.unit,
        holder=row.user,
        rights=rights_of(row),
        starts_on=terms.starts_on if terms else None,
        ends_on=terms.ends_on if terms else None,
        reason=reason,
    )


def change_membership(
    *,
    membership: Membership,
    actor: Any,
    terms: Terms,
    seen: Terms | None = None,
    reason: str = "",
) -> Membership:
    """Change the role, its days, or whether the person manages people with it.

    `seen` is what the actor saw before: what somebody else changed since is not
    written over. Raises PermissionDenied and ValidationError.
    """
    with transaction.atomic():
        actor, row = _locked(membership, actor)
        if seen is not None and seen != Terms.of(row):
            raise ValidationError(
                _("Somebody else has just changed this. See how it stands now.")
            )
        if terms == Terms.of(row):
            return row
        _ask_to_give(actor, row.unit, terms)
        if (terms.role, terms.manages_staff) != (row.role, row.manages_staff):
            _record(TAKEN, row, actor, reason)
        return _save(row, terms, actor, reason)


def end_membership(
    *,
    membership: Membership,
    actor: Any,
    reason: str = "",
    close: bool = False,
) -> None:
    """End it at once: its rights no longer hold today. `close` the account with it.

    One that has not begun is taken out; the record of changes keeps it. An account is
    closed only with the last role. Raises PermissionDenied and ValidationError.
    """
    yesterday = timezone.localdate() - timedelta(days=1)
    with transaction.atomic():
        actor, row = _locked(membership, actor)
        if row.state == "over":
            raise ValidationError(_("This is over already."))
        if close:
            _ask_to_close(actor, row)
        _record(TAKEN, row, actor, reason)
        if row.starts_on and row.starts_on > yesterday:
            row.delete()
        else:
            row.ends_on = yesterday
            row.save(update_fields=["ends_on"])
        if close:
            switch_account(row.user, actor, active=False, reason=reason)


def _ask_to_close(actor: Any, row: Membership) -> None:
    if not is_last_role(row):
        raise ValidationError(_("The person has another role: the account stays open."))
    if actor is not None and not may_handle_account(actor, row.user):
        raise PermissionDenied


def _locked(
    membership: Membership, actor: Any
) -> tuple[AbstractUser | None, Membership]:
    """The actor, and the membership as it is now, which he may change."""
    actor = take_turn(actor)
    lock_units([membership.unit])
    lock_person(membership.user)
    rows = Membership.objects.select_related("user", "unit")
    row = rows.filter(pk=membership.pk).first()
    if row is None:
        raise ValidationError(_("This is over already."))
    if actor is not None and not may_change_membership(actor, row):
        raise PermissionDenied
    return actor, row


def is_last_role(membership: Membership) -> bool:
    """Whether the person has no other role that holds today or later."""
    others = Membership.objects.not_over().filter(user=membership.user_id)
    return not others.filter(~Q(pk=membership.pk)).exists()
