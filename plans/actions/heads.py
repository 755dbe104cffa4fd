"""The head of a paper that a unit writes, as far as it follows from another's."""

from plans.models import PlanPage, Unit


def issuer_lines(unit: Unit, *, like: PlanPage) -> str:
    """The issuer as printed, with the unit's name in place of the other issuer's."""
    other = like.issuer.name.casefold() if like.issuer else ""
    name = unit.name.upper()
    lines = [
        name if line.strip().casefold() == other else line
        for line in like.issuer_line_list
    ]
    return "\n".join(lines) if name in lines else name


def place_of(unit: Unit) -> str:
    """The place a unit's papers are dated at: its name without its kind.

    What is a number keeps its kind: "Phường 3".
    """
    kind = f"{unit.kind.casefold()} "
    if not unit.name.casefold().startswith(kind):
        return unit.name
    place = unit.name[len(kind) :]
    return unit.name if place.isdecimal() else place
