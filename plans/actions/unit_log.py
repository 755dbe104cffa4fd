"""Entries in the history of many units at once (`log_pages`, for pages)."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.models import ModelLogEntry

from plans.models import Unit


def log_units(
    *, entries: Iterable[tuple[Unit, dict[str, Any]]], user: Any, action: str
) -> list[ModelLogEntry]:
    """Write an entry in the history of each unit, with its data; they are returned."""
    now, content_type = timezone.now(), ContentType.objects.get_for_model(Unit)
    return ModelLogEntry.objects.bulk_create(
        [
            ModelLogEntry(
                content_type=content_type,
                label=str(unit),
                action=action,
                timestamp=now,
                user=user,
                object_id=str(unit.pk),
                data=data,
            )
            for unit, data in entries
        ],
        batch_size=500,
    )
