"""How long a congress lasts, when it is held, and before when it is reviewed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from .doubts import Doubts
from .papers import Line
from .scopes import Scope, as_line
from .sentences import sentences
from .spelling import spelled
from .timing import (
    PART_PRECISION,
    Deadline,
    Window,
    find_deadline,
    find_durations,
    find_windows,
    find_yearless_deadline,
)

_TIME = re.compile(r"\bthời gian\b|\bthời lượng\b|đại hội.*(?:không quá|tối đa).*ngày")
_NOT_OF_CONGRESS = re.compile(r"\bduyệt\b|\bhồ sơ\b|\bbáo cáo\b|\bgửi\b|\bnộp\b")
_REVIEW = re.compile(r"\bduyệt\b")
_SENDING = re.compile(r"\b(?:gửi|nộp)\b")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of one level's congresses."""

    max_days: int | None = None
    window: Window | None = None
    deadline: Deadline | None = None
    """Of the review."""
    deadline_lines: frozenset[int] = field(default_factory=frozenset)
    """The lines that set the deadline: among required papers they are none."""


def read_schedule(scope: Scope, doubts: Doubts) -> Schedule:
    """The times in the scope; where it gives several of a kind, none is taken."""
    durations: dict[int, Line] = {}
    windows: dict[tuple[object, ...], tuple[Line, Window]] = {}
    for line, text in _times(scope):
        for days in find_durations(text):
            durations.setdefault(days, line)
        for window in find_windows(text):
            value = (window.start, window.end, window.precision)
            windows.setdefault(value, (line, window))
    deadlines = list(_deadlines(scope, doubts))
    days_before = {deadline.before: line for line, deadline in deadlines}
    for code, lines, message in (
        (
            "several-durations",
            list(durations.values()),
            _("Several durations: none was taken."),
        ),
        (
            "several-windows",
            [line for line, _window in windows.values()],
            _("Several times: none was taken."),
        ),
        (
            "several-deadlines",
            list(days_before.values()),
            _("Several deadlines: none was taken."),
        ),
    ):
        if len(lines) > 1:
            doubts.add(lines[-1], code, message)
    _doubt_missing(scope, bool(windows), bool(deadlines), doubts)
    return Schedule(
        max_days=next(iter(durations)) if len(durations) == 1 else None,
        window=(
            _checked(*next(iter(windows.values())), doubts)
            if len(windows) == 1
            else None
        ),
        deadline=deadlines[0][1] if len(days_before) == 1 else None,
        deadline_lines=frozenset(line.number for line, _deadline in deadlines),
    )


def _doubt_missing(
    scope: Scope, has_window: bool, has_deadline: bool, doubts: Doubts
) -> None:
    if scope.is_pilot and not has_window:
        message = _("The section does not say when it is held.")
        doubts.add(scope.line, "no-window", message)
    if scope.is_pilot and not has_deadline:
        message = _("The section sets no deadline for the review.")
        doubts.add(scope.line, "no-review-deadline", message)


def _checked(line: Line, window: Window, doubts: Doubts) -> Window:
    """The window, without its dates where they cannot be."""
    if window.precision == PART_PRECISION:
        message = _("“%(wording)s” names no day: the limits are for you to set.")
        doubts.add(line, "vague-window", message % {"wording": window.text})
    if window.start and window.end and window.end < window.start:
        doubts.add(line, "window-order", _("The time ends before it begins."))
        return replace(window, start=None, end=None)
    return window


def _times(scope: Scope) -> Iterator[tuple[Line, str]]:
    """What is said on the time of the congress: a paragraph, or those under it."""
    for node in scope.walk():
        plain = spelled(node.item.content)
        if not _TIME.search(plain) or _NOT_OF_CONGRESS.search(plain):
            continue
        parts = list(node.walk()) if node.item.heading else [node]
        yield from ((as_line(part.item), part.item.content) for part in parts)


def _deadlines(scope: Scope, doubts: Doubts) -> Iterator[tuple[Line, Deadline]]:
    """The deadlines of the review, each with its line."""
    for node in scope.walk():
        line = as_line(node.item)
        for sentence in sentences(node.item.content):
            plain = spelled(sentence)
            if not _REVIEW.search(plain):
                continue
            deadline = find_deadline(sentence)
            if deadline and not _SENDING.search(plain):
                yield line, deadline
            elif deadline:
                message = _("“%(wording)s” is when papers are sent, not a review.")
                doubts.add(
                    line, "sending-deadline", message % {"wording": deadline.text}
                )
            elif wording := find_yearless_deadline(sentence):
                message = _("“%(wording)s” names no year: it was not taken.")
                doubts.add(line, "yearless-deadline", message % {"wording": wording})
