from typing import Any

from django.core.management.base import BaseCommand

from plans.actions.files import scan_waiting
from plans.models import Attachment


class Command(BaseCommand):
    help = "Scans the files that wait for the virus scanner."

    def handle(self, *args: Any, **options: Any) -> None:
        for scan, number in scan_waiting().items():
            self.stdout.write(f"{Attachment.Scan(scan).label}: {number}")
