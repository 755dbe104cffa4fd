"""Writing the mails: one for a person and page, or one digest of all that waits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Page

from plans.models import Event, Notice

from .followers import Why
from .options import absolute
from .sentences import address, changed_parts, happening, label, specific_pages
from .tokens import Unsubscription, unsubscribe_url

UNSUBSCRIBE = "https://unsubscribe.invalid/"
"""Stands in a text that is written once for many people; each gets his own address."""


class Text(NamedTuple):
    subject: str
    plain: str
    html: str


@dataclass(frozen=True)
class Letter:
    """A mail, and the keys of the notices it carries."""

    mail: EmailMessage
    keys: list[int]


@dataclass
class Entry:
    """What a mail says of one page."""

    page: Page
    label: str
    url: str
    happenings: list[dict[str, Any]] = field(default_factory=list)


def write(notices: Iterable[Notice]) -> list[Letter]:
    """The mails that carry these notices; those of one page, or digest, in one."""
    groups: dict[tuple[int, int | None], list[Notice]] = defaultdict(list)
    for notice in sorted(notices, key=lambda notice: notice.pk):
        page = None if notice.is_digest else notice.event.page_id
        groups[notice.user_id, page].append(notice)
    writer = _Writer(groups.values())
    return [writer.letter(page, group) for (_user, page), group in groups.items()]


class _Writer:
    """Writes each text once, however many people it goes to."""

    def __init__(self, groups: Iterable[Sequence[Notice]]) -> None:
        events = [notice.event for group in groups for notice in group]
        self.pages = specific_pages(events)
        self.texts: dict[Any, Text] = {}
        self.sender = settings.DEFAULT_FROM_EMAIL
        self.host = urlsplit(absolute("")).hostname or "localhost"

    def letter(self, page: int | None, notices: list[Notice]) -> Letter:
        user = notices[0].user
        language = language_of(user)
        events = [notice.event for notice in notices]
        known_by = (language, page, notices[0].why, *(event.pk for event in events))
        if known_by not in self.texts:
            with translation.override(language):
                self.texts[known_by] = self._text(page, events, notices[0].why)
        text = self.texts[known_by]
        unsubscribe = unsubscribe_url(Unsubscription(user.pk, page))
        mail = EmailMultiAlternatives(
            text.subject,
            text.plain.replace(UNSUBSCRIBE, unsubscribe),
            self.sender,
            [user.email],
            headers={
                # The same at each attempt: a server may know it again.
                "Message-ID": f"<notice.{notices[0].pk}@{self.host}>",
                "List-Unsubscribe": f"<{unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "List-Id": f"<notices.{self.host}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        mail.attach_alternative(
            text.html.replace(UNSUBSCRIBE, unsubscribe), "text/html"
        )
        return Letter(mail, [notice.pk for notice in notices])

    def _text(self, page: int | None, events: list[Event], why: str) -> Text:
        entries = self._entries(events)
        if page is None:
            subject = _("Summary: %(number)s pages") % {"number": len(entries)}
        else:
            subject = f"{entries[0].label}: {entries[0].happenings[-1]['phrase']}"
        context = {
            "entries": entries,
            "why": "" if page is None else Why(why).label,
            "is_digest": page is None,
            "unsubscribe_url": UNSUBSCRIBE,
            "settings_url": absolute(reverse("plans:notice_settings")),
            "site_name": getattr(settings, "WAGTAIL_SITE_NAME", ""),
            "language": translation.get_language(),
        }
        return Text(
            " ".join(subject.split())[:150],
            render_to_string("plans/mail/notice.txt", context),
            render_to_string("plans/mail/notice.html", context),
        )

    def _entries(self, events: list[Event]) -> list[Entry]:
        entries: dict[str, Entry] = {}
        for event in events:
            page, url = self.pages[event.page_id], absolute(address(event))
            if url not in entries:
                entries[url] = Entry(page, label(page), url)
            entries[url].happenings.append(
                {
                    "phrase": happening(event),
                    "parts": changed_parts(event, page),
                    "at": event.at,
                }
            )
        return list(entries.values())


def language_of(user: Any) -> str:
    """The language the person chose for his mails, or for the admin; or the site's."""
    own = getattr(user, "notice_settings", None)
    profile = getattr(user, "wagtail_userprofile", None)
    chosen = (own and own.language) or (profile and profile.preferred_language)
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
