from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from plans.actions.archives import remove_expired
from plans.actions.files import YOUNG, check_files


class Command(BaseCommand):
    help = "Compares attachments with their files, and removes files without one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="remove nothing, only tell"
        )
        parser.add_argument(
            "--contents", action="store_true", help="compare each file's SHA-256 too"
        )
        parser.add_argument(
            "--young",
            type=int,
            default=int(YOUNG.total_seconds() // 60),
            metavar="MINUTES",
            help="leave files alone that are younger (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            remove_expired()
        report = check_files(
            repair=not options["dry_run"],
            young=timedelta(minutes=options["young"]),
            contents=options["contents"],
        )
        for name in report.without_row:
            self.stdout.write(f"file without attachment: {name}")
        for key in report.without_file:
            self.stdout.write(f"attachment without file: {key}")
        for key in report.changed:
            self.stdout.write(f"file changed since it was attached: {key}")
        if report.without_file or report.changed:
            raise CommandError("Files are lost. Bring them back from the backup.")
        if report.in_order:
            self.stdout.write("Attachments and files agree.")
