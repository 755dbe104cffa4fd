"""Whether an uploaded file may be kept: its content, not what its name claims.

`inspect` reads the file and either says what it is or refuses it, with a message that
tells the sender what to do. Nothing of a file is trusted: no part of it is unpacked
beyond a limit, and nothing of it is run.
"""

import unicodedata
from pathlib import PurePosixPath
from typing import IO

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from . import archives, images, ole, pdf
from .refusal import RefusedFileError
from .types import FILE_TYPES, FileType

__all__ = [
    "FileType",
    "RefusedFileError",
    "allowed_types",
    "clean_name",
    "inspect",
    "max_size",
]

CHECKS = {
    "image": images.check,
    "ole": ole.check,
    "ooxml": archives.check,
    "pdf": pdf.check,
}
NAME_LENGTH = 200


def max_size() -> int:
    """The largest file that is taken, in bytes."""
    return getattr(settings, "PLANS_FILE_MAX_SIZE", 20 * 1024 * 1024)


def allowed_types() -> list[FileType]:
    """The types the office takes, in the order of the setting."""
    default = ["docx", "xlsx", "pdf", "jpg", "jpeg", "png"]
    return [FILE_TYPES[name] for name in getattr(settings, "PLANS_FILE_TYPES", default)]


def clean_name(name: str) -> str:
    """The name as it is kept: composed letters (macOS sends them apart), no path.

    Control characters and the marks that turn the direction of writing are dropped:
    with them "hồ sơ‮fdp.exe" reads as a PDF.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    name = PurePosixPath(name).name
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf"})
    name = " ".join(name.split()).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if len(name) > NAME_LENGTH:
        name = stem[: NAME_LENGTH - len(extension) - 1].rstrip() + dot + extension
    return name[:NAME_LENGTH]


def inspect(file: IO[bytes], name: str, size: int) -> FileType:
    """What the file is. Raises RefusedFileError; leaves the file at its beginning.

    `name` is a name as `clean_name` gives it, `size` is in bytes.
    """
    file_type = _named_type(name)
    if size == 0:
        raise RefusedFileError(
            _("“%s” is empty. Open it, check its content and send it again.") % name,
            "empty",
        )
    if size > max_size():
        raise RefusedFileError(
            _(
                "“%(name)s” is too large (%(size)s; at most %(limit)s)."
                " Make its pictures smaller, or split it."
            )
            % {
                "name": name,
                "size": filesizeformat(size),
                "limit": filesizeformat(max_size()),
            },
            "too_large",
        )
    try:
        file.seek(0)
        CHECKS[file_type.family](file, name, file_type)
    finally:
        file.seek(0)
    return file_type


def _named_type(name: str) -> FileType:
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    for file_type in allowed_types():
        if file_type.extension == extension:
            return file_type
    endings = ", ".join(f".{file_type.extension}" for file_type in allowed_types())
    raise RefusedFileError(
        _("“%(name)s” is of a type that is not taken. Send one of: %(endings)s.")
        % {"name": name, "endings": endings},
        "type",
    )
