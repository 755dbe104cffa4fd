"""Posting to an office's own receiver what its unit hears, signed and with retries."""

import hashlib
import hmac
import json
import logging
import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Page

from plans.models import DossierPage, Event, GuidancePage, PlanPage, Webhook
from plans.models.events import REMARKS
from plans.models.webhooks import WebhookCall
from plans.paths import one_of

from .claims import Journal, recover
from .followers import NAMED_ALONE, recipient_units
from .options import absolute
from .sentences import happening, label

logger = logging.getLogger(__name__)

TIMEOUT = 5
BATCH = 20
ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=1)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The office named one address; where that sends on to is nobody's choice."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def webhooks_to_tell(event: Event) -> QuerySet[Webhook]:
    """Those of the units that hear of the event: whose page it is, or who get it."""
    if (
        event.kind in NAMED_ALONE | REMARKS
        or not Webhook.objects.filter(is_active=True).exists()
    ):
        return Webhook.objects.none()
    page = event.page.specific
    condition = Q(unit=event.unit_id) if event.unit_id else Q(pk__in=[])
    if isinstance(page, PlanPage):
        condition |= Q(unit__in=recipient_units(page).values("pk"))
    if isinstance(page, GuidancePage):
        condition |= Q(unit__in=page.addressed_units.values("pk"))
    return Webhook.objects.filter(condition, _may_hear(page, event), is_active=True)


def _may_hear(page: Page, event: Event) -> Q:
    """A dossier is for its unit and those above, what else is published for all."""
    if isinstance(page, DossierPage):
        return one_of("unit__path", page.unit.lineage)
    return Q() if page.live or event.kind == Event.Kind.TAKEN_DOWN else Q(pk__in=[])


def add_calls(event: Event) -> None:
    """Put the event into the outbox of each webhook; twice is once."""
    now = timezone.now()
    WebhookCall.objects.bulk_create(
        (
            WebhookCall(webhook=webhook, event=event, due_at=now)
            for webhook in webhooks_to_tell(event)
        ),
        ignore_conflicts=True,
    )


def call_all() -> int:
    """Post every call that is due; returns how many were taken."""
    calls = WebhookCall.objects.all()
    if not calls.unsent().exists():
        return 0
    recover(calls)
    done = 0
    with Journal(calls) as journal:
        while batch := _claim(journal):
            for call in batch:
                done += _post(journal, call)
            journal.settle()
    return done


def _claim(journal: Journal) -> list[WebhookCall]:
    with transaction.atomic():
        due = WebhookCall.objects.unsent().filter(
            claimed_by=None, due_at__lte=timezone.now()
        )
        calls = list(
            due.select_for_update(of=("self",))
            .select_related("webhook__unit", "event__page", "event__unit")
            .order_by("due_at", "pk")[:BATCH]
        )
        journal.claim(calls)
    return calls


def _post(journal: Journal, call: WebhookCall) -> bool:
    if not webhooks_to_tell(call.event).filter(pk=call.webhook_id).exists():
        WebhookCall.objects.filter(pk=call.pk).update(due_at=None, claimed_by=None)
        return False
    try:
        with _opener.open(request_for(call), timeout=TIMEOUT):
            journal.note_sent([call.pk])
    except (OSError, ValueError) as error:
        _put_off(call, error)
        return False
    return True


def request_for(call: WebhookCall) -> urllib.request.Request:
    """The signed request: what happened, and a link that asks for a login.

    The receiver may get a call twice where one of the two of us died, and knows it
    again by its number.
    """
    body = json.dumps(_payload(call), ensure_ascii=False).encode()
    stamp = str(int(timezone.now().timestamp()))
    signed = hmac.new(
        call.webhook.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256
    )
    return urllib.request.Request(  # noqa: S310 - the model takes https alone
        call.webhook.url,
        data=body,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "X-Call": str(call.pk),
            "X-Timestamp": stamp,
            "X-Signature": f"sha256={signed.hexdigest()}",
        },
    )


def _payload(call: WebhookCall) -> dict[str, Any]:
    event = call.event
    page = event.page.specific
    path = reverse("plans:notice_page", args=[page.pk])
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "call": call.pk,
            "kind": event.kind,
            "at": event.at.isoformat(),
            "unit": call.webhook.unit.code,
            "page": label(page),
            "text": happening(event),
            "url": absolute(path),
        }


def _put_off(call: WebhookCall, error: Exception) -> None:
    now = timezone.now()
    attempts = call.attempts + 1
    logger.warning("A webhook could not be called: %s", error)
    WebhookCall.objects.filter(pk=call.pk).update(
        attempts=attempts,
        error=str(error)[:1000],
        claimed_by=None,
        due_at=now + FIRST_PAUSE * 3 ** (attempts - 1),
        failed_at=now if attempts >= ATTEMPTS else None,
    )
