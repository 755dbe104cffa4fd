"""Taking turns at the outbox, so that two senders never send one thing twice.

A sender claims rows before it sends them, and keeps a journal: a file that says what
the mail server has been handed. The journal is written by one call to the system right
after the last byte of a mail, and so survives the death of its process; the rows are
marked a batch at a time. The sender holds a lock on its journal while it lives. Whoever
finds one without that lock knows that its owner is dead, marks what it names as sent,
and gives the rest free.
"""

import fcntl
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from plans.models.notices import OutboxQuerySet

from .options import journal_folder

LOST_AFTER = timedelta(hours=1)
"""After this a claim whose journal is nowhere to be found is given free."""


class Journal:
    """What a sender of the rows of a model has handed over and not yet marked."""

    def __init__(self, rows: OutboxQuerySet) -> None:
        self.rows = rows
        self.key = uuid4()
        self.path = _folder(rows) / f"{self.key}.sent"

    def __enter__(self) -> Self:
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
        self.file = os.open(self.path, flags, 0o600)
        fcntl.flock(self.file, fcntl.LOCK_EX)
        if not os.fstat(self.file).st_nlink:
            # Somebody took it for a dead one's in between.
            os.close(self.file)
            return self.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.settle()
        self.rows.filter(claimed_by=self.key).update(claimed_by=None)
        self.path.unlink(missing_ok=True)
        os.close(self.file)

    def claim(self, rows: Iterable[Any]) -> None:
        """Make the rows this sender's; the caller's transaction has locked them."""
        keys = [row.pk for row in rows]
        self.rows.filter(pk__in=keys).update(
            claimed_by=self.key, claimed_at=timezone.now()
        )

    def note_sent(self, keys: Iterable[int]) -> None:
        os.write(self.file, _line("+", keys))

    def note_refused(self, keys: Iterable[int]) -> None:
        """What was handed over has been refused after all."""
        os.write(self.file, _line("-", keys))

    def settle(self) -> None:
        """Mark in the database what the journal names, and begin it anew."""
        _mark_sent(self.rows, self.key, _read(self.path))
        os.ftruncate(self.file, 0)


def recover(rows: OutboxQuerySet) -> None:
    """Bring in order what dead senders of these rows left behind."""
    folder = _folder(rows)
    for path in folder.glob("*.sent"):
        _recover(rows, path)
    kept = [UUID(path.stem) for path in folder.glob("*.sent")]
    lost = rows.filter(claimed_at__lt=timezone.now() - LOST_AFTER)
    lost.exclude(claimed_by=None).exclude(claimed_by__in=kept).update(claimed_by=None)


def _recover(rows: OutboxQuerySet, path: Path) -> None:
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # its owner lives
    else:
        key = UUID(path.stem)
        with transaction.atomic():
            _mark_sent(rows, key, _read(path))
            rows.filter(claimed_by=key).update(claimed_by=None)
        path.unlink(missing_ok=True)
    finally:
        os.close(file)


def _mark_sent(rows: OutboxQuerySet, owner: UUID, keys: set[int]) -> None:
    if keys:
        rows.filter(pk__in=keys, claimed_by=owner).update(
            sent_at=timezone.now(), claimed_by=None, error=""
        )


def _line(sign: str, keys: Iterable[int]) -> bytes:
    return f"{sign}{' '.join(map(str, keys))}\n".encode()


def _read(path: Path) -> set[int]:
    """The keys of what was handed over; a line that was cut off does not count."""
    sent: set[int] = set()
    *lines, _rest = path.read_text().split("\n")
    for line in lines:
        keys = set(map(int, line[1:].split()))
        sent = sent | keys if line[0] == "+" else sent - keys
    return sent


def _folder(rows: OutboxQuerySet) -> Path:
    folder = journal_folder() / rows.model._meta.model_name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
