"""A unit's own plan, made from that of a unit above; and its report to the Party."""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from plans.models import Basis, PartyReport, PlanPage, Recipient, Unit
from plans.models.memberships import written_name
from plans.permissions import units_to_derive_for
from plans.text import vietnamese_slug

from .access import sync_members
from .heads import issuer_lines, place_of

DERIVED = "plans.plan.derive"
REPORTED = "plans.plan.report_to_party"


def derive_plan(*, plan: PlanPage, unit: Unit, user: Any) -> PlanPage:
    """Make the draft of the unit's own plan, under the plan it is made from.

    Head, bases and term are filled in; the paragraphs are those of the plan, with their
    keys, to be put in the unit's own terms. Where the unit has such a plan already that
    one is returned. Raises PermissionDenied.
    """
    if not units_to_derive_for(user, plan).filter(pk=unit.pk).exists():
        raise PermissionDenied
    with transaction.atomic():
        parent = Page.objects.select_for_update().get(pk=plan.pk)
        present = plan.derived_plans.filter(issuer=unit).first()
        if present:
            return present
        # What is stored is written in the site's language, not in the reader's.
        with translation.override(settings.LANGUAGE_CODE):
            draft = _draft(plan, unit)
        draft.owner = user
        parent.add_child(instance=draft)
        draft.save_revision(user=user)
        log(instance=draft, action=DERIVED, user=user, data={"from": plan.reference})
        sync_members([unit])
    return PlanPage.objects.get(pk=draft.pk)


def report_to_party(
    *, plan: PlanPage, user: Any, reported_on: date, reference: str, committee: str
) -> PartyReport:
    """Note that the unit has reported its plan to the Party committee of its level.

    Noted again it takes the place of what was noted before; the history keeps both.
    Raises PermissionDenied, and ValidationError for a day to come.
    """
    tester = plan.permissions_for_user(user)
    if not plan.derives_from_id or not tester.can_note_party_report():
        raise PermissionDenied
    if reported_on > timezone.localdate():
        raise ValidationError({"reported_on": _("The day is still to come.")})
    terms = {
        "reported_on": reported_on,
        "reference": reference,
        "committee": committee,
    }
    with transaction.atomic():
        Page.objects.select_for_update().get(pk=plan.pk)
        row, _created = PartyReport.objects.update_or_create(
            plan=plan,
            defaults={**terms, "user": user, "user_name": written_name(user)},
        )
        log(
            instance=plan,
            action=REPORTED,
            user=user,
            data=terms | {"reported_on": reported_on.isoformat()},
        )
    return row


def _draft(plan: PlanPage, unit: Unit) -> PlanPage:
    own_name = unit.name[:1].lower() + unit.name[1:]
    draft = PlanPage(
        title=_("%(title)s, %(unit)s") % {"title": plan.title, "unit": own_name},
        slug=_free_slug(plan, f"{plan.doc_type} {unit.name}"),
        derives_from=plan,
        issuer=unit,
        issuer_lines=issuer_lines(unit, like=plan),
        doc_type=plan.doc_type,
        symbol=plan.symbol,
        issued_place=place_of(unit),
        term_start=plan.term_start,
        term_end=plan.term_end,
        body=json.dumps(list(plan.body.raw_data)),
        signer_authority=plan.signer_authority,
        live=False,
    )
    draft.bases.add(_basis(plan))
    if plan.issuer:
        draft.recipients.add(
            Recipient(name=str(plan.issuer), purpose="để báo cáo", unit=plan.issuer)
        )
    return draft


def _basis(plan: PlanPage) -> Basis:
    """The plan as a paper cites it (Decree 30/2020, Appendix I)."""
    parts = [f"Căn cứ {plan.doc_type} số {plan.reference}"]
    if plan.issued_on:
        parts.append(f"ngày {plan.issued_on:%d/%m/%Y}")
    text = ", ".join(parts)
    if plan.issuer:
        text += f" của {plan.issuer}"
    return Basis(
        text=f"{text} về “{plan.title}”;",
        doc_type=plan.doc_type,
        reference=plan.reference,
        issued_on=plan.issued_on,
        issuer_name=str(plan.issuer or ""),
        linked_plan=plan,
    )


def _free_slug(plan: PlanPage, name: str) -> str:
    base = slug = vietnamese_slug(name)
    taken = set(plan.get_children().values_list("slug", flat=True))
    number = 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
