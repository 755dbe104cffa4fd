"""The day a test takes place on."""

from datetime import date
from typing import Any
from unittest import mock

from django.utils import timezone

_localdate = timezone.localdate


def on(day: date) -> Any:
    """A context in which today is the day; other moments keep their own."""

    def localdate(value: Any = None, zone: Any = None) -> date:
        return _localdate(value, zone) if value else day

    return mock.patch("django.utils.timezone.localdate", localdate)
