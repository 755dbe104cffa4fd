from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from plans.actions.personal_data import erase_dossier, expired_dossiers
from plans.models import Attachment, DossierPage


class Command(BaseCommand):
    help = "Erases papers with personal data whose term of keeping has ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        for dossier in expired_dossiers():
            files = Attachment.objects.with_personal_data().filter(page=dossier)
            stored = [(file.file.storage, file.file.name) for file in files]
            if not options["dry_run"]:
                erase_dossier(dossier=dossier)
                # The files go after the commit, and the proof after the files.
                transaction.on_commit(partial(self._prove, dossier, stored))
            self.stdout.write(f"{dossier}: {len(stored)}")

    @staticmethod
    def _prove(dossier: DossierPage, stored: list[tuple[Any, str]]) -> None:
        left = [name for storage, name in stored if storage.exists(name)]
        if left or Attachment.objects.with_personal_data().filter(page=dossier):
            raise CommandError(f"Not erased: {dossier}: {', '.join(left)}")
