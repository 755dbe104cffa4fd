"""Who reviews what a congress prepares, in which order, and whether together."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .doubts import Doubts
from .mentions import find_mentions
from .papers import Line
from .scopes import Scope, as_line
from .sentences import sentences
from .spelling import spelled
from .units import UnitIndex, UnitRow

# The verb, and not "hồ sơ duyệt" or "thời gian duyệt".
_REVIEWS = re.compile(
    r"(?<!hồ sơ )(?<!thời gian )(?<!việc )(?<!công tác )\b(?:phê )?duyệt\b"
)
_TOGETHER = re.compile(r"\b(?:phối hợp|cùng|thống nhất)\b")


@dataclass(frozen=True, slots=True)
class Review:
    """The levels that review, from the lowest up, and whether as one meeting."""

    steps: tuple[str, ...] = ()
    joint: bool = False


def read_review(
    scope: Scope, units: UnitIndex, issuer: UnitRow | None, doubts: Doubts
) -> Review:
    within = issuer.code if issuer else None
    steps: set[str] = set()
    joint = False
    for node in scope.walk():
        for sentence in sentences(node.item.content):
            levels = _reviewers(sentence, scope.level, units, within)
            steps |= levels
            joint = joint or (
                len(levels) > 1 and bool(_TOGETHER.search(spelled(sentence)))
            )
            _doubt_unknown(as_line(node.item), sentence, units, within, doubts)
    if scope.is_pilot and not steps:
        doubts.add(scope.line, "no-review", _("The section does not say who reviews."))
    return Review(units.from_below(steps), joint)


def _subject(sentence: str) -> str:
    """What stands before the verb "duyệt", or ""."""
    verb = _REVIEWS.search(spelled(sentence))
    return sentence[: verb.start()] if verb else ""


def _reviewers(
    sentence: str, level: str, units: UnitIndex, within: str | None
) -> set[str]:
    """The levels above this one that the sentence says review."""
    return {
        mention.level
        for mention in find_mentions(_subject(sentence), units, within)
        if mention.level and units.is_above(mention.level, level)
    }


def _doubt_unknown(
    line: Line, sentence: str, units: UnitIndex, within: str | None, doubts: Doubts
) -> None:
    subject = _subject(sentence)
    for mention in find_mentions(subject, units, within):
        if not mention.levels:
            doubts.add(
                line,
                "unknown-level",
                _("The unit tree has no “%(word)s”: that reviewer was left out.")
                % {"word": subject[mention.start : mention.end]},
            )
