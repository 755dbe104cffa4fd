"""From what was read in a paper to a plan page, not yet saved."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from plans.models import (
    Basis,
    Condition,
    Level,
    LevelRule,
    NamedPilot,
    PlanPage,
    Recipient,
    Requirement,
    ReviewStep,
    Unit,
)

from .addressees import Addressee, find_addressee
from .citations import linked_plans
from .deriving import deriving_levels
from .dossiers import model_form_of
from .lookup import PlanReading
from .papers import Paper
from .rules import LevelRules


@dataclass(slots=True)
class Draft:
    """An unsaved plan page, with the rows it refers to and what did not fit.

    A text too long for its field stands whole in the page's closing text, so that
    no word of the paper is lost.
    """

    plan: PlanPage
    units: dict[str, Unit]
    levels: dict[str, Level]
    too_long: list[str] = field(default_factory=list)

    def fitted(self, text: str, model: type[Model], name: str) -> str:
        """The text, cut where the field has no room for it."""
        longest = getattr(model._meta.get_field(name), "max_length", None)
        if longest is None or len(text) <= longest:
            return text
        self.too_long.append(text)
        return f"{text[: longest - 1]}…"


def draft_plan(*, reading: PlanReading, issuer: Unit) -> PlanPage:
    """The page for the paper, with its bases, recipients and rules.

    How many queries that takes does not depend on the paper.
    """
    paper, rules = reading.paper, reading.rules
    addressees = [
        find_addressee(recipient.name, reading.units, rules.issuer)
        if rules.issuer
        else Addressee()
        for recipient in paper.recipients
    ]
    codes = {unit.code for level in rules.levels for unit in level.choice.pilots}
    codes |= {addressee.unit.code for addressee in addressees if addressee.unit}
    draft = Draft(
        plan=PlanPage(issuer=issuer, live=False, source_digest=reading.digest),
        units={
            unit.code: unit
            for unit in Unit.objects.on(reading.day).filter(code__in=codes)
        },
        levels={level.code: level for level in Level.objects.all()},
    )
    _fill_head(draft, reading)
    _add_bases(draft, reading, issuer)
    for place, addressee in enumerate(addressees):
        draft.plan.recipients.add(_recipient(draft, paper, place, addressee))
    for place, level_rules in enumerate(rules.levels):
        draft.plan.level_rules.add(_level_rule(draft, level_rules, place))
    derived_by = deriving_levels(paper, reading.units)
    draft.plan.derived_by = [draft.levels[code] for code in sorted(derived_by)]
    _fill_text(draft, paper)
    return draft.plan


def _fill_head(draft: Draft, reading: PlanReading) -> None:
    plan, header, signer = draft.plan, reading.paper.header, reading.paper.signer
    issued = header.issued
    plan.title = draft.fitted(reading.paper.title, PlanPage, "title")
    plan.issuer_lines = "\n".join(header.issuer)
    plan.doc_type = draft.fitted(header.doc_type, PlanPage, "doc_type")
    plan.number = header.number
    plan.symbol = draft.fitted(header.symbol, PlanPage, "symbol")
    plan.issued_place = draft.fitted(header.place, PlanPage, "issued_place")
    plan.issued_on = issued.as_date() if issued else None
    if reading.rules.term:
        plan.term_start, plan.term_end = reading.rules.term
    plan.signer_authority = draft.fitted(signer.authority, PlanPage, "signer_authority")
    plan.signer_title = draft.fitted(signer.title, PlanPage, "signer_title")
    plan.signer_name = draft.fitted(signer.name, PlanPage, "signer_name")


def _add_bases(draft: Draft, reading: PlanReading, issuer: Unit) -> None:
    bases = reading.paper.bases
    linked = linked_plans(bases, issuer=issuer, units=reading.units)
    for place, basis in enumerate(bases):
        draft.plan.bases.add(
            Basis(
                text=basis.printed,
                doc_type=basis.cites.doc_type,
                reference=draft.fitted(basis.cites.printed, Basis, "reference"),
                issued_on=basis.cites.issued,
                issuer_name=draft.fitted(basis.cites.issuer, Basis, "issuer_name"),
                linked_plan=linked.get(place),
                sort_order=place,
            )
        )


def _recipient(
    draft: Draft, paper: Paper, place: int, addressee: Addressee
) -> Recipient:
    recipient = paper.recipients[place]
    return Recipient(
        name=draft.fitted(recipient.name, Recipient, "name"),
        purpose=draft.fitted(recipient.purpose, Recipient, "purpose"),
        unit=draft.units.get(addressee.unit.code) if addressee.unit else None,
        and_below=draft.levels.get(addressee.and_below),
        sort_order=place,
    )


def _level_rule(draft: Draft, rules: LevelRules, place: int) -> LevelRule:
    window, deadline = rules.schedule.window, rules.schedule.deadline
    rule = LevelRule(
        level=draft.levels[rules.level],
        pilots_per_parent=rules.choice.pilots_per_parent,
        max_days=rules.schedule.max_days,
        review_before=deadline.before if deadline else None,
        joint_review=rules.review.joint,
        extra_guests=(
            LevelRule.ExtraGuests.SIBLINGS
            if rules.invites_siblings
            else LevelRule.ExtraGuests.NONE
        ),
        sort_order=place,
    )
    if window:
        rule.window_text = draft.fitted(window.text, LevelRule, "window_text")
        rule.window_start, rule.window_end = window.start, window.end
        rule.window_precision = LevelRule.Precision(window.precision)
    rule.chosen_by.set([draft.levels[code] for code in rules.choice.chosen_by])
    _add_parts(draft, rule, rules)
    return rule


def _add_parts(draft: Draft, rule: LevelRule, rules: LevelRules) -> None:
    """Add the rule's pilots, steps, papers and conditions, in the paper's order."""
    rule.named_pilots.add(
        *(
            NamedPilot(unit=draft.units[unit.code], sort_order=place)
            for place, unit in enumerate(rules.choice.pilots)
        )
    )
    rule.review_steps.add(
        *(
            ReviewStep(level=draft.levels[code], sort_order=place)
            for place, code in enumerate(rules.review.steps)
        )
    )
    rule.requirements.add(
        *(
            Requirement(
                title=requirement.title,
                holds_personal_data=requirement.holds_personal_data,
                model_form=model_form_of(requirement.title),
                sort_order=place,
            )
            for place, requirement in enumerate(rules.requirements)
        )
    )
    rule.conditions.add(
        *(
            Condition(text=text, sort_order=place)
            for place, text in enumerate(rules.conditions)
        )
    )


def _fill_text(draft: Draft, paper: Paper) -> None:
    """The running text; what stands after the signature goes into the closing."""
    draft.plan.preamble = "\n".join(line.text for line in paper.preamble)
    draft.plan.body = [_block(item) for item in paper.body]
    after = [*paper.footnotes, *paper.trailing, *paper.appendix]
    draft.plan.closing = "\n".join([*(line.text for line in after), *draft.too_long])


def _block(item: Any) -> tuple[str, Any]:
    """The item as a block of the body's StreamField."""
    if item.kind == "paragraph":
        return item.kind, item.text
    return item.kind, {
        "marker": item.marker,
        "heading": item.heading,
        "text": item.text,
    }
