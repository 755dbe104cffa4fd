"""The types of files the plugin knows how to check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileType:
    """`extension` is what the name ends in; `family` the check that reads it."""

    extension: str
    mime: str
    family: str
    inline: bool = False  # a browser shows it without a program of its own


_OOXML = "application/vnd.openxmlformats-officedocument"

FILE_TYPES = {
    file_type.extension: file_type
    for file_type in (
        FileType("docx", f"{_OOXML}.wordprocessingml.document", "ooxml"),
        FileType("xlsx", f"{_OOXML}.spreadsheetml.sheet", "ooxml"),
        FileType("pdf", "application/pdf", "pdf", inline=True),
        FileType("jpg", "image/jpeg", "image", inline=True),
        FileType("jpeg", "image/jpeg", "image", inline=True),
        FileType("png", "image/png", "image", inline=True),
        FileType("doc", "application/msword", "ole"),
        FileType("xls", "application/vnd.ms-excel", "ole"),
    )
}
