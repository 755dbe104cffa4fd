"""What an office may set about its notices."""

from django.conf import settings


def burst_seconds() -> int:
    """How long a mail waits for more of the same page."""
    return int(getattr(settings, "PLANS_BURST_SECONDS", 120))


def digest_time() -> str:
    """The hour at which daily and weekly mails go out: "HH:MM"."""
    return getattr(settings, "PLANS_DIGEST_TIME", "07:00")
