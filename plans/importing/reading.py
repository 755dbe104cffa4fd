"""From the bytes of a file to clean text: Unicode in NFC, one line a line."""

import codecs
import re
import unicodedata
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_BYTES = 2 * 1024 * 1024
MAX_LINES = 20_000
MAX_CONTROLS = 8
"""A stray control character is a slip of a keyboard; more of them, a binary file."""

_SIGNATURES = {
    b"PK\x03\x04": gettext_lazy("a Word, Excel or ZIP file"),
    b"\xd0\xcf\x11\xe0": gettext_lazy("an old Word or Excel file"),
    b"%PDF": gettext_lazy("a PDF file"),
    b"{\\rtf": gettext_lazy("an RTF file"),
    b"\x89PNG": gettext_lazy("a picture"),
    b"\xff\xd8\xff": gettext_lazy("a picture"),
    b"<html": gettext_lazy("a web page"),
    b"<!doctype": gettext_lazy("a web page"),
}
_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_SPACES = dict.fromkeys([0xA0, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)], " ")
_HYPHENS = dict.fromkeys([0x2010, 0x2011], "-")
# Zero-width characters, soft hyphens, and the marks that turn the writing direction,
# with which a line can be made to read otherwise than it is stored.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), 0xFEFF]
)  # fmt: skip
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_CHARACTERS = _SPACES | _HYPHENS | _INVISIBLE

_LATIN = re.compile(r"[\xa1-\xff]")
_VIETNAMESE = re.compile(r"[ĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
_VNI_PAIR = re.compile(r"[aeouyAEOUY][àáâãäåèéêëïñòóôõöøùúûüÀÁÂÃÄÅÈÉÊËÏÑÓÔÕÖØÙÚÛÜ]")


class PaperReadingError(ValueError):
    """A file that cannot be read: `code` names the reason, the message explains it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_bytes(path: Path) -> bytes:
    """The file's bytes, one more than allowed at most.

    Raises PaperReadingError with the code "unreadable".
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PaperReadingError(
            "unreadable",
            _("“%(file)s” cannot be opened: %(reason)s.")
            % {"file": path, "reason": error.strerror or error},
        ) from error


def read_paper(data: bytes) -> str:
    """The clean text of a paper.

    Raises PaperReadingError with the code "too-big", "binary", "encoding",
    "legacy-encoding", "too-long" or "empty".
    """
    if len(data) > MAX_BYTES:
        raise PaperReadingError(
            "too-big",
            _("The file is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024**2},
        )
    _refuse_other_formats(data)
    text = _decode(data)
    if len(_CONTROLS.findall(text)) > MAX_CONTROLS:
        raise PaperReadingError("binary", _("The file is not a text."))
    text = clean_text(text)
    if legacy := legacy_encoding(text):
        raise _legacy_error(legacy)
    if not text.strip():
        raise PaperReadingError("empty", _("The file is empty."))
    if text.count("\n") > MAX_LINES:
        raise PaperReadingError(
            "too-long",
            _("The file has more than %(count)s lines.") % {"count": MAX_LINES},
        )
    return text


def clean_text(text: str) -> str:
    """The text in NFC, with plain spaces and line ends and nothing invisible.

    Spelling is kept: "Hoà" and "Hòa" both stay as they are written.
    """
    text = _LINE_ENDS.sub("\n", text).translate(_CHARACTERS)
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text))


def legacy_encoding(text: str) -> str:
    """ "TCVN3" or "VNI" where the text was written in that old encoding, or "".

    Both put Vietnamese letters in the places of Western ones: "Céng hßa x· héi"
    (TCVN3), "Coäng hoøa xaõ hoäi" (VNI: the letter, then its mark).
    """
    latin = len(_LATIN.findall(text))
    if latin < 5 or len(_VIETNAMESE.findall(text)) * 10 >= latin:
        return ""
    return "VNI" if len(_VNI_PAIR.findall(text)) * 2 > latin else "TCVN3"


def _refuse_other_formats(data: bytes) -> None:
    start = data[:64].lstrip().lower()
    for signature, name in _SIGNATURES.items():
        if start.startswith(signature.lower()):
            raise PaperReadingError(
                "binary",
                _("This is %(kind)s. Save the paper as plain text (UTF-8).")
                % {"kind": name},
            )


def _decode(data: bytes) -> str:
    mark, encoding = next(
        (bom for bom in _BOMS if data.startswith(bom[0])), (b"", "utf-8")
    )
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in data and not mark:
            raise PaperReadingError("binary", _("The file is not a text.")) from error
        if legacy := legacy_encoding(data.decode("latin-1")):
            raise _legacy_error(legacy) from error
        raise PaperReadingError(
            "encoding",
            _("The file is not in Unicode. Save it as plain text (UTF-8)."),
        ) from error


def _legacy_error(encoding: str) -> PaperReadingError:
    return PaperReadingError(
        "legacy-encoding",
        _(
            "The text seems to be in the old encoding %(encoding)s. "
            "Convert it to Unicode first."
        )
        % {"encoding": encoding},
    )
