"""Where a paper's closing and its appendices begin."""

import re

from .markers import read_marker
from .papers import Line
from .spelling import is_capitals, spelled

RECIPIENTS_HEADING = re.compile(r"nơi nhận\s*[:.]?")
_AUTHORITY = re.compile(r"(?:tm|kt|tl|tuq|q|t/m|k/t|t/l)\s*[./]\s*\w")
_APPENDIX = re.compile(r"phụ lục(?:\s+(?:số\s+)?(?:[ivx]+|\d{1,2}|[a-e]))?\s*[:.]?")
_FILE_COPY = re.compile(r"\W*lưu\b")


def appendix_start(lines: list[Line]) -> int:
    """The index of the line "PHỤ LỤC", or the number of lines."""
    for index, line in enumerate(lines):
        plain = spelled(line.text)
        if not plain.startswith("phụ lục") or line.text.startswith("p"):
            continue
        if _APPENDIX.fullmatch(plain) or is_capitals(line.text):
            return index
    return len(lines)


def closing_start(lines: list[Line]) -> int:
    """The index of the first line of the closing, or the number of lines."""
    for index, line in enumerate(lines):
        plain = spelled(line.text)
        if RECIPIENTS_HEADING.match(plain):
            return index
        if is_authority(line.text):
            return index - _recipients_before(lines[:index])
    for index, line in enumerate(lines):
        if _FILE_COPY.match(spelled(line.text)) and read_marker(line.text):
            return index + 1 - _recipients_before(lines[: index + 1])
    return len(lines)


def is_authority(text: str) -> bool:
    """Whether the line says for whom a paper is signed: "TM. BAN THƯỜNG TRỰC"."""
    return is_capitals(text) and _AUTHORITY.match(spelled(text)) is not None


def _recipients_before(lines: list[Line]) -> int:
    """How many of the last lines are recipients, though no heading says so.

    They are a run of dashes of which the last keeps the copy: "- Lưu VP".
    """
    count = 0
    for line in reversed(lines):
        marked = read_marker(line.text)
        if marked is None or marked.kind != "dash":
            break
        if not count and not _FILE_COPY.match(spelled(line.text)):
            return 0
        if len(line.text) > 120 or line.text.endswith("./."):
            break
        count += 1
    return count
