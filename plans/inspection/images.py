"""Pictures: of the right kind, whole, and not larger than a memory can hold."""

import re
import warnings
import zipfile
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image

from .refusal import RefusedFileError, broken, not_what_it_says
from .refusal import two_files_in_one as two_in_one
from .types import FileType

MAX_PIXELS = 64_000_000
"""A phone's 50-megapixel picture fits."""

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
_FOREIGN = re.compile(rb"<(html|script|svg|\?php|!doctype)|%PDF-", re.IGNORECASE)


def check(file: IO[bytes], name: str, file_type: FileType) -> None:
    """Refuse what is no plain picture. Raises RefusedFileError."""
    content = file.read()
    expected = _FORMATS[file_type.mime]
    try:
        with warnings.catch_warnings():
            # The size is judged below; Pillow's own limit only warns.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                if image.format not in {expected, "MPO" if expected == "JPEG" else ""}:
                    raise not_what_it_says(name)
                _check_pixels(image, name)
                if not _is_whole(image, content):
                    raise broken(name)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    except Image.UnidentifiedImageError as error:
        raise not_what_it_says(name) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise broken(name) from error
    if zipfile.is_zipfile(file) or _FOREIGN.search(content):
        raise two_in_one(name)


def _check_pixels(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(name)


def _too_many_pixels(name: str) -> RefusedFileError:
    return RefusedFileError(
        _("“%s” has too many pixels. Scan it at 300 dpi or less and send that.") % name,
        "pixels",
    )


def _is_whole(image: Image.Image, content: bytes) -> bool:
    """Whether the picture is not cut off. Nothing is decoded: that takes memory.

    A PNG carries sums (`verify` raises); the data of a JPEG closes with an end mark,
    behind which some phones write data of their own.
    """
    if image.format == "PNG":
        image.verify()
        return True
    return content.rfind(b"\xff\xd9") > content.rfind(b"\xff\xda")
