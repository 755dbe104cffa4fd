"""Asking for an address as a person, and saying what came of it."""

import json
import re
import sys
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

WRITES = re.compile(r'\s*(?:INSERT|UPDATE|DELETE)\b[^"]*"(\w+)"', re.IGNORECASE)
BOOKKEEPING = {
    "accounts_session",
    # Who has a form open just now, and what Wagtail keeps for a person.
    "wagtailadmin_editingsession",
    "wagtailcore_pagesubscription",
    "wagtailusers_userprofile",
    # What a person opens, he has been told.
    "plans_notice",
    # Each look at a paper with personal data is kept.
    "plans_fileaccess",
    # A smaller copy of an image is made when it is first shown.
    "wagtailimages_rendition",
}
"""Tables that reading may write to."""


@dataclass
class Answer:
    """What a request came to: the status, what the person sees, the tables written."""

    status: int
    location: str
    text: str
    written: set[str] = field(default_factory=set)
    failure: BaseException | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the person was sent away: nothing there, or another door."""
        if self.status in (403, 404):
            return True
        path, _, query = self.location.partition("?")
        if path in {reverse("login"), reverse("wagtailadmin_login")}:
            # Without it, this is where signing out leads.
            return "next=" in query
        return path == reverse("wagtailadmin_home")

    @property
    def is_no_method(self) -> bool:
        return self.status == 405


class Visitor(Client):
    """One person's browser: signed in once, and every request undone after it."""

    def __init__(self, user: Any) -> None:
        super().__init__()
        if user is not None:
            self.force_login(user)
        self._jar = {key: morsel.value for key, morsel in self.cookies.items()}

    def request(self, **request: Any) -> Any:
        # The test client's own copies every template context: ten times the cost.
        return self.handler(self._base_environ(**request))

    def ask(self, method: str, url: str, data: Any = None) -> Answer:
        """Send the request and undo what it wrote."""
        written: set[str] = set()
        failures: list[BaseException] = []

        def watch(execute: Any, sql: str, *args: Any) -> Any:
            if match := WRITES.match(sql):
                written.add(match[1])
            return execute(sql, *args)

        def note_failure(request: Any, **kwargs: Any) -> None:
            failures.append(_current_exception())

        self.cookies.clear()
        for key, value in self._jar.items():
            self.cookies[key] = value
        got_request_exception.connect(note_failure)
        try:
            with transaction.atomic(), connection.execute_wrapper(watch):
                response = self.generic_with(method, url, data)
                text = _text_of(response)
                transaction.set_rollback(True)
        finally:
            got_request_exception.disconnect(note_failure)
        if written - BOOKKEEPING:
            # What was cached of the undone rows.
            cache.clear()
        return Answer(
            status=response.status_code,
            location=response.headers.get("Location", ""),
            text=text,
            written=written - BOOKKEEPING,
            failure=failures[0] if failures else None,
        )

    def generic_with(self, method: str, url: str, data: Any) -> Any:
        if method == "GET":
            return self.get(url)
        if method == "POST":
            return self.post(url, data or {})
        return self.generic(method, url, data or "", content_type="application/json")


def _current_exception() -> BaseException:
    return sys.exc_info()[1] or RuntimeError("a failure without an exception")


def _text_of(response: Any) -> str:
    """What the person reads: the answer, and the messages of the next page."""
    if response.streaming:
        body = b"".join(response.streaming_content).decode(errors="replace")
    else:
        body = response.content.decode(errors="replace")
    queued = getattr(
        getattr(response.wsgi_request, "_messages", None), "_queued_messages", []
    )
    return body + "\n".join(str(message) for message in queued)


def form_values(text: str, url: str) -> dict[str, Any]:
    """What a browser would send if the page's form were sent as it was shown."""
    html = json.loads(text).get("html") or "" if text.startswith("{") else text
    forms = [
        form
        for form in BeautifulSoup(html, "html.parser").find_all("form")
        if (form.get("method") or "").lower() == "post"
        and "logout" not in (form.get("action") or "")
    ]
    own = [form for form in forms if (form.get("action") or url) == url]
    for form in (own or forms)[-1:]:
        return {
            entry["name"]: value
            for entry in form.find_all(["input", "select", "textarea"])
            if entry.get("name") and not entry.has_attr("disabled")
            if (value := _value(entry)) is not None
        }
    return {}


def _value(entry: Any) -> Any:
    """What the field holds; None where it would not be sent."""
    if entry.name == "textarea":
        return entry.text.removeprefix("\n")
    if entry.name == "select":
        options = entry.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if entry.has_attr("multiple"):
            return [option.get("value", option.text) for option in chosen]
        return "".join(
            option.get("value", option.text) for option in (chosen or options)[:1]
        )
    kind = entry.get("type")
    if kind in ("submit", "button", "file", "image"):
        return None
    if kind in ("checkbox", "radio"):
        return entry.get("value", "on") if entry.has_attr("checked") else None
    return entry.get("value", "")
