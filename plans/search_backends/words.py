"""The words of a text as the index holds them.

Every word is indexed without its marks, so that it is found however it is typed. A word
that has marks is indexed with them as well, spelt in ASCII as Vietnamese is typed on a
bare keyboard (VNI): "đại" as "dai" and as "daizqd9ai5q". The databases' own tokenizers
cannot be left to it: SQLite's takes away one mark of a letter but not two.

The second spelling begins with the first, so that a search for the beginning of a word
meets nothing else by it, and ends with a letter, so that none begins another.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from plans.text import fold

_WORD = re.compile(r"[^\W_]+")
_TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_SHAPES = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}


def folded_words(text: str) -> str:
    """The text's words without their marks."""
    return fold(text)


def marked_words(text: str) -> str:
    """Those of the text's words that have marks, with them; each once."""
    return " ".join(dict.fromkeys(word for word in _spelt(text) if "zq" in word))


def typed_words(text: str) -> str:
    """The text's words as they were typed: with their marks where they have any."""
    return " ".join(_spelt(text))


def _spelt(text: str) -> Iterator[str]:
    for match in _WORD.finditer(unicodedata.normalize("NFC", text)):
        if spelt := _spell(match[0].lower()):
            yield spelt


@lru_cache(maxsize=20_000)
def _spell(word: str) -> str:
    folded = fold(word)
    if folded == word or " " in folded:
        return folded
    letters, tone = [], ""
    for char in unicodedata.normalize("NFD", word.replace("đ", "d9")):
        if char in _TONES:
            # At the end: where the tone stands in a word differs (hòa, hoà).
            tone = _TONES[char]
        elif unicodedata.combining(char):
            letters.append(_SHAPES.get(char, f"{ord(char):x}"))
        else:
            letters.append(char)
    return f"{folded}zq{''.join(letters)}{tone}q"
