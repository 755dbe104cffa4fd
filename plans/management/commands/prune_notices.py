"""Remove notices that are long past."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from plans.notifications.pruning import prune_notices


class Command(BaseCommand):
    help = "Remove notices older than a year, or so many days. Run it daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=365)

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if days < 1:
            raise CommandError(_("The number of days must be at least 1."))
        removed = prune_notices(before=timezone.now() - timedelta(days=days))
        self.stdout.write(_("Notices removed: %d.") % removed)
