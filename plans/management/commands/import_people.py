"""Take in a list of people."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from plans.actions.people_import import PeopleError, import_people
from plans.importing import PaperReadingError, read_bytes
from plans.importing.people import read_people
from plans.importing.tables import read_table
from plans.models.memberships import written_name
from plans.text import on_line


class Command(BaseCommand):
    help = (
        "Take in a list of people, Excel or CSV: the whole list, or nothing of it. "
        "New people are invited; who has no address gets a link that is printed once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help=".xlsx or .csv; the site has a model table")
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what it would come to"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            table = read_people(read_table(data=read_bytes(path), name=path.name))
            dry_run = options["dry_run"] or bool(table.errors)
            done = import_people(rows=table.rows, actor=None, dry_run=dry_run)
        except PaperReadingError as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except PeopleError as error:
            raise CommandError(str(error)) from None
        for line, text in sorted(done.warnings):
            self.stdout.write(on_line(line, text))
        errors = sorted([*table.errors, *done.errors])
        if errors:
            raise CommandError(str(PeopleError(errors)))
        self.stdout.write(done.summary)
        for person, link in done.links:
            address = f"{settings.WAGTAILADMIN_BASE_URL}{link}"
            self.stdout.write(f"{written_name(person)} ({person}): {address}")
