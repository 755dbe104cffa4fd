"""Load administrative units from a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from plans.actions.units import UnitsError, load_units


class Command(BaseCommand):
    help = (
        "Load administrative units from a CSV file: the whole file, or nothing of it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="code,name,level,kind,parent_code[,…], UTF-8")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise CommandError(_("%s is not UTF-8 text.") % path.name) from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        try:
            report = load_units(lines=lines)
        except UnitsError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            _("Units: %(created)d new, %(changed)d changed, %(unchanged)d unchanged.")
            % {
                "created": report.created,
                "changed": report.changed,
                "unchanged": report.unchanged,
            }
        )
