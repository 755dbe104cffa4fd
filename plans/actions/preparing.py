"""Preparing a congress: its days and venue, programme, guests and delegates."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from plans.models import (
    CongressPage,
    DelegateSummary,
    GuestGroup,
    ProgrammeItem,
)
from plans.models.congresses import under_review_message
from plans.models.shown import tell_shown_changed
from plans.models.submissions import fingerprint

from .submissions import lock_dossier

DAYS_SET = "plans.congress.set_days"
PROGRAMME_SET = "plans.congress.set_programme"
GUESTS_SET = "plans.congress.set_guests"
DELEGATES_SET = "plans.congress.set_delegates"


class ChangedMeanwhileError(ValidationError):
    """Somebody else has written since the person read what he changes."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else has changed this meanwhile. What you entered is below:"
                " compare it with the congress's page, and save again."
            )
        )


def seen(congress: CongressPage, part: str) -> str:
    """What a person sees of a part of the congress, as a sum: whoever changes it hands
    that back, so that nobody overwrites what he has not seen.

    `part` is "days", "programme", "guests" or "delegates".
    """
    return fingerprint(PARTS[part](congress))


def set_days(
    *,
    congress: CongressPage,
    user: Any,
    starts_on: date | None,
    ends_on: date | None,
    venue: str,
    seen_before: str | None = None,
) -> CongressPage:
    """Set the days and the venue, and publish them where the page is published.

    What somebody is writing on the page's draft stays a draft.

    Raises PermissionDenied; ValidationError where the plan's rule refuses the days, the
    dossier is under review, or somebody else was faster.
    """
    values = {"starts_on": starts_on, "ends_on": ends_on, "venue": venue}
    with transaction.atomic():
        congress = _lock(congress, user, "days", seen_before)
        before = {name: getattr(congress, name) for name in values}
        if values == before:
            return congress
        draft = congress.get_latest_revision_as_object()
        is_drafted = congress.live and congress.has_unpublished_changes
        if congress.live:
            _write(congress, values, user).publish(
                user=user, log_action=False, skip_permission_checks=True
            )
        if is_drafted or not congress.live:
            _write(draft, values, user)
        log(
            instance=congress,
            action=DAYS_SET,
            user=user,
            content_changed=True,
            data={name: str(value or "") for name, value in values.items()},
        )
    return CongressPage.objects.get(pk=congress.pk)


def _write(page: CongressPage, values: dict[str, Any], user: Any) -> Any:
    """The page with the values as a revision."""
    for name, value in values.items():
        setattr(page, name, value)
    page.full_clean()
    return page.save_revision(user=user, log_action=False, clean=False)


def set_programme(
    *,
    congress: CongressPage,
    user: Any,
    items: Sequence[ProgrammeItem],
    seen_before: str | None = None,
) -> None:
    """Put these items in the place of the programme; none empties it.

    Raises PermissionDenied; ValidationError where an item is not valid, the dossier is
    under review, or somebody else was faster.
    """
    with transaction.atomic():
        congress = _lock(congress, user, "programme", seen_before)
        _replace(congress.programme, congress, items)
        _tell(congress, user, PROGRAMME_SET, len(items))


def set_guests(
    *,
    congress: CongressPage,
    user: Any,
    groups: Sequence[GuestGroup],
    seen_before: str | None = None,
) -> None:
    """Put these groups in the place of the unit's own guests, in their order.

    Raises as `set_programme` does.
    """
    for number, group in enumerate(groups):
        group.sort_order = number
    names = {group.name.casefold() for group in groups}
    if len(names) < len(groups):
        raise ValidationError(_("A group stands in the list twice."))
    with transaction.atomic():
        congress = _lock(congress, user, "guests", seen_before)
        _replace(congress.guests, congress, groups)
        _tell(congress, user, GUESTS_SET, len(groups))


def set_delegates(
    *,
    congress: CongressPage,
    user: Any,
    summary: DelegateSummary,
    seen_before: str | None = None,
) -> DelegateSummary:
    """Keep the totals of delegates in the place of the former ones.

    Raises as `set_programme` does; the error names the fields that cannot be.
    """
    with transaction.atomic():
        congress = _lock(congress, user, "delegates", seen_before)
        former = DelegateSummary.objects.filter(congress=congress).first()
        summary.congress = congress
        summary.pk = former.pk if former else None
        summary.full_clean()
        summary.save()
        _tell(congress, user, DELEGATES_SET)
    return summary


def _lock(
    congress: CongressPage, user: Any, part: str, seen_before: str | None
) -> CongressPage:
    """The congress as it is now, held by its dossier's row, for who may prepare it."""
    if not congress.permissions_for_user(user).can_prepare():
        raise PermissionDenied
    lock_dossier(congress.dossier)
    congress = CongressPage.objects.select_related("rule", "unit", "dossier").get(
        pk=congress.pk
    )
    if congress.is_under_review:
        raise ValidationError(under_review_message())
    if seen_before is not None and seen_before != seen(congress, part):
        raise ChangedMeanwhileError
    return congress


def _replace(former: Any, congress: CongressPage, rows: Iterable[models.Model]) -> None:
    rows = list(rows)
    for row in rows:
        row.congress = congress  # type: ignore[attr-defined]
        row.clean_fields(exclude=["congress"])
        row.clean()
    former.all().delete()
    former.bulk_create(rows)


def _tell(
    congress: CongressPage, user: Any, action: str, number: int | None = None
) -> None:
    """Write it into the page's history; how few are what is not told there."""
    data = {} if number is None else {"number": number}
    log(instance=congress, action=action, user=user, data=data)
    tell_shown_changed()


def _rows(rows: Any, *fields: str) -> list[Any]:
    return [[str(value) for value in row] for row in rows.values_list(*fields)]


PARTS: dict[str, Callable[[CongressPage], Any]] = {
    "days": lambda page: [str(page.starts_on), str(page.ends_on), page.venue],
    "programme": lambda page: _rows(
        page.programme, "day", "starts_at", "ends_at", "content", "who"
    ),
    "guests": lambda page: _rows(page.guests, "name", "number", "names"),
    "delegates": lambda page: _rows(
        DelegateSummary.objects.filter(congress=page),
        *(field.attname for field in DelegateSummary._meta.concrete_fields),
    ),
}
"""What there is to see of each part."""
