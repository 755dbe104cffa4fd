"""Asking for pages as people with more and more rights: what `benchmarks.rights` runs
in a process of its own, for each site and database.

`build` of the site's own module makes the pages, the people and the addresses; the
rest is the same for both sites.
"""

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page

COUNTS = (1, 10, 100, 1_000)
"""How many pages a person holds rights on."""
WHOLE = "whole"
"""Who holds them on one page, above all of the others' pages."""
ROOT = "root"
PEOPLE = [*map(str, COUNTS), WHOLE, ROOT]

SHELF = 60
"""Pages below the one page that everybody holds rights on."""
ACTIONS = ("add", "change", "publish")
"""What a role may do with its unit's congress: the rights held on each page."""

ROUNDS = 15
ENOUGH = 20.0
"""Seconds after which one address is asked for no more as one person."""

ROW = re.compile(r"Hướng dẫn số \d+")


@dataclass
class Taken:
    """What one person's page took."""

    queries: int = 0
    rows: int = 0
    seconds: list[float] = field(default_factory=list)
    failure: str = ""

    def as_json(self) -> dict[str, Any]:
        best = 1000 * min(self.seconds) if self.seconds else None
        return {
            "ms": best,
            "queries": self.queries,
            "rows": self.rows,
            "failure": self.failure,
        }


def main(build: Any) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    urls = build()
    call_command("update_index", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = '60s'")
    print(json.dumps(measure(urls)))


def people() -> Iterable[tuple[AbstractUser, int]]:
    """The people, each with the number of pages; 0 for the one above all of them."""
    users = get_user_model()._default_manager
    users.create_superuser(ROOT, password="x")
    for count in (*COUNTS, 0):
        yield users.create_user(str(count or WHOLE)), count


def addresses(shelf: Page, land: Page, shown: Page, query: str) -> dict[str, str]:
    """What is asked for, in either site.

    On the shelf everybody works; the land is where the granted pages lie.
    """
    return {
        "explorer": reverse("wagtailadmin_explore", args=[shelf.pk]),
        "explorer, granted pages": reverse("wagtailadmin_explore", args=[land.pk]),
        "search": reverse("wagtailadmin_pages:search") + f"?q={query}",
        "chooser": reverse("wagtailadmin_choose_page_child", args=[shelf.pk]),
        "chooser, search": reverse("wagtailadmin_choose_page_search") + f"?q={query}",
        "edit": reverse("wagtailadmin_pages:edit", args=[shown.pk]),
        "admin's first page": reverse("wagtailadmin_home"),
        "home": "/",
        "page": shown.get_url() or "",
    }


def measure(urls: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Every address as everybody in turns: address to person to what it took."""
    clients = {}
    for name in PEOPLE:
        clients[name] = Client(SERVER_NAME="127.0.0.1")
        clients[name].force_login(get_user_model().objects.get(username=name))
    taken = {label: {name: Taken() for name in PEOPLE} for label in urls}
    for label, url in urls.items():
        for name in PEOPLE:
            _look(clients[name], url, taken[label][name])
        for _round in range(ROUNDS):
            for name in PEOPLE:
                _time(clients[name], url, taken[label][name])
    return {
        label: {name: each.as_json() for name, each in columns.items()}
        for label, columns in taken.items()
    }


def _look(client: Client, url: str, taken: Taken) -> None:
    """Ask twice: once to warm up, once to count."""
    start = time.perf_counter()
    try:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
    except DatabaseError as error:
        connection.close()
        seconds = time.perf_counter() - start
        taken.failure = f"{' '.join(str(error).split())[:60]} ({seconds:.0f} s)"
        return
    if answer.status_code != 200:
        taken.failure = f"answered {answer.status_code}"
        return
    taken.queries = len(queries)
    text = answer.content.decode()
    if text.startswith("{"):  # a chooser's
        text = json.loads(text)["html"]
    taken.rows = len(set(ROW.findall(text)))


def _time(client: Client, url: str, taken: Taken) -> None:
    if taken.failure or sum(taken.seconds) > ENOUGH:
        return
    start = time.perf_counter()
    client.get(url).content  # noqa: B018
    taken.seconds.append(time.perf_counter() - start)
