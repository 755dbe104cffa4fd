"""The doubts that come up while a paper is read."""

from .papers import Line, PaperWarning
from .spelling import squeezed

LONGEST = 200
"""Characters of the line that a warning shows."""


def shown(text: str) -> str:
    """The line as a warning shows it."""
    text = squeezed(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class Doubts:
    """Gathers warnings; each names its line, so that a person can look."""

    def __init__(self) -> None:
        self._warnings: list[PaperWarning] = []

    def add(self, line: Line | None, code: str, message: str) -> None:
        """Keep a doubt about the line, or about the whole paper."""
        number, source = (line.number, shown(line.text)) if line else (0, "")
        self._warnings.append(PaperWarning(number, code, message, source))

    def in_order(self) -> tuple[PaperWarning, ...]:
        """The warnings in the order of their lines, those on the whole paper first."""
        return tuple(sorted(self._warnings, key=lambda warning: warning.line))
