"""Giving and taking rights on one page, and looking at it as somebody else."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter, log
from wagtail.models import Page

from plans.actions.right_changes import (
    GIVEN,
    RIGHT_NAMES,
    TAKEN,
    record_right_change,
)
from plans.models import (
    PageGroupGrant,
    PageUnitGrant,
    PageUserGrant,
    Unit,
    UnitGroupGrant,
    UnitUnitGrant,
    UnitUserGrant,
)
from plans.models.grants import Origin, grant_content_type
from plans.models.memberships import written_name
from plans.permissions import VERBS, may_see_rights, rights_to_give
from plans.permissions.page_rights import holding_of

TRIED = "plans.right.try"


class TriedFormatter(LogFormatter):
    """Shows in the page's history as whom somebody looked at it."""

    label = gettext_lazy("Look at a page as somebody else")  # type: ignore[assignment]

    def format_message(self, log_entry: Any) -> str:
        return _("Looked at the page as %(person)s") % log_entry.data


Holder = AbstractUser | Unit | Group

# For each kind of holder the table of rights on pages and the one of rights on units,
# and the field of both that names him.
_TABLES: tuple[tuple[type[Any], Any, Any, str], ...] = (
    (AbstractUser, PageUserGrant, UnitUserGrant, "user"),
    (Unit, PageUnitGrant, UnitUnitGrant, "unit"),
    (Group, PageGroupGrant, UnitGroupGrant, "group"),
)


def give_rights(
    *,
    page: Page,
    holder: AbstractUser | Unit,
    rights: Collection[str],
    user: AbstractUser,
    reason: str,
    ends_on: date | None = None,
) -> None:
    """Give a person, or everybody of a unit, rights on the page, until the last day.

    `rights` are keys of `rights_to_give`; what is a verb is given on the page's unit.
    What the holder was given by hand before gets the new day and reason.

    Raises PermissionDenied where the user may not give one of them; ValidationError
    where a term of it is not right.
    """
    with transaction.atomic():
        page, giver = _locked(page), _as_of_now(user)
        givable = _ask(giver, page, rights)
        _check_holder(holder, giver)
        _check_terms(reason, ends_on)
        _check_end(givable, page, giver, rights, ends_on)
        for right in rights:
            table, terms = _grant(page, holder, right)
            table.objects.update_or_create(
                **terms,
                defaults={"starts_on": None, "ends_on": ends_on, "reason": reason},
            )
        _record(GIVEN, page, holder, rights, user, ends_on=ends_on, reason=reason)


def take_rights(
    *,
    page: Page,
    holder: Holder,
    rights: Collection[str],
    user: AbstractUser,
    reason: str,
) -> None:
    """Take away rights that the holder was given by hand on this very page.

    Raises PermissionDenied where the user may not take one of them; ValidationError
    where a right comes from elsewhere, which its message says.
    """
    with transaction.atomic():
        page, taker = _locked(page), _as_of_now(user)
        _ask(taker, page, rights)
        _check_terms(reason)
        holding = holding_of(holder, page)
        for right in rights:
            table, terms = _grant(page, holder, right)
            if not table.objects.filter(**terms).delete()[0]:
                raise ValidationError(_where_from(right, holding.rights.get(right, [])))
        _record(TAKEN, page, holder, rights, user, reason=reason)


def try_page_as(*, page: Page, person: AbstractUser, user: AbstractUser) -> None:
    """Write down that the user looks at the page as the person would.

    Raises PermissionDenied where he may not see what others may do with it.
    """
    if not may_see_rights(user, page):
        raise PermissionDenied
    data = {"person": written_name(person), "person_id": person.pk}
    log(instance=page, action=TRIED, user=user, data=data)


def _locked(page: Page) -> Page:
    """The page as it is now, its row held until the transaction ends: rights on one
    page are given and taken in turns."""
    Page.objects.select_for_update(no_key=True).get(pk=page.pk)
    return Page.objects.get(pk=page.pk).specific


def _as_of_now(user: AbstractUser) -> AbstractUser:
    """The person as the database has him: his rights may have ended meanwhile."""
    fresh = get_user_model()._default_manager.filter(pk=user.pk).first()
    if fresh is None:
        raise PermissionDenied
    return fresh


def _ask(
    user: AbstractUser, page: Page, rights: Collection[str]
) -> dict[str, list[str]]:
    givable = rights_to_give(user, page)
    if not rights or not set(rights) <= givable.keys():
        raise PermissionDenied
    return givable


def _check_holder(holder: AbstractUser | Unit, giver: AbstractUser) -> None:
    if isinstance(holder, Unit):
        if not Unit.objects.current().filter(pk=holder.pk).exists():
            raise ValidationError(_("This unit is no longer in force."))
    elif not holder.is_active:
        raise ValidationError(_("This account is closed."))
    elif holder.pk == giver.pk:
        raise ValidationError(_("Nobody gives himself a right."))


def _check_terms(reason: str, ends_on: date | None = None) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    if ends_on and ends_on < timezone.localdate():
        raise ValidationError({"ends_on": _("This day has passed.")})


def _check_end(
    givable: dict[str, list[str]],
    page: Page,
    giver: AbstractUser,
    rights: Collection[str],
    ends_on: date | None,
) -> None:
    """Nobody gives a right for longer than he holds it."""
    if giver.is_superuser:
        return
    holding = holding_of(giver, page)
    for right in rights:
        last = holding.until(right, givable[right])
        if last and (ends_on is None or ends_on > last):
            text = _("You hold “%(right)s” until %(day)s: give it until then at most.")
            terms = {"right": RIGHT_NAMES[right], "day": date_format(last)}
            raise ValidationError({"ends_on": text % terms})


def _grant(page: Any, holder: Holder, right: str) -> tuple[Any, dict[str, Any]]:
    """The table of the grant, and what makes it this one."""
    on_page, on_unit, field = next(
        (pages, units, name)
        for kind, pages, units, name in _TABLES
        if isinstance(holder, kind)
    )
    of_unit = right in VERBS
    model: type[Any] = Unit if of_unit else Page
    target = page.unit if of_unit else Page(pk=page.pk)
    permission = Permission.objects.get(
        content_type=grant_content_type(model),
        codename=right if of_unit else f"{right}_page",
    )
    return (on_unit if of_unit else on_page), {
        field: holder,
        "content_object": target,
        "permission": permission,
        "origin": Origin.GIVEN,
    }


def _record(
    action: str,
    page: Any,
    holder: Holder,
    rights: Collection[str],
    user: AbstractUser,
    **terms: Any,
) -> None:
    """In the page's history; what is a right on its unit in the unit's."""
    verbs = {right for right in rights if right in VERBS}
    for some, on_unit in ((set(rights) - verbs, False), (verbs, True)):
        if some:
            record_right_change(
                action=action,
                actor=user,
                target=page.unit if on_unit else page,
                holder=holder,
                rights=some,
                **terms,
            )


def _where_from(right: str, reasons: Collection[Any]) -> str:
    """Why the right cannot be taken away on this page."""
    name = RIGHT_NAMES[right]
    if not reasons:
        return _("“%(right)s” is not held there any more.") % {"right": name}
    sources = "; ".join(
        f"{reason.text} ({reason.place.name})" if reason.place else reason.text
        for reason in reasons
    )
    text = _("“%(right)s” was not given on this page. It comes from: %(sources)s.")
    return text % {"right": name, "sources": sources}
