"""The tables of docs/permissions.md, read as they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.matrix.world import PEOPLE

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
YES, NO = "yes", "–"


@dataclass(frozen=True)
class Row:
    """One row: a door, the things it stands for, and who passes."""

    section: str
    door: str
    things: tuple[str, ...]
    passes: frozenset[str]


def rows() -> Iterator[Row]:
    """The rows of every table whose columns are the people of the matrix.

    ValueError names a row that cannot be read.
    """
    section = ""
    inside = False
    for line in DOCUMENT.read_text("utf-8").splitlines():
        if line.startswith("#"):
            section, inside = line.lstrip("# "), False
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[2:] == list(PEOPLE):
            inside = True
        elif inside and not set(line) <= set("|-: "):
            door, things, *answers = cells
            if len(answers) != len(PEOPLE) or not set(answers) <= {YES, NO}:
                raise ValueError(f"docs/permissions.md: {line}")
            yield Row(
                section,
                door,
                tuple(thing.strip() for thing in things.split(",") if thing.strip()),
                frozenset(
                    person
                    for person, answer in zip(PEOPLE, answers, strict=True)
                    if answer == YES
                ),
            )
