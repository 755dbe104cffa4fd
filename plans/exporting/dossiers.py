"""A whole dossier to take along: an archive with an index sheet, or one PDF."""

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from pypdf import PdfReader, PdfWriter

from plans.models import Attachment, DossierPage
from plans.text import vietnamese_slug

from . import word

CHUNK = 256 * 1024


class _Sink:
    """Where the archive is written to, and taken from, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def take(self) -> bytes:
        data = b"".join(self.pieces)
        self.pieces.clear()
        return data


def archive(dossier: DossierPage, files: Sequence[Attachment]) -> Iterator[bytes]:
    """The files and their index sheet as a ZIP, in pieces: memory stays small.

    Nothing is stored on the way: what holds personal data lies in one place only.
    """
    sink: Any = _Sink()
    with zipfile.ZipFile(sink, "w") as out:
        with out.open(_entry("Mục lục.docx"), "w") as entry:
            entry.write(index_sheet(dossier, files))
        yield sink.take()
        for number, file in enumerate(files, start=1):
            name = _entry(f"{_folder(file)}/{number:02d} {file.name}")
            with file.file.open("rb") as content, out.open(name, "w") as entry:
                while chunk := content.read(CHUNK):
                    entry.write(chunk)
                    yield sink.take()
    yield sink.take()


def _entry(name: str) -> zipfile.ZipInfo:
    moment = timezone.localtime()
    return zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])


def _folder(file: Attachment) -> str:
    if file.item is None:
        return "van-ban-khac"
    # Windows takes no long paths, and no signs such as : or ?.
    words = vietnamese_slug(file.item.title)[:40].strip("-")
    return f"{file.item.sort_order + 1:02d}-{words}"


def index_sheet(dossier: DossierPage, files: Sequence[Attachment]) -> bytes:
    """The list of the files, as a Word file."""
    paper = word.new_paper()
    word.write(paper, "MỤC LỤC HỒ SƠ", bold=True, align=word.CENTRE)
    word.write(paper, dossier.title, bold=True, align=word.CENTRE)
    word.write_table(
        paper,
        ("STT", "Văn bản", "Tệp", "Bản", "Người gửi, lúc gửi", "SHA-256"),
        [
            (
                str(number),
                file.item.title if file.item else "Văn bản khác",
                file.name,
                str(file.version),
                f"{file.uploaded_by_name}, "
                f"{timezone.localtime(file.uploaded_at):%H:%M %d/%m/%Y}",
                file.sha256,
            )
            for number, file in enumerate(files, start=1)
        ],
        widths=(10, 40, 40, 12, 33, 30),
        size=10,
    )
    return word.as_bytes(paper)


def merged_pdf(files: Sequence[Attachment]) -> bytes:
    """The files as one PDF with a bookmark each.

    Raises ValidationError where one is no PDF, or cannot be read.
    """
    out = PdfWriter()
    for file in files:
        if file.extension != "pdf":
            raise ValidationError(
                _("“%s” is no PDF: take the whole dossier as an archive.") % file.name
            )
        try:
            with file.file.open("rb") as content:
                out.append(PdfReader(content), outline_item=file.name)
        except Exception as error:
            raise ValidationError(
                _("“%s” cannot be joined: save it again as PDF.") % file.name
            ) from error
    merged = BytesIO()
    out.write(merged)
    return merged.getvalue()
