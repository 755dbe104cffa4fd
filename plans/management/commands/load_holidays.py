"""Load public holidays and days made up for."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from plans.actions.holidays import SHIPPED, load_holidays


class Command(BaseCommand):
    help = "Load public holidays; days the office has entered itself are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            default=SHIPPED,
            type=Path,
            help="day,works,name,tentative,source; without it, the days shipped",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            report = load_holidays(lines=path.read_text("utf-8-sig").splitlines())
        except UnicodeDecodeError:
            raise CommandError(_("%s is not UTF-8 text.") % path.name) from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        self.stdout.write(
            _("Days: %(added)d new, %(replaced)d replaced, %(kept)d kept.")
            % vars(report)
        )
