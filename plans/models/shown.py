"""What everybody is shown alike is kept, until something that is shown changes.

A counter in the database says how often something has changed. Whatever is kept carries
its number in its key, so that a change makes all of it new at once, in every process,
and nobody need know what depends on what. See docs/decisions/0009-kept-pages.md.
"""

from typing import Any

from django.core.cache import BaseCache, InvalidCacheBackendError, caches
from django.db import models, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

SECONDS_KEPT = 300
"""How long at most: what a crash right after a commit left unsaid is shown after it."""

_STATE = "_plans_shown_state"


class ShownState(models.Model):
    """One row, whose number grows with each change of what is shown."""

    number = models.PositiveBigIntegerField(_("number"), default=0)

    class Meta:
        verbose_name = _("state of what is shown")
        verbose_name_plural = _("states of what is shown")

    def __str__(self) -> str:
        return str(self.number)


def shown_state(request: HttpRequest) -> str:
    """What all kept things are known by: read once for each request.

    The day belongs to it, since deadlines are told in days; the host, since links carry
    it where there are several sites.
    """
    if not hasattr(request, _STATE):
        number = ShownState.objects.values_list("number", flat=True).first() or 0
        day = timezone.localdate().toordinal()
        setattr(request, _STATE, f"{number} {day} {request.get_host()}")
    return f"{getattr(request, _STATE)} {get_language()}"


def shown_cache() -> BaseCache:
    """Where things are kept: where Django's `cache` tag keeps its fragments."""
    try:
        return caches["template_fragments"]
    except InvalidCacheBackendError:
        return caches["default"]


def keep(request: HttpRequest, name: str, build: Any) -> Any:
    """What `build` returns, kept under the name while nothing shown changes.

    A preview keeps nothing: its reader may be a stand-in.
    """
    if getattr(request, "is_preview", False):
        return build()
    key = f"plans {name} {shown_state(request)}".replace(" ", ":")
    return shown_cache().get_or_set(key, build, SECONDS_KEPT)


def tell_shown_changed() -> None:
    """Say that something shown has changed, once the transaction has committed."""
    waiting = transaction.get_connection().run_on_commit
    if not any(call is _count for _ids, call, _robust in waiting):
        transaction.on_commit(_count)


def _count() -> None:
    if not ShownState.objects.update(number=F("number") + 1):
        ShownState.objects.create(number=1)
