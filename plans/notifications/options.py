"""What an office may set about its notices."""

import tempfile
from datetime import time
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings


def burst_seconds() -> int:
    """How long a mail waits for more of the same page."""
    return int(getattr(settings, "PLANS_BURST_SECONDS", 120))


def digest_time() -> time:
    """The hour at which daily and weekly mails go out."""
    return time.fromisoformat(getattr(settings, "PLANS_DIGEST_TIME", "07:00"))


def journal_folder() -> Path:
    """Where senders keep their journals: it must outlive them, and be theirs alone."""
    default = Path(tempfile.gettempdir()) / "plans-journals"
    return Path(getattr(settings, "PLANS_JOURNAL_FOLDER", default))


def absolute(path: str) -> str:
    """The whole address of a path on this site, for mails and feeds."""
    return urljoin(settings.WAGTAILADMIN_BASE_URL, path)
