"""The levels whose units are to make their own plan of the paper."""

import re

from .mentions import find_mentions
from .papers import Paper
from .sentences import sentences
from .spelling import spelled
from .units import UnitIndex

_DERIVE = re.compile(
    r"\bcụ thể hóa\s+(?:(?:và|các)\s+)?(?:\w+\s+){0,3}?kế hoạch\b"
    r"|\b(?:lập|xây dựng|ban hành)\s+kế hoạch\s+(?:\w+\s+){0,2}?"
    r"(?:của|ở|tại)\s+(?:địa phương|đơn vị|cấp) mình\b"
)


def deriving_levels(paper: Paper, units: UnitIndex) -> set[str]:
    """The codes of the levels named as the ones to do so: "các huyện cụ thể hóa …"."""
    levels = set()
    for item in paper.body:
        for sentence in sentences(f"{item.heading} {item.text}"):
            if match := _DERIVE.search(spelled(sentence)):
                levels |= {
                    mention.level
                    for mention in find_mentions(sentence[: match.start()], units)
                    if mention.level and not mention.name
                }
    return levels
