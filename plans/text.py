"""Vietnamese text: folding for search and slugs, lines."""

import re
import unicodedata

from django.utils.text import slugify
from django.utils.translation import gettext as _

_NOT_WORD = re.compile(r"[^\w]+|_+")


UNMARKED = {
    "a": "àáạảãâầấậẩẫăằắặẳẵÀÁẠẢÃÂẦẤẬẨẪĂẰẮẶẲẴ",
    "d": "đĐ",
    "e": "èéẹẻẽêềếệểễÈÉẸẺẼÊỀẾỆỂỄ",
    "i": "ìíịỉĩÌÍỊỈĨ",
    "o": "òóọỏõôồốộổỗơờớợởỡÒÓỌỎÕÔỒỐỘỔỖƠỜỚỢỞỠ",
    "u": "ùúụủũưừứựửữÙÚỤỦŨƯỪỨỰỬỮ",
    "y": "ỳýỵỷỹỲÝỴỶỸ",
}
"""The letters of Vietnamese that carry marks, by the plain letter."""


def fold(text: str) -> str:
    """The text as it is searched: lower case, no marks, words only.

    "Đại hội điểm, số 380/KH-MTTQ" becomes "dai hoi diem so 380 kh mttq". Composed and
    decomposed input, and both ways of placing a tone mark (Hòa, Hoà), come out alike.
    """
    return " ".join(_NOT_WORD.sub(" ", unmark(text).lower()).split())


def unmark(text: str) -> str:
    """The text without its diacritics: "Đại hội điểm" becomes "Dai hoi diem"."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def on_line(line: int, text: str) -> str:
    """What is to be said of a line of a file, counted from one, with its number."""
    return _("Line %(line)d: %(text)s") % {"line": line, "text": text}


def one_line(text: str) -> str:
    """The text in composed letters, on one line, with single plain spaces.

    Nothing invisible is left: with it two names that look the same are not.
    """
    kept = "".join(
        " " if unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cc"} else char
        for char in unicodedata.normalize("NFC", text)
        if unicodedata.category(char) not in {"Cf", "Co", "Cn"}
    )
    return " ".join(kept.split())


SLUG_LENGTH = 80


def vietnamese_slug(text: str) -> str:
    """The text as a slug: "Đại hội điểm" becomes "dai-hoi-diem"; cut after a word."""
    slug = slugify(unmark(text))
    if len(slug) > SLUG_LENGTH:
        slug = slug[: SLUG_LENGTH + 1].rpartition("-")[0] or slug[:SLUG_LENGTH]
    return slug.strip("-")
