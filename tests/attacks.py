"""The files an attacker would send, made when they are asked for."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from tests.uploads import office, ole, pdf, picture


def unpacks_to_800_megabytes() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as entry,
    ):
        for _megabyte in range(800):
            entry.write(bytes(1024 * 1024))
    return out.getvalue()


def lies_about_its_size() -> bytes:
    content = bytearray(office(entries={"word/big.bin": bytes(200 * 1024 * 1024)}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 1000)
    return bytes(content)


def holds_a_million_paragraphs() -> bytes:
    return office(text="<w:p><w:r><w:t>.</w:t></w:r></w:p>" * 1_000_000)


def holds_thousands_of_entries() -> bytes:
    return office(entries={f"word/{number}.xml": b"" for number in range(2_001)})


def has_900_megapixels() -> bytes:
    """A picture of 30,000 by 30,000, of which a bit each is stored."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack("!I", len(data)) + body + struct.pack("!I", zlib.crc32(body))

    row = zlib.compress(bytes(1 + 30_000 // 8) * 30_000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack("!IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", row)
        + chunk(b"IEND", b"")
    )


def has_100_megapixels() -> bytes:
    """Of which Pillow only warns."""
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    return out.getvalue()


def holds_an_archive() -> bytes:
    return office(entries={"word/media/a.bin": office()})


ATTACKS: dict[str, Callable[[], bytes]] = {
    "a path out: ../../../../tmp/a.html": lambda: b"<html>",
    "a second extension: a.pdf.html": lambda: b"<html><script>",
    "a page: a.pdf": lambda: b"<html><script>alert(1)</script>",
    "a drawing: a.png": lambda: b"<svg onload=alert(1)>",
    "a program: a.docx": lambda: b"MZ\x90\0" + bytes(4096),
    "a PDF and an archive: a.pdf": lambda: pdf() + office(),
    "a picture and a page: a.png": lambda: picture("PNG") + b"<script>",
    "a picture and a PDF: a.jpg": lambda: picture() + pdf(),
    "macros: a.docx": lambda: office(entries={"word/vbaProject.bin": b"x"}),
    "a password: a.docx": lambda: ole("EncryptedPackage"),
    "a bomb: a.docx": unpacks_to_800_megabytes,
    "a lie: a.docx": lies_about_its_size,
    "a long paper: a.docx": holds_a_million_paragraphs,
    "many entries: a.docx": holds_thousands_of_entries,
    "an archive within: a.docx": holds_an_archive,
    "a large picture: a.png": has_900_megapixels,
    "a larger one: b.png": has_100_megapixels,
    "nothing: a.pdf": lambda: b"",
    "much: a.pdf": lambda: pdf() + bytes(21 * 1024 * 1024),
}
"""What it is and the name it comes under."""
