"""A person's notices as an Atom feed, and his days as a calendar, by secret address."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plans.models import FeedToken, Notice
from plans.notifications.calendar import calendar_of
from plans.notifications.letters import language_of
from plans.notifications.options import absolute
from plans.permissions import audible

from .notices import described

SHOWN = 50


@login_not_required
@require_safe
def news_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The person's newest notices. 404 for an address that was ended, or never was."""
    user = _reader(token, FeedToken.Feed.NEWS)
    with translation.override(language_of(user)):
        text = _atom(user)
    return _answer(text, "application/atom+xml; charset=utf-8")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The days that concern the person, in the same way."""
    user = _reader(token, FeedToken.Feed.CALENDAR)
    with translation.override(language_of(user)):
        text = calendar_of(user)
    return _answer(text, "text/calendar; charset=utf-8")


def _reader(token: str, feed: str) -> Any:
    rows = FeedToken.objects.named(token).filter(feed=feed)
    row = rows.select_related("user__notice_settings").first()
    if row is None:
        raise Http404
    return row.user


def _answer(content: str | bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = "private, max-age=300"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _atom(user: Any) -> str:
    """The feed; it does not name its own address, which is a secret."""
    rows = audible(Notice.objects.filter(on_bell=True), user)
    newest = rows.select_related("event__page").order_by("-event__at", "-pk")[:SHOWN]
    home = absolute(reverse("plans:notices"))
    feed = Atom1Feed(
        title=_("Notices – %s") % getattr(settings, "WAGTAIL_SITE_NAME", ""),
        link=home,
        description="",
        language=translation.get_language(),
        feed_guid=f"{home}#{user.pk}",
    )
    for entry in described(newest):
        notice = entry["notice"]
        feed.add_item(
            title=f"{entry['label']}: {entry['phrase']}",
            link=absolute(entry["url"]),
            description=entry["why"],
            unique_id=f"{home}#{notice.pk}",
            pubdate=notice.event.at,
            updateddate=notice.event.at,
        )
    return feed.writeString("utf-8")
