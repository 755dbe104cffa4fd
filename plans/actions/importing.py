"""Taking an issued paper in: its page, its rules, its pilots' congresses."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.models import Page, PageLogEntry

from plans.importing.citations import linked_plans
from plans.importing.drafting import draft_plan
from plans.importing.lookup import PlanReading, read_plan
from plans.models import CongressPage, PlanIndexPage, PlanPage, Unit
from plans.permissions import PagePolicy

from .access import sync_members


class PaperImportError(ValidationError):
    """A paper is not taken in; the message says why, in the reader's language."""


@dataclass(frozen=True)
class PaperImport:
    """What an import did. `created` is False where the paper was here already."""

    reading: PlanReading
    plan: PlanPage
    created: bool
    congresses: list[CongressPage] = field(default_factory=list)


def import_paper(
    *,
    data: bytes,
    file_name: str = "",
    issuer_code: str = "",
    user: Any = None,
    publish: bool = False,
) -> PaperImport:
    """Make a plan page of the paper, in its issuer's plan index.

    An issuer without an index of its own has it under the plan, of a unit above,
    that the paper cites. With `publish` the page goes live and the congresses of the
    pilots that the paper names are opened; a draft opens none, since its rules are
    still to be checked. The same text again changes nothing. A user of None is the
    system.

    Raises PaperReadingError where the file cannot be read, PermissionDenied, and
    PaperImportError where the issuer or a place for the page is not known, the number
    is taken, or a paper without number or date is to be published.
    """
    reading = read_plan(data=data, issuer_code=issuer_code)
    issuer = _issuer(reading)
    if publish:
        _refuse_unissued(reading)
    with transaction.atomic():
        parent = _parent(reading, issuer)
        _check_rights(parent, user, publish)
        # The lock makes a second import of the paper wait for the first.
        parent = Page.objects.select_for_update().get(pk=parent.pk)
        present = PlanPage.objects.filter(
            issuer=issuer, source_digest=reading.digest
        ).first()
        if present:
            return PaperImport(reading, present, created=False)
        plan = _add(draft_plan(reading=reading, issuer=issuer), parent, user, file_name)
        if plan.derives_from_id:
            sync_members([issuer])
        congresses = []
        if publish:
            plan.latest_revision.publish(user=user, skip_permission_checks=True)
            plan.refresh_from_db()
            # Publishing opened the congresses of the pilots the paper names.
            congresses = list(plan.congresses.all())
    return PaperImport(reading, plan, created=True, congresses=congresses)


def _issuer(reading: PlanReading) -> Unit:
    if reading.rules.issuer is None:
        raise PaperImportError(
            _("Who issued the paper is not certain: give the unit's code.")
        )
    units = Unit.objects.on(reading.day).select_related("level")
    return units.get(code=reading.rules.issuer.code)


def _refuse_unissued(reading: PlanReading) -> None:
    header = reading.paper.header
    if header.number is None or not (header.issued and header.issued.as_date()):
        raise PaperImportError(
            _("A paper without its number or date is not issued: import it as a draft.")
        )


def _parent(reading: PlanReading, issuer: Unit) -> Page:
    """The issuer's plan index or else the plan, of a unit above, that it cites."""
    # An old paper of a unit that has ended belongs where its heir's papers are.
    indexes = PlanIndexPage.objects.filter(Q(unit=issuer) | Q(unit=issuer.heir_id))
    index = indexes.exclude(unit=None).order_by("path").first()
    if index:
        return index
    cited = linked_plans(reading.paper.bases, issuer=issuer, units=reading.units)
    for plan in cited.values():
        if plan.issuer_id != issuer.pk:
            return plan
    raise PaperImportError(
        _("%(unit)s has no plan index, and the paper cites no plan on this site.")
        % {"unit": issuer}
    )


def _check_rights(parent: Page, user: Any, publish: bool) -> None:
    if user is None:
        return
    policy = PagePolicy()
    for action in ("add", "publish") if publish else ("add",):
        if not policy.user_has_permission_for_instance(user, action, parent):
            raise PermissionDenied


def _add(draft: PlanPage, parent: Page, user: Any, file_name: str) -> PlanPage:
    """Save the draft under the parent; the page as the database holds it."""
    draft.owner = user
    source = parent.specific
    # With rules of its own it bears congresses, which its issuer may not edit.
    if isinstance(source, PlanPage) and not draft.level_rules.all():
        draft.derives_from = source
    try:
        parent.add_child(instance=draft)
    except ValidationError as error:
        raise PaperImportError(error.messages) from error
    draft.save_revision(user=user)
    # Wagtail has written the first entry of the page's history by itself.
    PageLogEntry.objects.filter(page=draft.pk, action="wagtail.create").update(
        data={"imported_from": file_name}
    )
    return PlanPage.objects.get(pk=draft.pk)
