"""The papers a dossier must hold, the conditions for a pilot, the extra guests."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .body import build_tree
from .doubts import Doubts
from .mentions import find_mentions
from .papers import Line, Node, Paper
from .scopes import Scope, as_line
from .spelling import spelled
from .timing import find_deadline
from .units import UnitIndex

_DOSSIER = re.compile(r"\bhồ sơ\b")
_LIST = re.compile(r"\b(?:gồm|bao gồm|gồm có|như sau)\b|:\s*$")
_INLINE = re.compile(r"\b(?:bao gồm|gồm có|gồm)\s*:?\s*")
_DEADLINE = re.compile(r"(?:thời gian|thời hạn|hạn)\b")
_CONDITIONS = re.compile(r"\b(?:điều kiện|tiêu chuẩn|tiêu chí)\b")
_PERSONAL = re.compile(
    r"trích ngang|lý lịch|sơ yếu|\bnhân sự\b|đề án xây dựng\b.*\b(?:ủy ban|ban)\b"
)
_FORMS = (
    (re.compile(r"trích ngang|lý lịch"), "people"),
    (re.compile(r"tổng hợp.*đại biểu|số lượng đại biểu"), "delegates"),
    (re.compile(r"chương trình.*đại hội|dự kiến chương trình"), "programme"),
)
_INVITES = re.compile(r"\bmời(?: thêm)?\b")
_END = " .;,"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A paper that a dossier must hold.

    `holds_personal_data` is a guess from its title, for a person to confirm.
    """

    title: str
    holds_personal_data: bool
    line: int


def model_form_of(title: str) -> str:
    """The kind of model form that fits a paper of this title: a guess to confirm."""
    folded = title.lower()
    for words, form in _FORMS:
        if words.search(folded):
            return form
    return "paper"


def read_dossier(scope: Scope, doubts: Doubts) -> tuple[Requirement, ...]:
    """The required papers in order; a deadline among them is left out."""
    for node in scope.walk():
        if found := _requirements(node, doubts):
            return found
    return ()


def shared_dossier(
    paper: Paper, scopes: list[Scope], doubts: Doubts
) -> tuple[Requirement, ...]:
    """The required papers of a list that stands outside all sections on a level."""
    taken = {node.item.line for scope in scopes for node in scope.walk()}
    for top in build_tree(paper.body):
        for node in top.walk():
            if node.item.line in taken:
                continue
            if found := _requirements(node, doubts):
                return found
    return ()


def read_conditions(scope: Scope) -> tuple[str, ...]:
    """What a unit must fulfil to be a pilot, each as worded."""
    return tuple(
        child.item.content.rstrip(_END)
        for node in scope.walk()
        if _CONDITIONS.search(spelled(node.item.heading))
        for child in node.children
    )


def invites_siblings(scope: Scope, units: UnitIndex, within: str | None) -> bool:
    """Whether the heads of the other units of the level are invited to learn."""
    for node in scope.walk():
        content = node.item.content
        for invites in _INVITES.finditer(spelled(content)):
            guests = find_mentions(content[invites.end() :], units, within)
            if any(m.level == scope.level and not m.name for m in guests):
                return True
    return False


def _requirements(node: Node, doubts: Doubts) -> tuple[Requirement, ...]:
    """The papers of the list that the node opens, or nothing."""
    item = node.item
    opening = spelled(item.heading or item.text)
    if not (_DOSSIER.search(opening) and _LIST.search(opening)):
        return ()
    if node.children:
        rows = [(as_line(child.item), child.item.content) for child in node.children]
    else:
        rows = _inline(as_line(item), item.content, doubts)
    return tuple(
        _requirement(text.strip(_END), line)
        for line, text in rows
        if text.strip(_END) and not _is_deadline(text)
    )


def _inline(line: Line, text: str, doubts: Doubts) -> list[tuple[Line, str]]:
    """The papers of a list written in one sentence."""
    start = _INLINE.search(spelled(text))
    parts = text[start.end() :].split(";") if start else []
    if len(parts) < 2:
        return []
    doubts.add(
        line,
        "inline-papers",
        _("The required papers were divided at the semicolons: check them."),
    )
    return [(line, part) for part in parts]


def _is_deadline(text: str) -> bool:
    plain = spelled(text)
    return bool(_DEADLINE.match(plain)) or find_deadline(text) is not None


def _requirement(title: str, line: Line) -> Requirement:
    personal = _PERSONAL.search(spelled(title)) is not None
    return Requirement(title, personal, line.number)
