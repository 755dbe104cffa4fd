"""What a paper lays down for the congresses of each level, and for which term."""

import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from .choosing import Choice, read_choice
from .dates import YEAR
from .dossiers import (
    Requirement,
    invites_siblings,
    read_conditions,
    read_dossier,
    shared_dossier,
)
from .doubts import Doubts, shown
from .mentions import find_mentions
from .papers import Paper, PaperWarning
from .reviewing import Review, read_review
from .schedule import Schedule, read_schedule
from .scopes import Scope, find_scopes
from .spelling import spelled
from .units import UnitIndex, UnitRow

_TERM = re.compile(rf"nhiệm kỳ\s+(?P<start>{YEAR})\s*[-–]\s*(?P<end>{YEAR})(?!\d)")


@dataclass(frozen=True, slots=True)
class LevelRules:
    """The rules for one level; `level` is the level's code in the unit tree."""

    level: str
    line: int
    choice: Choice
    schedule: Schedule
    review: Review
    requirements: tuple[Requirement, ...]
    conditions: tuple[str, ...]
    invites_siblings: bool

    def __bool__(self) -> bool:
        """Whether anything was laid down: a section may only mention the level."""
        return any(
            [
                self.choice != Choice(),
                self.schedule != Schedule(),
                self.review != Review(),
                self.requirements,
                self.conditions,
                self.invites_siblings,
            ]
        )


@dataclass(frozen=True, slots=True)
class PlanRules:
    """All rules of a paper; `issuer` is the unit found in its head, if it was."""

    issuer: UnitRow | None
    term: tuple[int, int] | None
    levels: tuple[LevelRules, ...]
    level_names: dict[str, str]
    """What the levels' codes mean, for people: "commune" is "xã"."""
    warnings: tuple[PaperWarning, ...]


def read_rules(
    paper: Paper, units: UnitIndex, issuer: UnitRow | None = None
) -> PlanRules:
    """The rules that the paper lays down; it raises nothing.

    Units are sought below the issuer, which is found in the head of the paper unless
    it is given. What is not certain is left out, with a warning.
    """
    doubts = Doubts()
    issuer = issuer or find_issuer(paper, units, doubts)
    if issuer:
        units = units.tree_of(issuer)
    scopes = find_scopes(paper, units, doubts)
    levels = [_level_rules(scope, units, issuer, doubts) for scope in scopes]
    levels = _with_shared_dossier(paper, scopes, levels, doubts)
    return PlanRules(
        issuer=issuer,
        term=find_term(paper),
        levels=tuple(
            rules
            for scope, rules in zip(scopes, levels, strict=True)
            if rules or scope.is_pilot
        ),
        level_names=units.level_names,
        warnings=_with_own_lines(paper, doubts),
    )


def _with_own_lines(paper: Paper, doubts: Doubts) -> tuple[PaperWarning, ...]:
    """The warnings, each with the words of its paragraph as the paper has them.

    While rules are sought, a paragraph may have its topic's heading before it.
    """
    lines = {item.line: shown(item.words) for item in paper.body}
    return tuple(
        replace(warning, source=lines.get(warning.line, warning.source))
        for warning in doubts.in_order()
    )


def find_issuer(paper: Paper, units: UnitIndex, doubts: Doubts) -> UnitRow | None:
    """The unit that the head of the paper names, if there is just one of that name."""
    for text in paper.header.issuer:
        for mention in find_mentions(text, units):
            if not mention.name:
                continue
            if len(mention.units) == 1:
                return mention.units[0]
            line = next(
                (line for line in paper.header.lines if line.text == text), None
            )
            message = (
                _("Several units have that name: say which one issued the paper.")
                if mention.units
                else _("The unit tree has no unit of that name.")
            )
            doubts.add(line, "issuer", message)
            return None
    return None


def find_term(paper: Paper) -> tuple[int, int] | None:
    """The term of office: that of the subject, or the first in the opening."""
    for text in [paper.title, *(line.text for line in paper.preamble)]:
        if match := _TERM.search(spelled(text)):
            start, end = int(match["start"]), int(match["end"])
            return (start, end) if start <= end else None
    return None


def _level_rules(
    scope: Scope, units: UnitIndex, issuer: UnitRow | None, doubts: Doubts
) -> LevelRules:
    within = issuer.code if issuer else None
    return LevelRules(
        level=scope.level,
        line=scope.line.number,
        choice=read_choice(scope, units, issuer, doubts),
        schedule=read_schedule(scope, doubts),
        review=read_review(scope, units, issuer, doubts),
        requirements=read_dossier(scope, doubts),
        conditions=read_conditions(scope),
        invites_siblings=invites_siblings(scope, units, within),
    )


def _with_shared_dossier(
    paper: Paper, scopes: list[Scope], levels: list[LevelRules], doubts: Doubts
) -> list[LevelRules]:
    """The rules, with a list of papers for all levels where a level has none."""
    lacking = [
        s for s, rules in zip(scopes, levels, strict=True) if not rules.requirements
    ]
    if not lacking:
        return levels
    shared = shared_dossier(paper, scopes, doubts)
    for scope in lacking:
        if shared:
            message = _("The list of papers for all levels was taken.")
            doubts.add(scope.line, "shared-papers", message)
        elif scope.is_pilot:
            message = _("The section lists no papers for the dossier.")
            doubts.add(scope.line, "no-papers", message)
    return [
        rules if rules.requirements else replace(rules, requirements=shared)
        for rules in levels
    ]
