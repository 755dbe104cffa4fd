"""Take an issued paper in as a plan."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from plans.actions.importing import PaperImport, import_paper
from plans.importing import PaperReadingError, paper_report, paper_text, read_bytes
from plans.importing.lookup import PlanReading, read_plan


class Command(BaseCommand):
    help = (
        "Take an issued paper in as a plan: a text file in the official layout. "
        "Every doubt is printed with its line. With --dry-run nothing is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="plain text, UTF-8 or UTF-16")
        parser.add_argument(
            "--issuer", default="", metavar="CODE", help="the code of the issuing unit"
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            help="publish the plan and open the congresses of the pilots it names",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only print what was read"
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            data = read_bytes(path)
            if options["dry_run"]:
                reading = read_plan(data=data, issuer_code=options["issuer"])
                self._print(path, reading, options["format"])
                return
            done = import_paper(
                data=data,
                file_name=path.name,
                issuer_code=options["issuer"],
                publish=options["publish"],
            )
        except PaperReadingError as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self._print(path, done.reading, options["format"], done)

    def _print(
        self,
        path: Path,
        reading: PlanReading,
        format_name: str,
        done: PaperImport | None = None,
    ) -> None:
        if format_name == "json":
            report = paper_report(reading.paper, reading.rules, file=path.name)
            if done:
                report["page"] = {"id": done.plan.pk, "created": done.created}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        for line in paper_text(reading.paper, reading.rules):
            self.stdout.write(line)
        if done:
            self._tell(done)

    def _tell(self, done: PaperImport) -> None:
        if not done.created:
            message = _("“%(title)s” was imported before: nothing was changed.")
        elif done.plan.live:
            message = _("“%(title)s” was imported and published.")
        else:
            message = _("“%(title)s” was imported as a draft.")
        self.stdout.write(message % {"title": done.plan.title})
        for congress in done.congresses:
            self.stdout.write(_("Opened: %(title)s") % {"title": congress.title})
