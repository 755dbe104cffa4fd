"""Tell units what is due and what is overdue."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from plans.actions.reminders import remind
from plans.models import WorkingDays


class Command(BaseCommand):
    help = (
        "Remind units of deadlines, tell the units above what is overdue, and whom it"
        " binds that a deadline was changed. Run it daily; twice is the same as once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        year = timezone.localdate().year
        if not WorkingDays().knows(year):
            self.stderr.write(
                _("No holidays of %d are known: see load_holidays.") % year
            )
        self.stdout.write(
            _(
                "Told: %(near)d near, %(passed)d overdue, %(escalated)d to units above,"
                " %(changed)d changed."
            )
            % vars(remind())
        )
