"""Units and levels of units that a sentence names."""

import re
from dataclasses import dataclass, replace

from .spelling import spelled
from .units import UnitIndex, UnitRow

_SHORT = {
    "tp": "thành phố",
    "tx": "thị xã",
    "tt": "thị trấn",
    "h": "huyện",
    "q": "quận",
    "p": "phường",
    "x": "xã",
}
_LETTERS = "(?:H|TX|TP|X|P|TT|Q)"
# Words of the language: whether a country has such units, its tree says.
_KIND = (
    r"(?:thành phố|thị xã|thị trấn|đặc khu|phường|huyện|quận|tỉnh|(?<!hợp tác )xã"
    r"|tp\.?|tx\.?|tt\.|h\.|q\.|p\.|x\.)"
    r"(?!\w)"
)
_NO_UNIT = re.compile(r"\s+(?:(?:hội|viên|đội)\b|[uUủỦ][yYỷỶ]\b)")
"""What follows in "xã hội" and "Tỉnh ủy", though not in "xã Hội Sơn"."""
_AND = r"(?:\s*[,/]\s*|\s+(?:và|hoặc|hay)\s+)"
_KINDS = re.compile(rf"(?<!\w){_KIND}(?:{_AND}(?:các\s+)?{_KIND})*")
_ONE_KIND = re.compile(_KIND)
_SHORT_LIST = re.compile(rf"(?<!\w){_LETTERS}(?:\s*,\s*{_LETTERS})+\b")
_NAME_WORD = re.compile(r"\s+(\w[\w'’]*)")
_MOST_NAME_WORDS = 5
_INSIDE = re.compile(r"\s*(?:,|\(|-|–|\s+thuộc|\s+của)?\s*")


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that stand for a unit ("huyện Mỹ Tú") or for a level ("cấp xã").

    `units` are the units it can be: one, several of the same name, or none where the
    tree has no such unit. `levels` are the levels it can be. `is_place` says that it
    only tells where the unit before it lies: "Phường 3, thành phố Sóc Trăng".
    """

    start: int
    end: int
    kinds: tuple[str, ...]
    name: str = ""
    units: tuple[UnitRow, ...] = ()
    levels: frozenset[str] = frozenset()
    is_place: bool = False

    @property
    def level(self) -> str:
        """The one level it names, or ""."""
        return next(iter(self.levels)) if len(self.levels) == 1 else ""


def find_mentions(
    text: str, units: UnitIndex, within: str | None = None
) -> list[Mention]:
    """The units and levels that the text names, in order.

    Units are sought below the one with the code `within`, and itself.
    """
    mentions = [
        _read(text, match, units)
        for match in _KINDS.finditer(spelled(text))
        if not _NO_UNIT.match(text, match.end())
    ]
    # From the right: where a unit lies is written behind it.
    for index in reversed(range(len(mentions))):
        mention = mentions[index]
        if not mention.name:
            continue
        place = _place(text, mention, mentions[index + 1 :])
        if place and (found := _found(text, mention, units, place.units[0].code)).units:
            mentions[index] = found
            mentions[index + 1] = replace(place, is_place=True)
        else:
            mentions[index] = _found(text, mention, units, within)
    return mentions


def _read(text: str, match: re.Match[str], units: UnitIndex) -> Mention:
    """The mention as it stands, before the units it can be are sought."""
    words = _ONE_KIND.findall(match[0])
    kinds = tuple(_SHORT.get(word.rstrip("."), word) for word in words)
    end = match.end()
    if len(kinds) == 1:
        for _count in range(_MOST_NAME_WORDS):
            word = _NAME_WORD.match(text, end)
            if not word or not (word[1][0].isupper() or word[1][0].isdecimal()):
                break
            end = word.end()
    name = text[match.end() : end].strip()
    return Mention(match.start(), end, kinds, name, levels=units.levels_called(kinds))


def _place(text: str, mention: Mention, following: list[Mention]) -> Mention | None:
    """The mention right behind, if it is of one unit that the first can lie in."""
    if not following or len(following[0].units) != 1:
        return None
    between = text[mention.end : following[0].start]
    return following[0] if _INSIDE.fullmatch(between) else None


def _found(
    text: str, mention: Mention, units: UnitIndex, within: str | None
) -> Mention:
    """The mention with the units it can be, sought by ever shorter names.

    A capital behind the name may begin the next word of the sentence.
    """
    words = mention.name.split()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        found = units.find(f"{mention.kinds[0]} {name}", within)
        if found:
            end = text.index(words[count - 1], mention.start) + len(words[count - 1])
            levels = frozenset(unit.level for unit in found)
            return replace(mention, end=end, name=name, units=found, levels=levels)
    return mention


def short_kinds(text: str) -> tuple[str, ...]:
    """The kinds of unit in a list of letters: ("huyện", "thị xã") for "H,TX"."""
    match = _SHORT_LIST.search(text)
    if not match:
        return ()
    return tuple(_SHORT[letters.strip().lower()] for letters in match[0].split(","))
