"""Which units a paper names as pilots, how many there are, and who chooses them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .dates import NUMBER, read_number
from .doubts import Doubts
from .mentions import Mention, find_mentions
from .papers import Line, Node
from .scopes import Scope, as_line
from .sentences import sentences
from .spelling import spelled
from .units import UnitIndex, UnitRow

_DESIGNATES = re.compile(
    r"\b(?:chọn|làm điểm|chỉ đạo điểm|đơn vị (?:\w+ ){0,2}điểm)(?!\w)"
)
_HEADS_PILOTS = re.compile(r"đơn vị\b(?: .*điểm|\W*$)|số lượng|chọn .*điểm")
_CHOOSE = re.compile(r"(?<!được )(?<!việc )\bchọn\b")
_DECIDE = re.compile(
    r"\b(?:do|giao(?: cho)?)\s+(?P<who>.+?)\s+(?:quyết định|lựa chọn|chọn)\b"
)
_WITH = re.compile(r"\b(?:phối hợp(?: với)?|cùng(?: với)?|thống nhất với)\b")
_EACH = re.compile(
    rf"\bmỗi\s+(?P<upper>.{{2,60}}?)\s+(?P<number>{NUMBER})"
    r"\s+(?:đơn vị|xã|phường|thị trấn|đặc khu|quận|huyện|thị xã|thành phố)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice of the pilots of one level."""

    pilots: tuple[UnitRow, ...] = ()
    pilots_per_parent: int | None = None
    chosen_by: tuple[str, ...] = ()
    """Levels, in the order in which the paper names them."""


def read_choice(
    scope: Scope, units: UnitIndex, issuer: UnitRow | None, doubts: Doubts
) -> Choice:
    """The choice as the scope lays it down; units are sought below the issuer."""
    within = issuer.code if issuer else None
    pilots: dict[str, UnitRow] = {}
    choosers: list[str] = []
    for line, text in _designations(scope):
        named = _pilots(line, text, scope.level, units, within, doubts)
        chooser = _chooser(text, scope.level, units, within)
        if named and not chooser and issuer:
            chooser = issuer.level  # the paper itself names the pilot
        if chooser:
            choosers.append(chooser)
        pilots |= {unit.code: unit for unit in named}
    each = _pilots_per_parent(scope, units, within, doubts)
    if scope.is_pilot and not pilots and each is None:
        doubts.add(
            scope.line,
            "no-pilots",
            _("The section neither names pilots nor counts them."),
        )
    return Choice(tuple(pilots.values()), each, tuple(dict.fromkeys(choosers)))


def _designations(scope: Scope) -> Iterator[tuple[Line, str]]:
    """The sentences that say which units are pilots, each with its line.

    A sentence says so itself or stands under a heading that does.
    """
    for top in scope.nodes:
        yield from _designating(top, under_heading=False)


def _designating(node: Node, *, under_heading: bool) -> Iterator[tuple[Line, str]]:
    heading = bool(_HEADS_PILOTS.search(spelled(node.item.heading)))
    under_heading = under_heading or heading
    for sentence in sentences(node.item.content):
        if under_heading or _DESIGNATES.search(spelled(sentence)):
            yield as_line(node.item), sentence
    for child in node.children:
        yield from _designating(child, under_heading=heading)


def _pilots(
    line: Line,
    text: str,
    level: str,
    units: UnitIndex,
    within: str | None,
    doubts: Doubts,
) -> list[UnitRow]:
    """The units of the level that the sentence names as pilots."""
    named = [
        mention
        for mention in find_mentions(text, units, within)
        if mention.name and not mention.is_place and level in mention.levels
    ]
    choose = _CHOOSE.search(spelled(text))
    # Before "chọn" stands who chooses, unless nothing stands behind it.
    chosen = [m for m in named if choose and m.start > choose.start()] or named
    for mention in chosen:
        if len(mention.units) != 1:
            _doubt_unit(line, text, mention, units, doubts)
    return [mention.units[0] for mention in chosen if len(mention.units) == 1]


def _doubt_unit(
    line: Line, text: str, mention: Mention, units: UnitIndex, doubts: Doubts
) -> None:
    name = text[mention.start : mention.end]
    if not mention.units:
        message = _("The unit tree has no “%(name)s” here.") % {"name": name}
        doubts.add(line, "unknown-unit", message)
        return
    parents = [units.get(unit.parent) for unit in mention.units if unit.parent]
    message = _("“%(name)s” can be a unit of: %(parents)s. None was taken.") % {
        "name": name,
        "parents": ", ".join(parent.name for parent in parents if parent),
    }
    doubts.add(line, "ambiguous-unit", message)


def _chooser(text: str, level: str, units: UnitIndex, within: str | None) -> str:
    """The level that chooses by this sentence, or ""."""
    for who in _choosers(text):
        if partner := _WITH.search(spelled(who)):
            who = who[: partner.start()]
        for mention in find_mentions(who, units, within):
            if mention.is_place or not mention.level:
                continue
            if units.is_above(mention.level, level):
                return mention.level
    return ""


def _choosers(text: str) -> Iterator[str]:
    """The words that say who decides, or what stands before each "chọn"."""
    plain = spelled(text)
    if decide := _DECIDE.search(plain):
        yield text[decide.start("who") : decide.end("who")]
        return
    start = 0
    for choose in _CHOOSE.finditer(plain):
        yield text[start : choose.start()]
        start = choose.end()


def _pilots_per_parent(
    scope: Scope, units: UnitIndex, within: str | None, doubts: Doubts
) -> int | None:
    """How many pilots each unit above the level has: "mỗi huyện chọn 01 đơn vị"."""
    numbers: dict[int, Line] = {}
    for node in scope.walk():
        content = node.item.content
        for each in _EACH.finditer(spelled(content)):
            upper = find_mentions(
                content[each.start("upper") : each.end("upper")], units, within
            )
            if any(m.level and units.is_above(m.level, scope.level) for m in upper):
                numbers[read_number(each["number"])] = as_line(node.item)
    if len(numbers) > 1:
        doubts.add(
            list(numbers.values())[-1],
            "several-numbers",
            _("The section gives several numbers of pilots: none was taken."),
        )
    return next(iter(numbers)) if len(numbers) == 1 else None
