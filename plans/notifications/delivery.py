"""Sending the mails that are due: each once, to who may still hear of it."""

import logging
import smtplib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from plans.models import Event, Notice, NoticeSettings
from plans.models.notices import NoticeQuerySet
from plans.permissions import hearers

from .claims import Journal, recover
from .letters import Letter, write
from .smtp import Mailer

logger = logging.getLogger(__name__)

BATCH = 200
"""Notices claimed at once: their rights are asked for, and they are marked, in one."""

ATTEMPTS = 6
FIRST_PAUSE = timedelta(minutes=2)
"""After the first failure; each later pause is four times the one before."""


class MailServerError(Exception):
    """The mail server takes nothing now; what was not sent waits."""


def deliver() -> int:
    """Send every mail that is due; returns how many went out.

    Several may do so at once, and any may die at any moment. Raises MailServerError.
    """
    recover(Notice.objects.all())
    mailer = Mailer()
    sent = 0
    with Journal(Notice.objects.all()) as journal:
        try:
            while notices := _claim(journal):
                for letter in write(_entitled(notices)):
                    sent += _send(mailer, journal, letter)
                journal.settle()
        finally:
            mailer.close()
    return sent


def ready(now: datetime) -> NoticeQuerySet:
    """The notices whose mail may go out now: due, nobody's yet, outside quiet hours."""
    return (
        Notice.objects.unsent()
        .filter(claimed_by=None, due_at__lte=now)
        .exclude(user__in=NoticeSettings.objects.quiet_at(now).values("user"))
    )


def _claim(journal: Journal) -> list[Notice]:
    """The next notices to be sent; with those of a page what else waits of it."""
    now = timezone.now()
    with transaction.atomic():
        # Who comes second waits here, and then sees what is taken.
        due = list(
            ready(now).select_for_update(of=("self",)).order_by("due_at", "pk")[:BATCH]
        )
        if not due:
            return []
        pages = {(n.user_id, n.event.page_id) for n in due if not n.is_digest}
        people = {n.user_id for n in due if n.is_digest}
        waiting = Notice.objects.unsent().filter(
            Q(is_digest=False) | Q(due_at__lte=now),
            claimed_by=None,
            user__in={n.user_id for n in due},
        )
        notices = [
            notice
            for notice in waiting.select_related(
                "event", "user__notice_settings", "user__wagtail_userprofile"
            )
            if (notice.is_digest and notice.user_id in people)
            or (notice.user_id, notice.event.page_id) in pages
        ]
        journal.claim(notices)
    return notices


def _entitled(notices: Iterable[Notice]) -> list[Notice]:
    """Those whose person may still hear of the event; the others never go out."""
    by_event: dict[Event, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_event[notice.event].append(notice)
    entitled: list[Notice] = []
    refused: list[int] = []
    for event, rows in by_event.items():
        people = get_user_model()._default_manager.filter(
            hearers(event), pk__in={row.user_id for row in rows}
        )
        may_hear = set(people.exclude(email="").values_list("pk", flat=True))
        entitled += [row for row in rows if row.user_id in may_hear]
        refused += [row.pk for row in rows if row.user_id not in may_hear]
    Notice.objects.filter(pk__in=refused).update(due_at=None, claimed_by=None)
    return entitled


def _send(mailer: Mailer, journal: Journal, letter: Letter) -> bool:
    """Send one mail; whether it went out. What may work later is tried again later."""
    handed_over = False

    def note() -> None:
        nonlocal handed_over
        handed_over = True
        journal.note_sent(letter.keys)

    try:
        mailer.open()
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerError(str(error)) from error
    try:
        mailer.send(letter.mail, note)
    except Exception as error:
        if handed_over:
            journal.note_refused(letter.keys)
        _put_off(letter, error)
        if _is_of_server(error):
            raise MailServerError(str(error)) from error
        return False
    return True


def _put_off(letter: Letter, error: Exception) -> None:
    """Try the notices of the letter again later, or give them up."""
    now = timezone.now()
    logger.warning("A notice could not be mailed: %s", error)
    rows = Notice.objects.filter(pk__in=letter.keys)
    attempts = max(rows.values_list("attempts", flat=True), default=0) + 1
    gives_up = _is_final(error) or attempts >= ATTEMPTS
    rows.update(
        attempts=attempts,
        error=str(error)[:1000],
        claimed_by=None,
        due_at=now + FIRST_PAUSE * 4 ** (attempts - 1),
        failed_at=now if gives_up else None,
    )


def _is_of_server(error: Exception) -> bool:
    """Whether the server would take no other mail either."""
    if isinstance(error, smtplib.SMTPException):
        return isinstance(
            error, smtplib.SMTPSenderRefused | smtplib.SMTPServerDisconnected
        )
    return isinstance(error, OSError)


def _is_final(error: Exception) -> bool:
    """Whether the server, or the address itself, says that this can never be sent."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused):
        return False
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, ValueError)
