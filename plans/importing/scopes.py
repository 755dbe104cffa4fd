"""Where in a paper the rules for each level of congress stand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from .body import build_tree
from .doubts import Doubts
from .mentions import find_mentions
from .papers import HEADED, BodyItem, Line, Node, Paper
from .spelling import spelled
from .units import UnitIndex

_CONGRESS = re.compile(r"đại hội(?!\s+đồng)\b")
_PILOT = re.compile(r"đại hội\s+(?:\w+\s+){0,3}điểm|làm điểm|thí điểm")
# "Cấp xã: …", "Đối với đại hội điểm cấp huyện, …": a paragraph on one level under a
# heading on one topic.
_LEVEL_FIRST = re.compile(
    r"(?:(?:đối với|ở|tại)\s+)?(?:đại hội\s+)?(?:điểm\s+)?(?:ở\s+)?"
    r"(?P<level>cấp\s+(?:tỉnh|huyện|xã))(?!\w)(?!\s*(?:,|và|ủy|trên|dưới))"
)
_LEVEL_WORD = re.compile(r"\bcấp\s+(tỉnh|huyện|xã|quận|phường|thành phố)(?!\w)")


@dataclass(frozen=True, slots=True)
class Scope:
    """The parts of the paper that speak of one level's congresses."""

    level: str
    nodes: tuple[Node, ...]
    line: Line
    """The line that names the level, for warnings."""
    is_pilot: bool

    def walk(self) -> Iterator[Node]:
        for node in self.nodes:
            yield from node.walk()


def as_line(item: BodyItem) -> Line:
    return Line(item.line, item.words)


def find_scopes(paper: Paper, units: UnitIndex, doubts: Doubts) -> list[Scope]:
    """The scopes of the paper, in its order; none where it is about no congress.

    A level is named by the heading of a section ("Đại hội điểm cấp xã"), by the first
    words of a paragraph ("Đối với cấp xã: …") or, for the whole paper, by its subject.
    """
    if not _CONGRESS.search(spelled(paper.title)):
        return []
    tree = build_tree(paper.body)
    is_pilot = bool(_PILOT.search(spelled(paper.title)))
    found: dict[str, list[Node]] = {}
    for level, node in _named(tree, units, doubts):
        found.setdefault(level, []).append(node)
    if not found:
        # A unit in the subject ("Đại hội xã Mỹ Tú") is one congress, not a level.
        levels = _levels(paper.title, units, unnamed_only=True)
        if len(levels) != 1:
            return []
        found[levels.pop()] = list(tree)
    return [
        Scope(
            level,
            tuple(nodes),
            as_line(nodes[0].item),
            is_pilot or any(_PILOT.search(spelled(n.item.heading)) for n in nodes),
        )
        for level, nodes in found.items()
        if nodes
    ]


def _named(
    nodes: Iterable[Node], units: UnitIndex, doubts: Doubts, topic: str = ""
) -> Iterator[tuple[str, Node]]:
    """The topmost nodes that name one level, each with its level.

    `topic` is the heading they stand under, which a short one needs to be understood.
    """
    for node in nodes:
        plain = spelled(node.item.content)
        if first := _LEVEL_FIRST.match(plain):
            levels = _levels(first["level"], units)
        elif _CONGRESS.search(spelled(node.item.heading)):
            levels = _levels(node.item.heading, units)
        else:
            yield from _named(node.children, units, doubts, node.item.heading)
            continue
        if len(levels) == 1:
            yield levels.pop(), _under(topic, node)
            continue
        below = list(_named(node.children, units, doubts, node.item.heading))
        if not below:
            _doubt_heading(node, levels, doubts)
        yield from below


def _under(topic: str, node: Node) -> Node:
    """The node with the topic before its own heading, where it is a paragraph."""
    if any(child.item.kind in HEADED for child in node.children):
        return node
    heading = f"{topic} {node.item.heading}".strip()
    return Node(replace(node.item, heading=heading), node.children)


def _levels(text: str, units: UnitIndex, *, unnamed_only: bool = False) -> set[str]:
    return {
        mention.level
        for mention in find_mentions(text, units)
        if mention.level
        and not mention.is_place
        and not (unnamed_only and mention.name)
    }


def _doubt_heading(node: Node, levels: set[str], doubts: Doubts) -> None:
    if levels:
        doubts.add(
            as_line(node.item),
            "several-levels",
            _("The heading names several levels: no rule was made of it."),
        )
    elif word := _LEVEL_WORD.search(spelled(node.item.content)):
        doubts.add(
            as_line(node.item),
            "unknown-level",
            _("The unit tree has no level “%(word)s”: no rule was made.")
            % {"word": word[1]},
        )
