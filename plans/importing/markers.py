"""The numbering of an official paper: which marker opens a line, and at what level.

The levels are those of Decree 30/2020/NĐ-CP, Appendix I, with "-" and "+" below
them, which the decree does not know and every paper uses.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .spelling import is_capitals

_ROMAN = r"(?:[IVX]{1,6}|[LC](?=[IVX])[IVXL]{1,5})"
_SMALL = r"\d{1,2}"


def _capital_first(rest: str) -> bool:
    return bool(rest) and not rest[0].islower()


def _nothing_small(rest: str) -> bool:
    """Nothing, as where the title stands on the next line, or a capital first."""
    return not rest or _capital_first(rest)


def _or_nothing(rest: str) -> bool:
    return True


# In the order in which they are tried, each with what must follow: a sentence that
# was wrapped before "Điều 5 của Luật" or "1.5 triệu" does not open an article.
_PATTERNS: list[tuple[str, str, Callable[[str], bool]]] = [
    (
        "part",
        r"(?:Phần|PHẦN)\s+(?:thứ\s+\w+|THỨ\s+\w+|[IVXLC]+|\d{1,2}|[A-E])\b[.:]?",
        _nothing_small,
    ),
    ("chapter", r"(?:Chương|CHƯƠNG)\s+(?:[IVXLC]+|\d{1,2})\b[.:]?", _nothing_small),
    ("section", r"(?:Mục|MỤC)\s+(?:[IVXLC]+|\d{1,2})\s*[.:]", _capital_first),
    (
        "article",
        r"(?:Điều|ĐIỀU)\s+\d{1,3}[a-zđ]?(?:\s*[.:]|(?=\s*$))",
        _nothing_small,
    ),
    ("subclause", rf"{_ROMAN}(?:\.{_SMALL}){{2,3}}[./)]?(?=\s)", bool),
    ("clause", rf"{_ROMAN}\.{_SMALL}[./)]?(?=\s)", bool),
    ("section", rf"{_ROMAN}\s?[./)](?![.\da-z])", _or_nothing),
    ("section", rf"{_ROMAN}(?:\s?[-–])?(?=\s)", is_capitals),
    ("part", r"[A-HĐ]\s?[./]", is_capitals),
    ("subclause", rf"{_SMALL}(?:\.{_SMALL}){{1,3}}[./)](?!\d)", bool),
    ("subclause", rf"{_SMALL}(?:\.{_SMALL}){{1,3}}(?=\s)", _capital_first),
    ("clause", rf"{_SMALL}\s?[./](?![\d.])", bool),
    ("point", rf"\({_SMALL}\)\.?", bool),
    ("point", rf"{_SMALL}\)\.?", bool),
    ("point", r"\(?[a-zđ]{1,2}\)\.?", bool),
    ("point", r"[a-zđ]\s?[./](?=\s)", bool),
    ("plus", r"\+", bool),
    ("dash", r"[-–—−](?![-–—−\d])", bool),
    ("dash", r"[•●▪◦·∙*](?![•●▪◦·∙*.])", bool),
]
_MARKERS = [(kind, re.compile(pattern), fits) for kind, pattern, fits in _PATTERNS]
_RULE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Marked:
    """A line that a marker opens; `rest` is what follows the marker."""

    kind: str
    marker: str
    rest: str


def read_marker(text: str) -> Marked | None:
    """The line's marker, or None for an ordinary paragraph (and for a drawn rule).

    A marker with nothing behind it is a page number or a rule, except where the
    title may stand on the next line ("Chương I").
    """
    if _RULE.fullmatch(text):
        return None
    for kind, pattern, fits in _MARKERS:
        if match := pattern.match(text):
            rest = text[match.end() :].strip()
            if fits(rest):
                return Marked(kind, match[0].strip(), rest)
    return None


def goes_on_in_capitals(kind: str, heading: str, text: str) -> bool:
    """Whether the text is the next line of a section's title set in capitals."""
    if kind not in ("part", "chapter", "section") or not is_capitals(text):
        return False
    return not heading or is_capitals(heading)


def value_of(label: str) -> int | None:
    """The last number of a marker: 3 for "1.3" and "III", None for a letter's."""
    last = label.rsplit(".", 1)[-1].strip("() ").split()[-1:]
    if not last:
        return None
    if last[0].isdecimal():
        return int(last[0])
    return _roman(last[0])


_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def _roman(text: str) -> int | None:
    values = [_ROMAN_VALUES.get(char, 0) for char in text]
    if not values or 0 in values:
        return None
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value
        for value, after in zip(values, following, strict=True)
    )
