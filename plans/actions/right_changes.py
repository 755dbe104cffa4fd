"""The record of every change of rights, and the word of it to the head of the unit.

Wagtail's log keeps it: the history of a page shows what was given there, and an entry
outlives the page, the person and the unit.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter, log, registry
from wagtail.models import Page

from plans.models import Membership, PlansPage, Role, Unit, UnitPage
from plans.models.memberships import written_name
from plans.permissions import MANAGE_STAFF

from .events import Kind, new_event, record_event, record_events
from .unit_log import log_units

GIVEN = "plans.right.give"
TAKEN = "plans.right.take"

RIGHT_NAMES = {
    **dict(Role.choices),
    "add": gettext_lazy("add pages below"),
    "change": gettext_lazy("edit"),
    "publish": gettext_lazy("publish"),
    "bulk_delete": gettext_lazy("delete with all below"),
    "lock": gettext_lazy("lock"),
    "unlock": gettext_lazy("unlock"),
    "attach": gettext_lazy("attach files"),
    "view_dossier": gettext_lazy("read dossiers"),
    "submit_dossier": gettext_lazy("submit dossiers"),
    "review_dossier": gettext_lazy("review dossiers"),
    "read_personal_data": gettext_lazy("read personal data"),
    "choose_pilot": gettext_lazy("choose pilots"),
    "issue_guidance": gettext_lazy("issue guidance"),
    MANAGE_STAFF: gettext_lazy("manage the unit's people"),
}
"""What a role, an action on a page, or a verb for a unit is called."""


def record_right_change(
    *,
    action: str,
    actor: AbstractUser | None,
    target: Page | Unit,
    holder: AbstractUser | Group | Unit,
    rights: Iterable[str],
    starts_on: date | None = None,
    ends_on: date | None = None,
    reason: str = "",
    tell: bool = True,
) -> Any:
    """Log rights on a page, or roles or rights in a unit, given or taken.

    The head of the unit is told.

    `action` is GIVEN or TAKEN, `rights` are keys of RIGHT_NAMES. `actor` is None when
    the system acts. Call it inside the transaction that makes the change: the mail
    goes out after its commit. Returns the entry; without `tell` the caller hands it to
    `tell_heads`, with others.
    """
    data = _data(holder, rights, starts_on, ends_on, reason)
    entry = log(instance=target, action=action, user=actor, data=data)
    _tell_holder(entry, target, holder)
    if tell:
        tell_heads([(target, entry)])
    return entry


def _data(
    holder: AbstractUser | Group | Unit,
    rights: Iterable[str],
    starts_on: date | None,
    ends_on: date | None,
    reason: str,
) -> dict[str, Any]:
    return {
        "holder": _name_of(holder),
        "holder_id": holder.pk,
        "holder_is_group": isinstance(holder, Group),
        "holder_is_unit": isinstance(holder, Unit),
        "rights": sorted(rights),
        "starts_on": starts_on.isoformat() if starts_on else None,
        "ends_on": ends_on.isoformat() if ends_on else None,
        "reason": reason,
    }


def record_roles_given(
    *, memberships: Iterable[tuple[Membership, str]], actor: Any
) -> None:
    """Log roles that begin together, each with its reason, as `record_right_change`
    does one; in the same number of statements however many they are."""
    given = list(memberships)
    entries = log_units(
        entries=[
            (
                row.unit,
                _data(row.user, [row.role], row.starts_on, row.ends_on, reason),
            )
            for row, reason in given
        ],
        user=actor,
        action=GIVEN,
    )
    units = {row.unit.pk for row, _reason in given}
    pages = {page.unit_id: page for page in UnitPage.objects.filter(unit__in=units)}
    record_events(
        new_event(
            kind=Kind.RIGHT_GIVEN,
            page=pages[row.unit.pk],
            unit=row.unit,
            actor=actor,
            data={"people": [row.user.pk], "rights": [row.role]},
        )
        for row, _reason in given
        if row.unit.pk in pages
    )
    units_told = [row.unit for row, _reason in given]
    tell_heads(list(zip(units_told, entries, strict=True)))


Change = tuple[Page | Unit, Any]
"""What rights were given or taken on, and the log entry that says so."""


def tell_heads(changes: list[Change]) -> None:
    """Tell the heads of the units of these changes, which one person made together.

    After the commit; one mail for each head.
    """
    if not changes:
        return
    transaction.on_commit(lambda: _tell_heads(changes), robust=True)


def _name_of(holder: AbstractUser | Group | Unit) -> str:
    if isinstance(holder, Unit):
        return holder.qualified_name
    return holder.name if isinstance(holder, Group) else written_name(holder)


def describe(entry: Any) -> str:
    """The log entry as one sentence, in the language that is active."""
    names = [str(RIGHT_NAMES.get(right, right)) for right in entry.data["rights"]]
    text = _("Gave %(holder)s: %(rights)s")
    if entry.action == TAKEN:
        text = _("Took from %(holder)s: %(rights)s")
    holder = entry.data["holder"]
    if entry.data.get("holder_is_unit"):
        holder = _("everybody of %(unit)s") % {"unit": holder}
    text %= {"holder": holder, "rights": ", ".join(names)}
    if entry.data.get("starts_on"):
        day = date_format(date.fromisoformat(entry.data["starts_on"]))
        text += _(", from %(day)s") % {"day": day}
    if entry.data["ends_on"]:
        day = date_format(date.fromisoformat(entry.data["ends_on"]))
        text += _(", until %(day)s") % {"day": day}
    if entry.data["reason"]:
        text += f" ({entry.data['reason']})"
    return text


class RightGivenFormatter(LogFormatter):
    """How Wagtail's history and reports show these entries."""

    label = gettext_lazy("Give a right")  # type: ignore[assignment]

    def format_message(self, log_entry: Any) -> str:
        return describe(log_entry)


class RightTakenFormatter(RightGivenFormatter):
    label = gettext_lazy("Take a right")


def heads_of(unit: Unit) -> QuerySet[AbstractUser]:
    """The active heads of the unit; where it has none, of the nearest unit above."""
    heads = Membership.objects.current().filter(role=Role.HEAD, user__is_active=True)
    nearest = (
        heads.filter(unit__path__in=unit.lineage)
        .order_by("-unit__path")
        .values("unit")[:1]
    )
    users = heads.filter(unit__in=list(nearest.values_list("unit", flat=True)))
    return get_user_model()._default_manager.filter(pk__in=users.values("user"))


def _tell_holder(
    entry: Any, target: Page | Unit, holder: AbstractUser | Group | Unit
) -> None:
    page = target if isinstance(target, Page) else getattr(target, "page", None)
    people = []
    if isinstance(holder, AbstractUser):
        people = [holder.pk]
    elif isinstance(holder, Unit):
        members = holder.memberships.current().order_by().values_list("user", flat=True)
        people = list(members.distinct())
    if page is not None and people:
        record_event(
            kind=Kind.RIGHT_GIVEN if entry.action == GIVEN else Kind.RIGHT_TAKEN,
            page=page,
            actor=entry.user,
            data={"people": people, "rights": entry.data["rights"]},
        )


def _tell_heads(changes: list[Change]) -> None:
    actor = changes[0][1].user
    told: dict[str, list[Change]] = {}
    addresses: dict[Page | Unit, list[str]] = {}
    for target, entry in changes:
        if target not in addresses:
            addresses[target] = _addresses(target, but=actor)
        for address in addresses[target]:
            told.setdefault(address, []).append((target, entry))
    for address, own in told.items():
        _tell(address, own, written_name(actor) if actor else "")


def _addresses(target: Page | Unit, but: AbstractUser | None) -> list[str]:
    unit = target if isinstance(target, Unit) else _unit_of(target)
    if unit is None:
        return []
    heads = heads_of(unit).exclude(email="")
    if but:
        heads = heads.exclude(pk=but.pk)
    return list(heads.values_list("email", flat=True))


def _tell(address: str, changes: list[Change], actor: str) -> None:
    targets = list(dict.fromkeys(str(target) for target, _entry in changes))
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string(
            "plans/mail/right_changed.txt",
            {
                "at": changes[-1][1].timestamp,
                "targets": targets,
                "actor": actor,
                "changes": [(target, describe(entry)) for target, entry in changes],
            },
        )
        subject = _("Rights changed: %(target)s") % {"target": targets[0]}
        if len(targets) > 1:
            subject = _("Rights changed in %(count)s places") % {"count": len(targets)}
    send_mail(subject, text, None, [address])


def _unit_of(page: Page) -> Unit | None:
    specific = page.specific
    return specific.own_unit if isinstance(specific, PlansPage) else None


def log_entries(target: Page | Unit) -> QuerySet[Any]:
    """The recorded changes of rights on the page, or of roles in the unit."""
    return registry.get_logs_for_instance(target).filter(action__in=(GIVEN, TAKEN))
