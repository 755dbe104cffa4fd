"""Giving each follower of an event his notice: one statement for all of them."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from plans.models import Event, Notice, TopicChoice
from plans.models.events import TOPICS
from plans.models.notices import DEFAULT_MAIL

from .followers import people_to_tell, rows_at
from .options import burst_seconds, digest_time
from .webhooks import add_calls

Mail = TopicChoice.Mail

COLUMNS = ("user_id", "why", "event_id", "created_at", "on_bell", "is_digest", "due_at")
"""What of a notice the statement writes, in the order of `_rows`."""


def tell_all() -> int:
    """Give the followers of every event whose time has come their notices.

    Several may do so at once, and any may die: an event is told whole or not at all,
    and nobody has two notices of one. Returns the number of events told.
    """
    told = 0
    while _tell_next():
        told += 1
    return told


def _tell_next() -> bool:
    with transaction.atomic():
        event = (
            Event.objects.select_for_update(skip_locked=True, of=("self",))
            .to_tell()
            .select_related("page", "unit")
            .first()
        )
        if event is None:
            return False
        tell(event)
        add_calls(event)
        event.told_at = timezone.now()
        event.save(update_fields=["told_at"])
    return True


def tell(event: Event) -> None:
    """Give each follower of the event a notice; who has one keeps it."""
    try:
        select, params = _rows(event).query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return
    names = ", ".join(connection.ops.quote_name(name) for name in COLUMNS)
    table = connection.ops.quote_name(Notice._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) {select} ON CONFLICT DO NOTHING", params
        )


def _rows(event: Event) -> Any:
    """The notices of the event, one a person, by what each has chosen."""
    topic = TOPICS[event.kind]
    now = timezone.now()
    choices = TopicChoice.objects.filter(user=OuterRef("pk"), topic=topic)
    text: Any = models.CharField()
    flag: Any = models.BooleanField()
    mail = Coalesce(
        Subquery(choices.values("mail")[:1]),
        Value(DEFAULT_MAIL[topic]),
        output_field=text,
    )
    return (
        people_to_tell(event)
        .order_by()
        .annotate(
            mail=mail,
            event_key=Value(event.pk, models.BigIntegerField()),
            now=Value(now, models.DateTimeField()),
            on_bell=Coalesce(
                Subquery(choices.values("on_bell")[:1]), Value(True), output_field=flag
            ),
            is_digest=Case(
                When(mail__in=(Mail.DAILY, Mail.WEEKLY), then=Value(True)),
                default=Value(False),
                output_field=flag,
            ),
            due_at=_due_at(event, now),
        )
        .values_list("pk", "why", "event_key", "now", "on_bell", "is_digest", "due_at")
    )


def _without_mail(event: Event) -> Q:
    """Whether the person wants no mail about the page, or the nearest above it."""
    rows = rows_at(event.page).filter(user=OuterRef("pk"))
    nearest = rows.order_by("-page__depth").values("by_mail")[:1]
    return Q(Exists(rows)) & ~Q(Subquery(nearest))


def next_digest(now: datetime, *, weekly: bool = False) -> datetime:
    """The next hour at which digests go out after now; weekly ones on Mondays."""
    local = timezone.localtime(now)
    day = datetime.combine(local, digest_time(), local.tzinfo)
    if weekly:
        day += timedelta(days=-day.weekday() % 7)
    return day if day > local else day + timedelta(days=7 if weekly else 1)


def _due_at(event: Event, now: datetime) -> Case:
    """When the mail is due; NULL for who wants none, or has no address."""
    times = {
        Mail.ONCE: now + timedelta(seconds=burst_seconds()),
        Mail.DAILY: next_digest(now),
        Mail.WEEKLY: next_digest(now, weekly=True),
    }
    return Case(
        When(Q(email="") | Q(_without_mail(event)), then=Value(None)),
        *(When(mail=how, then=Value(time)) for how, time in times.items()),
        default=Value(None),
        output_field=models.DateTimeField(),
    )
