"""Keeping rows and files of attachments together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath

from django.core.files.storage import Storage
from django.utils import timezone

from plans.inspection import antivirus
from plans.models import Attachment, DossierArchive
from plans.models.attachments import sha256_of

YOUNG = timedelta(hours=1)
"""A file goes to disk before its row: what is younger may still get one."""

Scan = Attachment.Scan


@dataclass
class FileReport:
    """What `check_files` found: names on disk, and keys of attachments."""

    without_row: list[str] = field(default_factory=list)
    without_file: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def in_order(self) -> bool:
        return not (self.without_row or self.without_file or self.changed)


def check_files(
    *, repair: bool = False, young: timedelta = YOUNG, contents: bool = False
) -> FileReport:
    """Compare rows with files; with `repair`, remove the files that have no row.

    Such a file is what a crash in the middle of an upload leaves behind. With
    `contents` each file's SHA-256 is compared too. A row without its file, or with
    another's content, is a loss that only a backup mends.
    """
    storage = Attachment._meta.get_field("file").storage
    report = FileReport()
    born_before = timezone.now() - young
    # Files first: a row that comes meanwhile has its file.
    on_disk = [
        name
        for name in _names(storage, "")
        if storage.get_modified_time(name) <= born_before
    ]
    rows = Attachment.objects.exclude(file="")
    known = {
        *rows.values_list("file", flat=True),
        *DossierArchive.objects.values_list("file", flat=True),
    }
    for name in on_disk:
        if name not in known:
            report.without_row.append(name)
            if repair:
                storage.delete(name)
    for attachment in rows.iterator():
        if not storage.exists(attachment.file.name):
            report.without_file.append(str(attachment.key))
        elif contents:
            with attachment.file.open("rb") as file:
                if sha256_of(file) != attachment.sha256:
                    report.changed.append(str(attachment.key))
    return report


def _names(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield str(PurePosixPath(folder) / name)
    for name in folders:
        yield from _names(storage, str(PurePosixPath(folder) / name))


def scan_waiting() -> dict[str, int]:
    """Scan the files that wait for it: how many were found to be what."""
    counts: dict[str, int] = {}
    for attachment in Attachment.objects.filter(scan=Scan.PENDING).exclude(file=""):
        with attachment.file.open("rb") as file:
            verdict = antivirus.scan(file)
        if verdict is not antivirus.Verdict.UNKNOWN:
            attachment.scan = (
                Scan.CLEAN if verdict is antivirus.Verdict.CLEAN else Scan.INFECTED
            )
            attachment.save(update_fields=["scan"])
        counts[attachment.scan] = counts.get(attachment.scan, 0) + 1
    return counts
