"""Word and Excel files: archives of XML, and what may hide in an archive."""

import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext as _

from .ole import OLE_MAGIC, STREAM_ENCRYPTED
from .refusal import RefusedFileError, broken, encrypted, macros, not_what_it_says
from .refusal import two_files_in_one as two_in_one
from .types import FileType

MAX_ENTRIES = 2_000
MAX_UNPACKED = 96 * 1024 * 1024
MAX_XML = 24 * 1024 * 1024
"""A report of 400 pages holds some 5 MiB of XML; a bomb holds gigabytes."""

ZIP_MAGIC = b"PK\x03\x04"
CHUNK = 1024 * 1024

MAIN_PART = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
}
CONTENT_TYPES = "[Content_Types].xml"
_MACROS = re.compile(r"(^|/)(vba[a-z]*\.bin|vbaData\.xml|activeX/)", re.IGNORECASE)
_EMBEDDED = re.compile(r"(^|/)embeddings/[^/]+\.(docx|xlsx|pptx)$", re.IGNORECASE)
_TEXT = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)


def check(file: IO[bytes], name: str, file_type: FileType) -> None:
    """Refuse what is no plain Word or Excel file. Raises RefusedFileError."""
    head = file.read(8)
    if head == OLE_MAGIC:
        # A password turns the archive into a container of the old format.
        if STREAM_ENCRYPTED in file.read():
            raise encrypted(name)
        raise not_what_it_says(name)
    if not head.startswith(ZIP_MAGIC):
        raise not_what_it_says(name)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_entries(archive, name)
            _check_main_part(archive, name, file_type)
            _check_content(archive, name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
    ) as error:
        raise broken(name) from error


def _check_entries(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if not entries or len(set(names)) != len(names):
        raise broken(name)
    if min(entry.header_offset for entry in entries) or archive.comment:
        # Something stands before the archive, or behind it.
        raise two_in_one(name)
    if any(entry.flag_bits & 1 for entry in entries):
        raise encrypted(name)
    if any(_leaves_its_folder(entry) for entry in names):
        raise broken(name)
    if any(_MACROS.search(entry) for entry in names):
        raise macros(name)
    if (
        len(entries) > MAX_ENTRIES
        or sum(entry.file_size for entry in entries) > MAX_UNPACKED
        or any(
            entry.file_size > MAX_XML and _TEXT.search(entry.filename)
            for entry in entries
        )
    ):
        raise RefusedFileError(
            _(
                "“%s” unpacks to far more than a paper holds and may be harmful."
                " Split it, or save it as PDF."
            )
            % name,
            "bomb",
        )


def _leaves_its_folder(entry: str) -> bool:
    path = PurePosixPath(entry.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in entry


def _check_main_part(archive: zipfile.ZipFile, name: str, file_type: FileType) -> None:
    if CONTENT_TYPES not in archive.namelist():
        raise not_what_it_says(name)
    types = archive.read(CONTENT_TYPES)
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise macros(name)
    if MAIN_PART[file_type.extension] not in types:
        raise not_what_it_says(name)


def _check_content(archive: zipfile.ZipFile, name: str) -> None:
    """Unpack each entry, into nothing: its sum must hold and its kind must fit.

    `zipfile` reads no further than the size an entry declares, and then compares the
    sum, so an entry that lies about its size is damaged and not a bomb.
    """
    for entry in archive.infolist():
        with archive.open(entry) as content:
            head = content.read(CHUNK)
            if head.startswith(ZIP_MAGIC) and not _EMBEDDED.search(entry.filename):
                raise two_in_one(name)
            if _TEXT.search(entry.filename) and b"<!DOCTYPE" in head[:4096]:
                raise broken(name)
            while content.read(CHUNK):
                pass
