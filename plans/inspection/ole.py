"""Word and Excel files of before 2007, for an office that still takes them."""

from typing import IO

from .refusal import broken, encrypted, macros, not_what_it_says
from .types import FileType

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")


def _stream(name: str) -> bytes:
    """The name of a stream as the container's directory writes it."""
    return name.encode("utf-16-le")


STREAM_ENCRYPTED = _stream("EncryptedPackage")
MAIN_STREAMS = {
    "doc": (_stream("WordDocument"),),
    "xls": (_stream("Workbook"), _stream("Book\0")),
}
MACRO_STREAMS = (_stream("_VBA_PROJECT"), _stream("Macros\0"))
WORD_ENCRYPTED = 0x0100
EXCEL_FILEPASS = b"\x2f\x00"


def check(file: IO[bytes], name: str, file_type: FileType) -> None:
    """Refuse what is no plain .doc or .xls. Raises RefusedFileError."""
    content = file.read()
    if not content.startswith(OLE_MAGIC):
        raise not_what_it_says(name)
    if len(content) < 1536:
        raise broken(name)
    if STREAM_ENCRYPTED in content:
        raise encrypted(name)
    if any(stream in content for stream in MACRO_STREAMS):
        raise macros(name)
    if not any(stream in content for stream in MAIN_STREAMS[file_type.extension]):
        raise not_what_it_says(name)
    if _has_password(content, file_type):
        raise encrypted(name)


def _has_password(content: bytes, file_type: FileType) -> bool:
    """The mark of encryption in the first record of the main stream.

    Word and Excel write it in sector 0 ([MS-DOC] 2.5.2, fEncrypted; [MS-XLS] 2.4.117,
    FilePass right behind the BOF record).
    """
    if file_type.extension == "doc":
        block = content[512:544]
        return block[:2] == b"\xec\xa5" and bool(
            int.from_bytes(block[10:12], "little") & WORD_ENCRYPTED
        )
    block = content[512:1024]
    if block[:2] != b"\x09\x08":
        return False
    behind = 4 + int.from_bytes(block[2:4], "little")
    return block[behind : behind + 2] == EXCEL_FILEPASS
