"""Two texts side by side, line by line, with the words that differ marked."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

MANY_LINES = 3000
MANY_ALIKE = 100
"""From here on lines that occur often are no anchors: comparing stays quick, and a few
lines may be marked that only moved."""

MANY_WORDS = 300
MANY_CHANGES = 500
"""A changed line longer than this, or after so many others, is marked as a whole."""

AROUND = 2
"""Lines without a change that are shown around a change."""

Piece = tuple[str, bool]
"""Some words, and whether they differ from the other side's."""


@dataclass(frozen=True)
class Row:
    """A line on either side; a side is empty where the line is only on the other."""

    before: list[Piece]
    after: list[Piece]
    is_changed: bool = True


@dataclass(frozen=True)
class Block:
    """Rows shown one below the other; `is_folded` where nothing in them differs and
    there are too many to show."""

    rows: list[Row]
    is_folded: bool = False


def side_by_side(before: str, after: str) -> list[Block]:
    """The two texts line by line, long stretches without a change folded."""
    old, new = _lines(before), _lines(after)
    # The heuristic for frequent lines would give up on papers of usual length.
    alike = max(Counter(new).values(), default=0)
    many = max(len(old), len(new)) > MANY_LINES or alike > MANY_ALIKE
    matcher = SequenceMatcher(None, old, new, autojunk=many)
    blocks: list[Block] = []
    changes = 0
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            rows = [Row([(line, False)], [(line, False)], False) for line in old[a:b]]
            blocks.extend(_folded(rows, is_first=c == 0, is_last=d == len(new)))
        else:
            pairs = zip_longest(old[a:b], new[c:d], fillvalue="")
            mark = mark_words if changes < MANY_CHANGES else _mark_lines
            blocks.append(Block([Row(*mark(*pair)) for pair in pairs]))
            changes += max(b - a, d - c)
    return blocks


def mark_words(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """The two lines in pieces, with what differs marked."""
    old, new = _words(before), _words(after)
    if not (old and new) or max(len(old), len(new)) > MANY_WORDS:
        return _mark_lines(before, after)
    left: list[Piece] = []
    right: list[Piece] = []
    # Blanks are found everywhere: only what stands beside them counts.
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        left += _whole("".join(old[a:b]), kind != "equal")
        right += _whole("".join(new[c:d]), kind != "equal")
    return left, right


def _mark_lines(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    return _whole(before, before != after), _whole(after, before != after)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _words(line: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", line)


def _whole(text: str, is_changed: bool) -> list[Piece]:
    return [(text, is_changed)] if text else []


def _folded(rows: list[Row], is_first: bool, is_last: bool) -> Iterator[Block]:
    head = 0 if is_first else AROUND
    tail = 0 if is_last else AROUND
    if len(rows) <= head + tail + 1:
        yield Block(rows)
        return
    end = len(rows) - tail
    for part, is_folded in ((rows[:head], False), (rows[head:end], True)):
        if part:
            yield Block(part, is_folded)
    if tail:
        yield Block(rows[end:])
