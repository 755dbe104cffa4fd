"""Opening congresses under a plan, and choosing pilots."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from plans.models import (
    Condition,
    ConditionCheck,
    CongressPage,
    DossierItem,
    DossierPage,
    LevelRule,
    PlanPage,
    Unit,
)
from plans.permissions import CHOOSE_PILOT, may, may_open_congresses
from plans.text import vietnamese_slug

from .access import sync_members
from .events import Kind, new_event, record_events
from .pages import add_pages

OPENED = "plans.congress.open"
PILOT_CHOSEN = "plans.congress.choose_pilot"


class CongressError(ValidationError):
    """A congress cannot be opened; the message says why, in the reader's language."""


@dataclass(frozen=True)
class Opening:
    """A congress to be opened.

    `pilot_of` is the unit whose pilot it is (its upper unit, whoever chose it), or
    None where it is no pilot.
    """

    unit: Unit
    pilot_of: Unit | None = None
    pilot_slot: int = 1
    selected_by: Unit | None = None
    selected_with: Unit | None = None
    selected_on: date | None = None


def open_congress(
    *,
    plan: PlanPage,
    unit: Unit,
    user: Any = None,
    pilot: bool = False,
    selected_by: Unit | None = None,
    selected_with: Unit | None = None,
) -> CongressPage:
    """Open the unit's congress under the plan: page, dossier with its papers, grants.

    A user of None is the system; anyone else needs the right to add pages to the plan.
    Raises PermissionDenied, and CongressError where the unit has one already, the plan
    has no rule for its level, or its upper unit has its pilots.
    """
    opening = Opening(
        unit=unit,
        pilot_of=(unit.parent or unit) if pilot else None,
        selected_by=selected_by,
        selected_with=selected_with,
    )
    return open_congresses(plan=plan, openings=[opening], user=user)[0]


def open_congresses(
    *, plan: PlanPage, openings: Sequence[Opening], user: Any = None
) -> list[CongressPage]:
    """Open several congresses in one transaction: all of them or none.

    Raises as `open_congress` does.
    """
    if user is not None and not may_open_congresses(user, plan):
        raise PermissionDenied
    return _open(plan=plan, openings=openings, user=user)


def open_named_pilots(*, plan: PlanPage, user: Any = None) -> list[CongressPage]:
    """Open the congresses of the pilots the plan names, where they are not open yet."""
    present = set(plan.congresses.values_list("unit", flat=True))
    slots = Counter(
        plan.congresses.filter(is_pilot=True).values_list("level", "pilot_of")
    )
    openings = []
    for rule in plan.level_rules.all():
        for pilot in rule.named_pilots.select_related("unit__parent"):
            unit = pilot.unit
            if unit.pk in present:
                continue
            # D1: the province chooses, together with the unit's upper unit where
            # that is another one.
            parent = unit.parent
            place = (unit.level_id, (parent or unit).pk)
            slots[place] += 1
            openings.append(
                Opening(
                    unit=unit,
                    pilot_of=parent or unit,
                    # The plan may name more than it asks an upper unit to choose.
                    pilot_slot=slots[place],
                    selected_by=plan.issuer,
                    selected_with=parent if parent != plan.issuer else None,
                    selected_on=plan.issued_on,
                )
            )
    return open_congresses(plan=plan, openings=openings, user=user)


def choose_pilot(
    *,
    plan: PlanPage,
    unit: Unit,
    user: Any,
    checks: Mapping[int, tuple[bool, str]],
) -> CongressPage:
    """Choose the unit as its upper unit's pilot, and open its congress.

    The upper unit decides, through a member of its board. `checks` holds for each
    condition of the plan, by its key, whether it is fulfilled and a note.

    Raises PermissionDenied for anyone else, and CongressError where a condition is
    unanswered or not fulfilled, or the upper unit has its pilots already.
    """
    parent = unit.parent
    if parent is None or not may(user, CHOOSE_PILOT, parent):
        raise PermissionDenied
    rule = _rule(plan, unit)
    if rule.pilots_per_parent is None:
        raise CongressError(_("The plan names the pilots of this level itself."))
    conditions = list(rule.conditions.all())
    _check_conditions(conditions, checks)
    taken = plan.congresses.filter(
        is_pilot=True, level=unit.level_id, pilot_of=parent
    ).values_list("pilot_slot", flat=True)
    free = set(range(1, rule.pilots_per_parent + 1)) - set(taken)
    if not free:
        raise CongressError(_("%s has chosen its pilot already.") % parent)
    opening = Opening(
        unit=unit,
        pilot_of=parent,
        pilot_slot=min(free),
        selected_by=parent,
        selected_on=timezone.localdate(),
    )
    with transaction.atomic():
        (congress,) = _open(plan=plan, openings=[opening], user=user)
        ConditionCheck.objects.bulk_create(
            ConditionCheck(
                congress=congress,
                condition=condition,
                text=condition.text,
                is_met=checks[condition.pk][0],
                note=checks[condition.pk][1],
                sort_order=number,
            )
            for number, condition in enumerate(conditions)
        )
        log(instance=congress, action=PILOT_CHOSEN, user=user)
    return congress


def follow_plan(*, plan: PlanPage) -> None:
    """Bring the congresses in step with the plan that was just published.

    The pilots it names are opened, and what was opened while it was a draft is
    published. Twice is the same as once.
    """
    if not plan.live or plan.derives_from_id:
        return
    open_named_pilots(plan=plan)
    for congress in plan.congresses.filter(live=False, first_published_at=None):
        congress.latest_revision.publish(skip_permission_checks=True)


def _check_conditions(
    conditions: Iterable[Condition], checks: Mapping[int, tuple[bool, str]]
) -> None:
    for condition in conditions:
        if condition.pk not in checks:
            raise CongressError(_("Not answered: %s") % condition)
        if not checks[condition.pk][0]:
            raise CongressError(_("Not fulfilled: %s") % condition)


def _rule(plan: PlanPage, unit: Unit) -> LevelRule:
    rule = plan.rule_for(unit)
    if rule is None:
        raise CongressError(
            _("The plan has no rule for the level of %s.") % unit.qualified_name
        )
    return rule


def _open(
    *, plan: PlanPage, openings: Sequence[Opening], user: Any
) -> list[CongressPage]:
    if not openings:
        return []
    if plan.derives_from_id:
        # Its issuer may edit what stands below its own plan.
        raise CongressError(_("Congresses stand under the plan this one is made from."))
    rules = {rule.level_id: rule for rule in plan.level_rules.all()}
    for opening in openings:
        if opening.unit.level_id not in rules:
            _rule(plan, opening.unit)
    try:
        with transaction.atomic():
            # The plan's row is the lock on its children's places.
            parent = Page.objects.select_for_update().get(pk=plan.pk)
            _refuse_second(plan, openings)
            congresses = _add_congresses(parent, plan, openings, rules, user)
            _add_dossiers(congresses, user)
            if plan.live:
                record_events(
                    new_event(
                        kind=Kind.CONGRESS_OPENED,
                        page=congress,
                        actor=user,
                        unit=congress.unit,
                    )
                    for congress in congresses
                )
            sync_members([opening.unit for opening in openings])
    except IntegrityError as error:
        raise CongressError(
            _("The pilot of this upper unit has been chosen in the meantime.")
        ) from error
    plan.numchild = parent.numchild
    return congresses


def _refuse_second(plan: PlanPage, openings: Sequence[Opening]) -> None:
    units = [opening.unit.pk for opening in openings]
    present = plan.congresses.filter(unit__in=units).select_related("unit__parent")
    for congress in present:
        raise CongressError(
            _("The congress of %s is open already.") % congress.unit.qualified_name
        )


def _add_congresses(
    parent: Page,
    plan: PlanPage,
    openings: Sequence[Opening],
    rules: Mapping[int, LevelRule],
    user: Any,
) -> list[CongressPage]:
    taken = set(parent.get_children().values_list("slug", flat=True))
    congresses = []
    for opening in openings:
        unit = opening.unit
        # The title is stored text: it is written in the site's language, not in
        # that of whoever opened it.
        with translation.override(settings.LANGUAGE_CODE):
            name = _("Pilot congress") if opening.pilot_of else _("Congress")
            title = f"{name} {unit.qualified_name}"
        congresses.append(
            CongressPage(
                title=title,
                slug=_free_slug(title, taken),
                plan=plan,
                unit=unit,
                level_id=unit.level_id,
                rule=rules[unit.level_id],
                is_pilot=opening.pilot_of is not None,
                pilot_of=opening.pilot_of,
                pilot_slot=opening.pilot_slot if opening.pilot_of else None,
                selected_by=opening.selected_by,
                selected_with=opening.selected_with,
                selected_on=opening.selected_on,
            )
        )
    add_pages(
        pairs=[(parent, congress) for congress in congresses],
        user=user,
        action=OPENED,
        live=plan.live,
    )
    return congresses


def _free_slug(title: str, taken: set[str]) -> str:
    base = slug = vietnamese_slug(title)
    number = 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _add_dossiers(congresses: Sequence[CongressPage], user: Any) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        title, slug = _("Dossier %s"), vietnamese_slug(_("Dossier"))
        record = _("Decision of the Party committee to pass the dossier")
    dossiers = [
        DossierPage(
            title=title % congress.unit.qualified_name,
            slug=slug,
            congress=congress,
            unit=congress.unit,
        )
        for congress in congresses
    ]
    add_pages(
        pairs=list(zip(congresses, dossiers, strict=True)),
        user=user,
        action=OPENED,
        live=False,
    )
    DossierItem.objects.bulk_create(
        item for dossier in dossiers for item in _expected_papers(dossier, record)
    )


def _expected_papers(dossier: DossierPage, record: str) -> list[DossierItem]:
    """What the plan asks for, and last the Party committee's record."""
    rule = dossier.congress.rule
    if rule is None:
        return []
    items = [
        DossierItem(
            dossier=dossier,
            requirement=requirement,
            title=requirement.title,
            holds_personal_data=requirement.holds_personal_data,
            may_be_absent=requirement.may_be_absent,
            sort_order=number,
        )
        for number, requirement in enumerate(rule.requirements.all())
    ]
    if rule.party_first:
        items.append(
            DossierItem(
                dossier=dossier,
                title=record,
                is_party_record=True,
                sort_order=len(items),
            )
        )
    return items
