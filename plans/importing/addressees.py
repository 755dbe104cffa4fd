"""Which units of the tree a recipient's name stands for."""

import re
from dataclasses import dataclass

from .mentions import find_mentions, short_kinds
from .spelling import spelled
from .units import UnitIndex, UnitRow

# The Front's own bodies: "UBND huyện" is another office of the same unit.
_FRONT = re.compile(r"\bmttq|mặt trận|\bubmttq")
_OTHERS = re.compile(r"\b(?:ubnd|hđnd|đảng|tỉnh ủy|huyện ủy|thành ủy|trung ương|tw)\b")


@dataclass(frozen=True, slots=True)
class Addressee:
    """A unit, every unit of a level below the issuer, or neither."""

    unit: UnitRow | None = None
    and_below: str = ""


def find_addressee(name: str, units: UnitIndex, issuer: UnitRow) -> Addressee:
    """The units whose Front the name stands for, seen from the issuer."""
    plain = spelled(name)
    if not _FRONT.search(plain) or _OTHERS.search(plain):
        return Addressee()
    if kinds := short_kinds(name):
        return _below(units.levels_called(kinds), units, issuer)
    mentions = find_mentions(name, units, issuer.code)
    if len(mentions) != 1:
        return Addressee()
    mention = mentions[0]
    if mention.name:
        return Addressee(mention.units[0] if len(mention.units) == 1 else None)
    if mention.level == issuer.level:
        return Addressee(issuer)
    return _below(mention.levels, units, issuer)


def _below(levels: frozenset[str], units: UnitIndex, issuer: UnitRow) -> Addressee:
    """Every unit of the level, if the words name one level, below the issuer's."""
    if len(levels) != 1:
        return Addressee()
    (level,) = levels
    return Addressee(and_below=level if units.is_above(issuer.level, level) else "")
