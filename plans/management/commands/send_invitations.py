"""Send the invitations that wait."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from plans.actions.invitations import send_invitations


class Command(BaseCommand):
    help = "Send the invitations whose mail failed. Run it every few minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        sent, waiting = send_invitations()
        if sent:
            self.stdout.write(_("Invitations sent: %d.") % sent)
        if waiting:
            raise CommandError(_("Invitations that wait still: %d.") % waiting)
