"""PDF files, read as bytes: no parser is fed what a stranger sent."""

import re
import zipfile
from typing import IO

from .refusal import broken, encrypted, not_what_it_says
from .refusal import two_files_in_one as two_in_one
from .types import FileType

_ENCRYPT = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<")
_TRAILING = 1024
"""Readers look for the end mark in the last kilobyte (ISO 32000-1, 7.5.5, note)."""


def check(file: IO[bytes], name: str, file_type: FileType) -> None:
    """Refuse what is no plain PDF. Raises RefusedFileError."""
    content = file.read()
    if not content.startswith(b"%PDF-"):
        raise not_what_it_says(name)
    end = content.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in content[:end]:
        raise broken(name)
    if zipfile.is_zipfile(file) or content[end + 5 :].strip(b"\r\n\t \0\x1a"):
        if len(content) - end > _TRAILING or zipfile.is_zipfile(file):
            raise two_in_one(name)
        raise broken(name)
    if _ENCRYPT.search(content):
        raise encrypted(name)
