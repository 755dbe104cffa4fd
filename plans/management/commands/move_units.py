"""Merge, split and rename units on a day, from a CSV file."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from plans.actions.moves import MoveReport, move_units
from plans.actions.unit_tree import UnitsError


class Command(BaseCommand):
    help = (
        "Merge, split and rename units on a day: their pages, people and reviews pass "
        "to their successors, in one go or not at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="code,new_code,new_name,new_level,new_kind,new_parent_code"
        )
        parser.add_argument(
            "--on",
            required=True,
            type=date.fromisoformat,
            metavar="DATE",
            help="the first day of the new units, as 2025-07-01",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what would be done"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise CommandError(_("%s is not UTF-8 text.") % path.name) from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        try:
            report = move_units(
                lines=lines, day=options["on"], dry_run=options["dry_run"]
            )
        except UnitsError as error:
            raise CommandError(str(error)) from None
        self._tell(report)
        if options["dry_run"]:
            self.stdout.write(_("Nothing has been changed: this was a dry run."))

    def _tell(self, report: MoveReport) -> None:
        for each in report.passages:
            names = {"old": each.old.qualified_name, "new": each.new.qualified_name}
            self.stdout.write(f"{each.line}. {names['old']} → {names['new']}")
            for text in each.people:
                self.stdout.write(f"    + {text}")
            for text in each.notes:
                self.stdout.write(f"    · {text}")
            for text in each.conflicts:
                self.stdout.write(f"    ! {text}")
        self.stdout.write(
            _(
                "Units: %(ended)d ended, %(begun)d began, %(along)d moved along;"
                " people: %(people)d; to look at: %(conflicts)d."
            )
            % {
                "ended": report.ended,
                "begun": report.begun,
                "along": report.moved_along,
                "people": report.people,
                "conflicts": len(report.conflicts),
            }
        )
