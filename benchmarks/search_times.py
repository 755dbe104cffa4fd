"""What `benchmarks.search` runs in a process of its own, for each database."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from modelsearch.backends import get_search_backend
from wagtail.models import Page

from plans.actions.pages import add_pages
from plans.models import GuidancePage
from plans.search import readable_pages
from tests.builders import make_plan, make_units, make_user, open_site

PAGES = 2_000
WORDS = {"trăm": 100, "bốn": 400, "hiệp thương": 1_600}
ASKED = {"tram": 100, "bon": 400, "hiep thuong": 1_600, "xyz": 0}
PARAGRAPH = (
    "Ban Thường trực Ủy ban Mặt trận Tổ quốc Việt Nam hướng dẫn các bước tiến hành,"
    " phối hợp với cấp ủy và chính quyền cùng cấp. "
)
BACKENDS = ("modelsearch.backends.database", "plans.search_backends")
ROUNDS = 5


def main() -> None:
    call_command("migrate", verbosity=0)
    build()
    print(json.dumps([measure(backend) for backend in BACKENDS]))


def build() -> None:
    province = make_units()
    make_user("giang", "111")
    plan = make_plan(open_site(province))
    pages = [
        GuidancePage(
            title=f"Hướng dẫn số {number}",
            slug=f"huong-dan-{number}",
            doc_type="Hướng dẫn",
            issuer=province,
            number=number,
            symbol="HD-MTTQ",
            body=[("paragraph", PARAGRAPH * 20 + words_of(number))],
        )
        for number in range(PAGES)
    ]
    parent = Page.objects.get(pk=plan.pk)
    with transaction.atomic():
        add_pages(pairs=[(parent, page) for page in pages], user=None, action="x")


def words_of(number: int) -> str:
    return " ".join(word for word, hits in WORDS.items() if number < hits)


def measure(name: str) -> dict[str, float]:
    settings.WAGTAILSEARCH_BACKENDS["default"]["BACKEND"] = name
    backend = get_search_backend()
    postgresql = connection.vendor == "postgresql"
    times = {"the whole index": shortest(1, call_command, "update_index", verbosity=0)}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if postgresql else "ANALYZE")
    page = GuidancePage.objects.first()
    times["one page's entry"] = shortest(ROUNDS, backend.add, page)
    user = get_user_model().objects.get(username="giang")
    for search in (backend.autocomplete, backend.search):
        for word, hits in ASKED.items():
            pages = readable_pages(user)
            found = search(word, pages).count()
            if found != hits:
                raise SystemExit(f"{name} finds {found} of {hits}: {word}")
            label = f"{search.__name__}, {hits:,} hits"
            times[label] = shortest(ROUNDS, ask, search, word, pages)
    return times


def ask(search: Callable[..., Any], word: str, pages: Any) -> None:
    results = search(word, pages.all())
    results.count()
    list(results[:20])


def shortest(rounds: int, task: Callable[..., Any], *args: Any, **kwargs: Any) -> float:
    """The task's shortest time in milliseconds."""
    times = []
    for _round in range(rounds):
        start = time.perf_counter()
        task(*args, **kwargs)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)
