"""Showing where a text was found: an extract with the words marked."""

import re
import unicodedata

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString

from plans.text import fold, unmark

BEFORE = 60
LENGTH = 240
"""Characters of an extract, and how many of them stand before the words found."""

LONGEST_TEXT = 200_000
"""Characters of a text that are looked through."""

_WORD = re.compile(r"[^\W_]+")


class _BareLetters(dict[int, str]):
    """Each character without its marks, still one character: places stay the same."""

    def __missing__(self, code: int) -> str:
        bare = unmark(chr(code)).lower()
        self[code] = bare if len(bare) == 1 else chr(code)
        return self[code]


_BARE_LETTERS = _BareLetters()


class Highlighter:
    """Marks the words of a query in texts, however either is written."""

    def __init__(self, query: str) -> None:
        words = fold(query).split()
        self._pattern = _pattern(words) if words else None
        self._typed = set(_WORD.findall(_composed(query).lower()))

    def marked(self, text: str) -> SafeString:
        """The whole text as HTML."""
        text = _composed(text)
        pairs = []
        done = 0
        for match in self._matches(text):
            start, end = match.span()
            pairs.append((text[done:start], text[start:end]))
            done = end
        return format_html_join("", "{}<mark>{}</mark>", pairs) + escape(text[done:])

    def excerpt(self, text: str) -> SafeString:
        """The part of the text around the words, or its beginning, as HTML."""
        text = _composed(text[:LONGEST_TEXT])
        matches = self._matches(text)
        best = max(matches, key=lambda match: self._worth(text, match), default=None)
        start, end = _window(text, best.start() if best else 0)
        return (
            escape("… " if start else "")
            + self.marked(" ".join(text[start:end].split()))
            + escape(" …" if end < len(text) else "")
        )

    def _matches(self, text: str) -> list[re.Match[str]]:
        if self._pattern is None:
            return []
        return list(self._pattern.finditer(text.translate(_BARE_LETTERS)))

    def _worth(self, text: str, match: re.Match[str]) -> tuple[int, int]:
        """Words just as they were typed come first, then the most words in a row."""
        words = _WORD.findall(text[match.start() : match.end()].lower())
        return len(self._typed.intersection(words)), match.end() - match.start()


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _pattern(words: list[str]) -> re.Pattern[str]:
    """The words in a row, in any order; the last may go on, unless it is a number."""
    parts = sorted(map(re.escape, set(words)))
    if not words[-1].isdecimal():
        parts.append(rf"{re.escape(words[-1])}[^\W_]*")
    word = rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])"
    return re.compile(rf"{word}(?:[\W_]{{1,2}}{word})*")


def _window(text: str, place: int) -> tuple[int, int]:
    """Where an extract around the place begins and ends: between words."""
    start = max(0, place - BEFORE)
    if start:
        start = text.find(" ", start, place) + 1 or place
    end = start + LENGTH
    if end < len(text):
        end = text.rfind(" ", place, end) + 1 or end
    return start, end
