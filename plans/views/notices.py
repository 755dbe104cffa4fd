"""What a person is told: his notices, how they reach him, and ending that."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Page

from plans.actions import subscriptions as actions
from plans.forms.notices import FeedForm, NoticeSettingsForm
from plans.models import Event, FeedToken, Notice, WebhookCall
from plans.models.events import REMARKS
from plans.notifications.followers import Why
from plans.notifications.health import health
from plans.notifications.options import absolute
from plans.notifications.sentences import (
    address,
    changed_parts,
    happening,
    label,
    specific_pages,
)
from plans.notifications.tokens import read_token
from plans.permissions import PagePolicy, audible

from .refusals import told_on

PER_PAGE = 30
SHOWN = 200
"""Rows that the list of what was not sent shows."""


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The person's notices, the newest first; `?loc=chua` keeps to the unread."""
    unread_alone = request.GET.get("loc") == "chua"
    rows = audible(Notice.objects.filter(on_bell=True), request.user)
    if unread_alone:
        rows = rows.filter(read_at=None)
    pages = Paginator(
        rows.select_related("event__page").order_by("-event__at", "-pk"), PER_PAGE
    ).get_page(request.GET.get("trang"))
    return render(
        request,
        "plans/notices.html",
        {"entries": described(pages), "pages": pages, "unread_alone": unread_alone},
    )


def described(rows: Any) -> list[dict[str, Any]]:
    """The notices in words; their pages are read at once."""
    rows = list(rows)
    pages = specific_pages(notice.event for notice in rows)
    return [
        {
            "notice": notice,
            "label": label(page),
            "title": page.title,
            "url": address(notice.event),
            "phrase": happening(notice.event),
            "parts": changed_parts(notice.event, page),
            "why": Why(notice.why).label,
            "is_gone": notice.event.kind == Event.Kind.TAKEN_DOWN and not page.live,
        }
        for notice in rows
        if (page := pages.get(notice.event.page_id))
    ]


@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    actions.mark_read(user=request.user)
    return redirect("plans:notices")


@require_safe
@never_cache
def notice_page(request: HttpRequest, page_id: int) -> HttpResponse:
    """Lead to the page, and mark what was told of it as read, but for its comments."""
    pages = PagePolicy().visible(Page.objects.filter(pk=page_id), request.user)
    page = pages.first()
    url = page.get_url(request) if page else None
    if url is None:
        raise Http404
    actions.mark_read(user=request.user, page=page, besides=REMARKS)
    return redirect(url)


@require_safe
@never_cache
def notice_remarks(request: HttpRequest, page_id: int) -> HttpResponse:
    """Lead to the page's editor, where its comments are; mark all of it as read."""
    page = get_object_or_404(Page, pk=page_id)
    if not page.specific_deferred.permissions_for_user(request.user).can_edit():
        raise Http404
    actions.mark_read(user=request.user, page=page)
    return redirect("wagtailadmin_pages:edit", page.pk)


def settings(request: HttpRequest) -> HttpResponse:
    """How the person hears of each topic, and the addresses of his feeds."""
    form = NoticeSettingsForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            actions.set_channels(user=request.user, **form.terms())
            messages.success(request, _("Saved."))
            return redirect("plans:notice_settings")
    return render(
        request,
        "plans/notice_settings.html",
        {"form": form, "feeds": _feeds(request.user)},
        status=422 if form.is_bound else 200,
    )


def _feeds(user: Any) -> list[tuple[str, Any, FeedToken | None]]:
    tokens = {token.feed: token for token in FeedToken.objects.filter(user=user)}
    return [(value, name, tokens.get(value)) for value, name in FeedToken.Feed.choices]


@require_POST
@never_cache
def feed_address(request: HttpRequest) -> HttpResponse:
    """Give a feed a new address, which is shown this once; or end the one it has."""
    form = FeedForm(request.POST)
    if not form.is_valid():
        raise Http404
    feed = form.cleaned_data["feed"]
    if form.cleaned_data["ends"]:
        actions.revoke_feed(user=request.user, feed=feed)
        messages.success(request, _("The address no longer works."))
        return redirect("plans:notice_settings")
    token = actions.renew_feed(user=request.user, feed=feed)
    address = absolute(reverse(f"plans:{feed}_feed", args=[token]))
    return render(
        request,
        "plans/feed_address.html",
        {"address": address, "name": FeedToken.Feed(feed).label},
    )


def not_sent(request: HttpRequest) -> HttpResponse:
    """The mails and calls that were given up, and why; a POST tries them again."""
    if not request.user.is_superuser:
        raise Http404
    if request.method == "POST":
        actions.try_again()
        messages.success(request, _("They are sent again."))
        return redirect("plans:not_sent")
    mails = Notice.objects.exclude(failed_at=None).select_related("user")
    calls = WebhookCall.objects.exclude(failed_at=None).select_related("webhook__unit")
    return render(
        request,
        "plans/not_sent.html",
        {
            "mails": mails.order_by("-failed_at")[:SHOWN],
            "calls": calls.order_by("-failed_at")[:SHOWN],
            "state": health(),
        },
    )


@csrf_exempt
@login_not_required
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails that the token names (RFC 8058): a POST does, a GET only asks.

    It needs no login and tells nothing: not whose mails, nor of which page.
    """
    what = read_token(token)
    if what is None:
        raise Http404
    if request.method == "POST":
        user = get_user_model()._default_manager.filter(pk=what.user).first()
        if user and what.page is None:
            actions.stop_digests(user=user)
        elif user and what.page is not None:
            actions.stop_mails_about(user=user, page_id=what.page)
    return render(
        request, "plans/unsubscribe.html", {"is_done": request.method == "POST"}
    )


@login_not_required
@never_cache
@require_safe
def health_check(request: HttpRequest) -> HttpResponse:
    """How long the oldest notice has waited, in seconds; 503 where that is too long."""
    state = health()
    return JsonResponse(state.as_data(), status=200 if state.is_well else 503)
