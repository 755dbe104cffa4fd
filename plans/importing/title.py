"""The subject of a paper, and where its opening ends and its body begins."""

from django.utils.translation import gettext as _

from .bases import is_basis
from .doubts import Doubts
from .lines import ends_sentence
from .markers import read_marker
from .papers import Line
from .spelling import is_capitals, squeezed, starts_small

LONGEST = 400
"""Characters of a line; a longer one is a paragraph, not a part of the subject."""


def read_title(lines: list[Line], doubts: Doubts) -> tuple[str, list[Line]]:
    """The subject, its lines joined to one, and the lines after it."""
    end = 0
    while end < len(lines) and _belongs(lines[end], lines[:end]):
        end += 1
    if not end:
        doubts.add(None, "no-title", _("The subject was not found."))
    return " ".join(squeezed(line.text) for line in lines[:end]), lines[end:]


def _belongs(line: Line, before: list[Line]) -> bool:
    """Whether the line is a part of the subject, after the lines before it."""
    text = line.text
    if is_basis(text) or read_marker(text) or len(text) > LONGEST:
        return False
    if not before:
        return not ends_sentence(text)
    if starts_small(text) and not ends_sentence(text):
        return True
    if is_capitals(text) != is_capitals(before[-1].text):
        return False  # "BAN THƯỜNG TRỰC …" above the bases of a decision
    return not line.after_blank and not ends_sentence(text)


def body_start(lines: list[Line]) -> int:
    """The index of the first line of the body, in the lines after the subject.

    The opening ends at the first marker that is not that of a basis; without any
    marker, behind the sentence that ends with a colon.
    """
    for index, line in enumerate(lines):
        if read_marker(line.text) and not is_basis(line.text):
            return index
    for index, line in enumerate(lines):
        if line.text.endswith(":") and not is_basis(line.text):
            return index + 1
    return next(
        (index for index, line in enumerate(lines) if not is_basis(line.text)),
        len(lines),
    )
