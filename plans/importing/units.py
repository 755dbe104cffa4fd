"""The unit tree as a paper's rules need it: levels by their words, units by name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .spelling import spelled, squeezed

_ZEROS = re.compile(r"\b0+(?=\d)")


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level of the tree: its code and its word, "commune" and "xã"."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit: "31519", "Phường 3", its level's code, "phường", its parent's code."""

    code: str
    name: str
    level: str
    kind: str
    parent: str | None


def name_key(name: str) -> str:
    """The name as names are compared: "PHƯỜNG 03" is "Phường 3"."""
    return _ZEROS.sub("", spelled(squeezed(name)))


class UnitIndex:
    """The units in force on one day, to be looked up by name inside a parent.

    Names repeat ("Phường 3" exists in Sóc Trăng and in Ngã Năm), so `find` gives every
    unit that fits, and to choose among them is not its business.
    """

    def __init__(self, levels: Sequence[LevelRow], units: Iterable[UnitRow]) -> None:
        self._level_rows = tuple(levels)
        self._units = {unit.code: unit for unit in units}
        self.levels = tuple(level.code for level in levels)
        self.level_names = {level.code: level.name for level in levels}
        self._by_name: dict[str, list[UnitRow]] = defaultdict(list)
        self._called: dict[str, set[str]] = defaultdict(set)
        for level in levels:
            self._called[name_key(level.name)].add(level.code)
        for unit in self._units.values():
            self._by_name[name_key(unit.name)].append(unit)
            self._called[name_key(unit.kind)].add(unit.level)

    def get(self, code: str) -> UnitRow | None:
        return self._units.get(code)

    def levels_called(self, words: Iterable[str]) -> frozenset[str]:
        """The levels that all of the words can name.

        A word is a level's own ("xã") or that of a kind of unit ("phường"); "thành
        phố" is a province or a district, "huyện, thành phố" only a district. The tree
        need not have every kind, but most of them: where districts were abolished,
        "huyện, thị xã, thành phố" is not the province.
        """
        keys = [name_key(word) for word in words]
        known = [self._called[key] for key in keys if key in self._called]
        if len(known) * 2 <= len(keys):
            return frozenset()
        return frozenset(set.intersection(*known))

    def find(self, name: str, within: str | None = None) -> tuple[UnitRow, ...]:
        """The units of that name, kind included: in the whole index, or inside a unit.

        `within` is the code of that unit, which may itself be the one that is sought.
        """
        found = self._by_name.get(name_key(name), ())
        return tuple(
            unit
            for unit in found
            if within is None or within == unit.code or within in self._above(unit)
        )

    def tree_of(self, unit: UnitRow) -> "UnitIndex":
        """The index of the unit's own tree: other provinces have other kinds."""
        root = self._root(unit)
        return UnitIndex(
            self._level_rows,
            [other for other in self._units.values() if self._root(other) == root],
        )

    def is_above(self, upper: str, lower: str) -> bool:
        """Whether the one level stands above the other."""
        return self.levels.index(upper) < self.levels.index(lower)

    def from_below(self, levels: Iterable[str]) -> tuple[str, ...]:
        """The levels, the lowest first: the order in which a dossier goes up."""
        return tuple(sorted(set(levels), key=self.levels.index, reverse=True))

    def _above(self, unit: UnitRow) -> Iterable[str]:
        """The codes of the unit's upper units, from its parent up."""
        seen = {unit.code}
        while unit.parent and unit.parent not in seen:
            seen.add(unit.parent)
            yield unit.parent
            parent = self._units.get(unit.parent)
            if parent is None:
                return
            unit = parent

    def _root(self, unit: UnitRow) -> str:
        *_between, root = [unit.code, *self._above(unit)]
        return root
