import json
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from plans.actions.accesses import log_access
from plans.actions.personal_data import (
    erase,
    erase_names,
    files_naming,
    guests_naming,
    unreadable_files,
)
from plans.models import Attachment, FileAccess, GuestGroup


class Command(BaseCommand):
    help = (
        "Finds the files and lists of guests that name a person, for a request under"
        " Law 91/2025."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--export", metavar="FOLDER", help="copy them there")
        parser.add_argument("--erase", action="store_true", help="erase them for good")

    def handle(self, *args: Any, **options: Any) -> None:
        files = list(files_naming(options["name"]))
        for file in files:
            self.stdout.write(self._line(file))
        guests = guests_naming(options["name"])
        for group in guests:
            self.stdout.write(f"{group.congress.title}  {group}")
        if options["export"]:
            self._export(files, guests, Path(options["export"]))
        if options["erase"]:
            number = erase(files=files) + erase_names(groups=guests)
            self.stdout.write(_("Erased: %s") % number)
        unread = unreadable_files()
        if unread:
            self.stdout.write(_("These hold no text and must be looked at:"))
        for file in unread:
            self.stdout.write(self._line(file))

    @staticmethod
    def _line(file: Attachment) -> str:
        return f"{file.key}  {file.page.title}  {file.name}"

    @staticmethod
    def _export(
        files: list[Attachment], guests: Iterable[GuestGroup], folder: Path
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        rows: list[dict[str, str]] = []
        for file in files:
            name = f"{file.key}.{file.extension}"
            with file.file.open("rb") as content:
                (folder / name).write_bytes(content.read())
            rows.append(
                {
                    "file": name,
                    "name": file.name,
                    "page": file.page.title,
                    "paper": str(file.item or ""),
                    "sent": file.uploaded_at.isoformat(),
                    "sent by": file.uploaded_by_name,
                }
            )
        rows += [
            {"page": each.congress.title, "guests": each.name, "names": each.names}
            for each in guests
        ]
        log_access(files=files, user=None, how=FileAccess.How.EXPORTED)
        index = json.dumps(rows, ensure_ascii=False, indent=1)
        (folder / "index.json").write_text(index, encoding="utf-8")
