"""Real files of every kind a unit sends, and of the kinds an attacker would."""

import io
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from plans.actions.attachments import attach
from plans.actions.submissions import record_party_decision
from plans.models import Attachment, DossierArchive, DossierPage

_OOXML = "application/vnd.openxmlformats-officedocument."
_PARTS = {
    "docx": ("word/document.xml", f"{_OOXML}wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{_OOXML}spreadsheetml.sheet.main+xml"),
}


def use_own_folder(test: Any) -> Path:
    """Have the test keep its attachments in a folder of its own, and return that."""
    folder = test.enterContext(tempfile.TemporaryDirectory(prefix="plans-files-"))
    storage = FileSystemStorage(location=folder, base_url=None)
    for model in (Attachment, DossierArchive):
        field = model._meta.get_field("file")
        test.enterContext(mock.patch.object(field, "storage", storage))
    return Path(folder)


def complete(dossier: DossierPage, user: Any) -> None:
    """Give the dossier all it needs before it can be submitted."""
    for item in dossier.items.all():
        if not item.current_files:
            paper = pdf(f"Van ban {item.sort_order}")
            sent = upload(paper, f"Văn bản {item.sort_order}.pdf")
            attach(page=dossier, user=user, upload=sent, item=item)
        if item.is_party_record:
            record_party_decision(
                item=item, user=user, number="12-NQ/ĐU", dated=date(2023, 11, 20)
            )


def upload(content: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def office(
    kind: str = "docx",
    text: str = "Dự kiến chương trình",
    entries: Mapping[str, bytes] | None = None,
    main_type: str = "",
) -> bytes:
    """A Word or Excel file, with these entries besides."""
    part, known_type = _PARTS[kind]
    content_type = main_type or known_type
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/'
            'package/2006/content-types"><Default Extension="xml"'
            ' ContentType="application/xml"/>'
            f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>',
        )
        file.writestr(part, f'<?xml version="1.0"?><document>{text}</document>')
        for name, content in (entries or {}).items():
            file.writestr(name, content)
    return archive.getvalue()


def pdf(text: str = "Dai hoi diem", more: bytes = b"") -> bytes:
    """A PDF of one page that any reader opens."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, more, len(out))
    )


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 200)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 50).save(out, kind)
    return out.getvalue()


def ole(*streams: str) -> bytes:
    """A container of the old Office format whose directory names these streams."""
    names = b"".join(name.encode("utf-16-le") + b"\0\0" for name in streams)
    head = bytes.fromhex("D0CF11E0A1B11AE1")
    return (head + bytes(1024 - len(head)) + names).ljust(4096, b"\0")
