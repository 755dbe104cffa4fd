"""Tells followers what happened, and sends the mails and calls that are due."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from plans.notifications.delivery import MailServerError, deliver
from plans.notifications.health import health
from plans.notifications.telling import tell_all
from plans.notifications.webhooks import call_all

PAUSE = 2
LONGEST_PAUSE = 60
"""Seconds between two looks, and after the mail server has refused again and again."""


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--watch", action="store_true", help="go on until it is stopped"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="only say how long the oldest notice has waited; fails if too long",
        )

    def handle(self, *args: Any, watch: bool, check: bool, **options: Any) -> None:
        if check:
            self._check()
        elif watch:
            self._watch()
        else:
            self._once()

    def _check(self) -> None:
        state = health()
        self.stdout.write(
            f"oldest unsent: {state.oldest_unsent_seconds} s,"
            f" given up: {state.given_up}"
        )
        if not state.is_well:
            raise CommandError("Notices do not get out.")

    def _once(self) -> None:
        told, called = tell_all(), call_all()
        try:
            sent = deliver()
        except MailServerError as error:
            raise CommandError(f"The mail server takes nothing: {error}") from error
        self.stdout.write(f"events: {told}, mails: {sent}, calls: {called}")

    def _watch(self) -> None:
        pause = PAUSE
        while True:
            close_old_connections()
            tell_all()
            call_all()
            try:
                deliver()
                pause = PAUSE
            except MailServerError as error:
                self.stderr.write(f"The mail server takes nothing: {error}")
                pause = min(pause * 2, LONGEST_PAUSE)
            time.sleep(pause)
