"""The text that files hold."""

import re
import zipfile
from html import unescape
from typing import Any

from pypdf import PdfReader

_TAG = re.compile(rb"<[^>]*>")
_PARAGRAPH = re.compile(rb"</(w:p|si|row|w:tc)>")


def text_of(file: Any) -> str:
    """The text of an attachment, a paragraph a line; empty where it holds none.

    Word, Excel and PDF files are read. A scan or a picture holds no text.
    """
    with file.file.open("rb") as content:
        if file.file_type.family == "ooxml":
            return _office_text(content)
        if file.extension == "pdf":
            return _pdf_text(content)
    return ""


def _office_text(content: Any) -> str:
    with zipfile.ZipFile(content) as archive:
        parts = [
            archive.read(name)
            for name in archive.namelist()
            if re.match(r"(word|xl)/.*\.xml$", name)
        ]
    texts = (_TAG.sub(b"", _PARAGRAPH.sub(b"\n", part)) for part in parts)
    return unescape(b"\n".join(texts).decode("utf-8", "replace"))


def _pdf_text(content: Any) -> str:
    try:
        return "\n".join(page.extract_text() for page in PdfReader(content).pages)
    except Exception:  # noqa: BLE001 - a stranger's file may break pypdf in any way
        return ""
