"""Whether notices get out: how long the oldest has waited, and what was given up."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone

from plans.models import Event, Notice, WebhookCall

from .delivery import ready

TOO_LONG = timedelta(minutes=30)


@dataclass(frozen=True)
class Health:
    """Seconds are 0 where nothing waits."""

    oldest_unsent_seconds: int
    given_up: int

    @property
    def is_well(self) -> bool:
        return self.oldest_unsent_seconds < TOO_LONG.total_seconds()

    def as_data(self) -> dict[str, int]:
        return asdict(self)


def health() -> Health:
    now = timezone.now()
    times = [
        Event.objects.to_tell().aggregate(first=Min("tell_from"))["first"],
        ready(now).aggregate(first=Min("due_at"))["first"],
        WebhookCall.objects.unsent()
        .filter(due_at__lte=now)
        .aggregate(first=Min("due_at"))["first"],
    ]
    waited = [(now - time).total_seconds() for time in times if time]
    return Health(
        oldest_unsent_seconds=int(max(waited, default=0)),
        given_up=Notice.objects.exclude(failed_at=None).count()
        + WebhookCall.objects.exclude(failed_at=None).count(),
    )
