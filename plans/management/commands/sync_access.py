"""Make people's rights follow from their memberships."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from plans.actions.access import sync_access


class Command(BaseCommand):
    help = "Make people's rights follow from their memberships. Run it daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail on a difference"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = sync_access(check=options["check"])
        for line in report.lines:
            self.stdout.write(line)
        if report.in_step:
            self.stdout.write(_("Rights follow from the memberships."))
        elif options["check"]:
            raise CommandError(_("Rights and memberships differ."))
