"""Numbers of persons that are told without telling of a person.

A group of one or two is a person: an outsider learns no number of fewer than three, and
none from which such a number follows. See docs/decisions/0010-small-groups.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

SMALL = 3
"""A group of fewer persons is told to no outsider (Decree 356/2025, art. 4)."""


@dataclass(frozen=True)
class Share:
    """A group as one reader sees it; a hidden one has neither number nor percentage."""

    label: str
    number: int | None
    percent: Decimal | None = None
    is_hidden: bool = False


def percent(part: int | None, whole: int | None) -> Decimal | None:
    """To one digit, or None where one of the two is not known or there is nobody."""
    if part is None or not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"))


def hidden_places(numbers: Sequence[int]) -> set[int]:
    """The places of the numbers no outsider may see, where their sum is known to all.

    Each group below `SMALL` that is not empty, and the smallest other one with them:
    else the one that is missing would follow from the rest. Where no other is large
    enough, all of them. All look alike, so that none says which is the small one.
    """
    small = {place for place, number in enumerate(numbers) if 0 < number < SMALL}
    if not small:
        return set()
    large = [(number, place) for place, number in enumerate(numbers) if number >= SMALL]
    if not large:
        return set(range(len(numbers)))
    return small | {min(large)[1]}


def shares(
    groups: Sequence[tuple[str, int | None]], whole: int | None, *, in_full: bool
) -> list[Share]:
    """The groups of a whole as a reader sees them who may see all of them, or not."""
    numbers = [number for _label, number in groups]
    known = [place for place, number in enumerate(numbers) if number is not None]
    hidden = set()
    if not in_full:
        told = hidden_places([numbers[place] or 0 for place in known])
        hidden = {known[place] for place in told}
    return [
        Share(label, None, is_hidden=True)
        if place in hidden
        else Share(label, number, percent(number, whole))
        for place, (label, number) in enumerate(groups)
    ]
