"""Who receives a paper ("Nơi nhận"), and what for."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from django.utils.translation import gettext as _

from .doubts import Doubts
from .markers import read_marker
from .papers import Line, Recipient
from .spelling import spelled, squeezed

_PURPOSE = re.compile(
    r"\s*\((?P<purpose>để [^()]{1,40}|báo cáo|b/c|bc|phối hợp|p/h|ph|thực hiện|t/h|th/h"
    r"|th|theo dõi|chỉ đạo|biết|để biết)\)\s*$"
)
_HALF_PURPOSE = re.compile(r"(?:báo cáo|phối hợp|thực hiện|biết)\s*$")
_FILE = re.compile(r"lưu\b\s*:?\s*")
_ACRONYM = re.compile(r"\b[A-ZĐ]{4,}\b")
_DOUBLED = re.compile(r"(.)\1")
FILE = "lưu"
"""The purpose of the copy that is kept."""


def read_recipients(lines: Iterable[Line], doubts: Doubts) -> tuple[Recipient, ...]:
    """The recipients; a line without a dash goes on with the one before it."""
    whole: list[Line] = []
    for line in lines:
        if whole and not read_marker(line.text):
            joined = f"{whole[-1].text} {line.text}"
            whole[-1] = replace(whole[-1], text=joined)
            doubts.add(line, "joined", _("Joined to the recipient before it."))
        else:
            whole.append(line)
    rows = [_recipient(line) for line in whole]
    return tuple(_with_notes(_with_braces(rows, doubts), doubts))


def _recipient(line: Line) -> Recipient:
    verbatim = squeezed(line.text)
    marked = read_marker(verbatim)
    name = (marked.rest if marked else verbatim).rstrip(" ;.,:")
    plain = spelled(name)
    if kept := _FILE.match(plain):
        return Recipient(line.number, name[kept.end() :], FILE, verbatim)
    if aim := _PURPOSE.search(plain):
        purpose = name[aim.start("purpose") : aim.end("purpose")]
        return Recipient(line.number, name[: aim.start()], purpose, verbatim)
    return Recipient(line.number, name, "", verbatim)


def _with_braces(rows: list[Recipient], doubts: Doubts) -> list[Recipient]:
    """The rows, with a bracket that was drawn over two lines read as one purpose."""
    read = list(rows)
    for index, (first, second) in enumerate(pairwise(rows)):
        opening = first.name.rfind("(")
        if opening < 0 or ")" in first.name[opening:]:
            continue
        closing = second.name.rfind(")")
        start = _start_of_purpose(second.name, closing)
        if start is None:
            continue
        purpose = f"{first.name[opening + 1 :]} {second.name[start:closing]}".strip()
        read[index] = replace(
            read[index], name=first.name[:opening].rstrip(" ;.,"), purpose=purpose
        )
        read[index + 1] = replace(
            second, name=second.name[:start].rstrip(" ;.,"), purpose=purpose
        )
        doubts.add(
            Line(first.line, first.verbatim),
            "brace",
            _("A bracket over two lines: both recipients were given “%(purpose)s”.")
            % {"purpose": purpose},
        )
    return read


def _start_of_purpose(name: str, closing: int) -> int | None:
    """Where the half of a purpose begins that ends at the closing bracket."""
    if closing < 0 or "(" in name[:closing]:
        return None
    match = _HALF_PURPOSE.search(spelled(name[:closing]))
    return match.start() if match else None


def _with_notes(rows: list[Recipient], doubts: Doubts) -> list[Recipient]:
    """The rows, with a note where an acronym looks mistyped.

    Such a one is written once, and is another acronym of the list but for one letter
    doubled: "UBTWW" beside "UBTW".
    """
    count = Counter(word for row in rows for word in _ACRONYM.findall(row.name))
    noted: list[Recipient] = []
    for row in rows:
        for word in _ACRONYM.findall(row.name):
            if count[word] > 1 or not any(
                _undoubled(word, at) in count for at in _doubled(word)
            ):
                continue
            row = replace(row, note=f"{word} is a typing slip in the source")
            doubts.add(
                Line(row.line, row.verbatim),
                "typing-slip",
                _("“%(word)s” seems to be a slip of typing.") % {"word": word},
            )
        noted.append(row)
    return noted


def _doubled(word: str) -> list[int]:
    return [match.start() for match in _DOUBLED.finditer(word)]


def _undoubled(word: str, at: int) -> str:
    return word[:at] + word[at + 1 :]
