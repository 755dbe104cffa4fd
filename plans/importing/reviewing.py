"""Who reviews what a congress prepares, in which order, and whether together."""

import re
from collections.abc import Iterator
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
_HANDS_ON = re.compile(r"\b(?:trình|sau đó|rồi|báo cáo|gửi|chuyển)\b")
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
            for subject in _subjects(sentence):
                levels = _reviewers(subject, scope.level, units, within)
                steps |= levels
                together = _TOGETHER.search(spelled(subject)) is not None
                joint = joint or (len(levels) > 1 and together)
                _doubt_unknown(as_line(node.item), subject, units, within, doubts)
    if scope.is_pilot and not steps:
        doubts.add(scope.line, "no-review", _("The section does not say who reviews."))
    return Review(units.from_below(steps), joint)


def _subjects(sentence: str) -> Iterator[str]:
    """Who does what each verb "duyệt" says: the words before it.

    Between two verbs stands what the first one reviews as well, unless the paper is
    handed on: "huyện duyệt, sau đó trình tỉnh duyệt".
    """
    start, is_first = 0, True
    for verb in _REVIEWS.finditer(spelled(sentence)):
        subject = sentence[start : verb.start()]
        if is_first or _HANDS_ON.search(spelled(subject)):
            yield subject
        # A heading may be the verb alone: "Duyệt đại hội".
        is_first = is_first and not subject.strip()
        start = verb.end()


def _reviewers(
    subject: str, level: str, units: UnitIndex, within: str | None
) -> set[str]:
    """The levels above this one that the words name."""
    return {
        mention.level
        for mention in find_mentions(subject, units, within)
        if mention.level and units.is_above(mention.level, level)
    }


def _doubt_unknown(
    line: Line, subject: str, units: UnitIndex, within: str | None, doubts: Doubts
) -> None:
    for mention in find_mentions(subject, units, within):
        if not mention.levels:
            doubts.add(
                line,
                "unknown-level",
                _("The unit tree has no “%(word)s”: that reviewer was left out.")
                % {"word": subject[mention.start : mention.end]},
            )
