"""The lines of a paper; those that were broken at a fixed width made whole again."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from .markers import read_marker
from .papers import Line
from .spelling import squeezed

WIDEST = 130
"""No text editor or mail program breaks lines later than that."""

_SENTENCE_END = (".", ";", ":", "!", "?", "…", "./.")
_GAP = re.compile(r" {4,}")
_TAB = re.compile(r" *\t[ \t]*")
_YEARS = re.compile(r"[-–]\s*\d{4}\b")
_STARTS = re.compile(
    r"(?:căn cứ|thực hiện|xét|theo đề nghị|nơi nhận|phụ lục)\b", re.IGNORECASE
)


def split_lines(text: str) -> list[Line]:
    """The lines of the text that are not blank, with their numbers.

    Tabs and wide gaps inside a line stay, as a tab and three spaces: they part the
    cells of a table.
    """
    lines: list[Line] = []
    blank = False
    for number, raw in enumerate(text.split("\n"), start=1):
        line = _TAB.sub("\t", _GAP.sub("   ", raw.strip()))
        if line:
            lines.append(Line(number, line, after_blank=blank))
        blank = not line
    return lines


def ends_sentence(text: str) -> bool:
    return text.endswith(_SENTENCE_END)


def unwrapped(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines with those put together that were broken at a fixed width.

    Also the width, or 0 where the text was not broken: then nothing is changed. A
    writer's own line end cannot be told from a break, except that a break comes only
    where the next word no longer fits.
    """
    width = _width(lines)
    if not width:
        return list(lines), 0
    whole: list[Line] = []
    last = ""  # the source line on top of what was put together so far
    for line in lines:
        if whole and _continues(whole[-1].text, last, line, width):
            joined = f"{whole[-1].text} {line.text}"
            whole[-1] = replace(whole[-1], text=joined)
        else:
            whole.append(line)
        last = line.text
    return whole, width


def _width(lines: Sequence[Line]) -> int:
    """The width at which the text was broken, or 0."""
    lengths = sorted(len(squeezed(line.text)) for line in lines)
    # A long address or the like stays unbroken: it does not count.
    width = lengths[int(len(lengths) * 0.98)] if lengths else 0
    if not 40 <= width <= WIDEST:
        return 0
    pairs = [
        _is_full(line.text, following.text, width)
        for line, following in pairwise(lines)
        if not following.after_blank and not _starts(following.text)
    ]
    full = sum(pairs)
    return width if full >= 8 and full * 2 >= len(pairs) else 0


def _is_full(text: str, following: str, width: int) -> bool:
    """Whether the first word of the following line would not have fitted."""
    return len(squeezed(text)) + 1 + len(following.split(None, 1)[0]) > width


def _continues(paragraph: str, last: str, line: Line, width: int) -> bool:
    if line.after_blank or not _is_full(last, line.text, width):
        return False
    if last.endswith(":") and paragraph.count("(") <= paragraph.count(")"):
        return False
    if last[-1].isdecimal() and _YEARS.match(line.text):
        return True  # "nhiệm kỳ 2024" broken before "- 2029" is not a dash
    if read_marker(line.text):
        return False
    return not (_STARTS.match(line.text) and ends_sentence(last))


def _starts(text: str) -> bool:
    return read_marker(text) is not None or _STARTS.match(text) is not None
