"""Finding what a reader may see, by Wagtail's search backend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from modelsearch.backends import get_search_backend
from modelsearch.conf import get_app_config
from wagtail.models import Page

from plans.excerpts import Highlighter
from plans.models import (
    CongressPage,
    DossierPage,
    GuidancePage,
    LessonsPage,
    PlanPage,
    ResultReportPage,
    Unit,
    UnitPage,
)
from plans.models.base import AnyUser
from plans.permissions import PagePolicy
from plans.search_backends.folding import PLAIN_BEGINS, FoldingBackend
from plans.text import fold

LONGEST_QUERY = 200
UNITS_SHOWN = 10

KINDS: dict[str, type[Page]] = {
    "plan": PlanPage,
    "guidance": GuidancePage,
    "congress": CongressPage,
    "dossier": DossierPage,
    "lessons": LessonsPage,
    "report": ResultReportPage,
    "unit": UnitPage,
}
"""The kinds of page a reader may keep to; what is of none is found among all."""

_PAPERS = ("planpage", "guidancepage", "resultreportpage")


class Kind(NamedTuple):
    value: str
    label: str
    found: int


@dataclass(frozen=True)
class Result:
    """A page that was found, ready to be shown."""

    page: Page
    title: SafeString
    kind_label: str
    note: str
    excerpt: SafeString


def clean_query(text: str) -> str:
    """What is searched for: at most `LONGEST_QUERY` characters of what was typed."""
    return " ".join(text.replace("\0", " ").split())[:LONGEST_QUERY].strip()


def readable_pages(user: AnyUser) -> QuerySet[Page]:
    """The pages the reader may see, as a search backend takes them.

    The policy's condition stands in a query of its own: a backend refuses conditions on
    fields it does not index.
    """
    visible = PagePolicy().visible(Page.objects.filter(depth__gt=1), user)
    return Page.objects.filter(pk__in=visible.values("pk"))


def of_kind(pages: QuerySet[Page], kind: str) -> QuerySet[Page]:
    if kind not in KINDS:
        return pages
    return pages.filter(content_type=ContentType.objects.get_for_model(KINDS[kind]))


def find(query: str, objects: QuerySet[Any]) -> Any:
    """Wagtail's search results; the last word may go on, unless it is a number.

    "Phường 1" is not "Phường 10", and every unit's code begins with some digit.
    """
    backend = get_search_backend()
    folded = fold(query)
    # Another backend knows nothing of marks, but the index holds words without them.
    text = query if isinstance(backend, FoldingBackend) else folded
    ends_in_number = folded.rpartition(" ")[2].isdecimal()
    method = backend.search if ends_in_number else backend.autocomplete
    return method(text, objects)


def count_kinds(query: str, pages: QuerySet[Page]) -> tuple[int, list[Kind]]:
    """How many of the pages are found, in all and of each kind; one query."""
    counts = find(query, pages).facet("content_type_id") if fold(query) else {}
    types = ContentType.objects.get_for_models(*KINDS.values())
    kinds = [
        Kind(
            value,
            capfirst(str(model._meta.verbose_name_plural)),
            counts.get(types[model].pk, 0),
        )
        for value, model in KINDS.items()
    ]
    return sum(counts.values()), kinds


def describe(query: str, pages: Sequence[Page]) -> list[Result]:
    """The pages with what is shown of them; two queries, however many they are."""
    highlighter = Highlighter(query)
    texts = _texts(pages)
    notes = _notes(pages)
    return [
        Result(
            page=page,
            title=highlighter.marked(page.title),
            kind_label=page.page_type_display_name,
            note=notes.get(page.pk, ""),
            excerpt=highlighter.excerpt(texts.get(page.pk, "")),
        )
        for page in pages
    ]


def find_units(query: str) -> list[Unit]:
    """The first units found by name or code; those in force before those that were."""
    units = Unit.objects.select_related("parent", "level", "page")
    today = timezone.localdate()
    found = find(query, units)[: 5 * UNITS_SHOWN] if fold(query) else []
    ended = [unit for unit in found if unit.valid_to and unit.valid_to < today]
    current = [unit for unit in found if unit not in ended]
    return [*current, *ended][:UNITS_SHOWN]


def find_people(query: str) -> QuerySet[AbstractUser]:
    """The active people in whose name or account each of the words begins a word, with
    marks or without; by their names. No index holds people: they are few."""
    words = fold(query).split()
    users = get_user_model()._default_manager.filter(is_active=True)
    names = users.values_list("pk", "last_name", "first_name", "username")
    keys = [
        key
        for key, *parts in names
        if words and _begin_words(words, fold(" ".join(parts)))
    ]
    found = users.filter(pk__in=keys)
    return found.order_by("last_name", "first_name", "username")


def _begin_words(words: list[str], text: str) -> bool:
    return all(f" {word}" in f" {text}" for word in words)


def _texts(pages: Sequence[Page]) -> dict[int, str]:
    """The pages' texts as the index holds them: no body is put together again."""
    entries = get_app_config().get_model("IndexEntry")
    columns = {field.name for field in entries._meta.concrete_fields}
    rows = entries.objects.filter(
        content_type__in={page.content_type_id for page in pages},
        object_id__in=[str(page.pk) for page in pages],
    ).values_list("object_id", "body_text" if "body_text" in columns else "body")
    return {int(key): (text or "").rpartition(PLAIN_BEGINS)[2] for key, text in rows}


def _notes(pages: Sequence[Page]) -> dict[int, str]:
    """What tells a page from others: a paper's number and date, a unit's upper unit."""
    rows = Page.objects.filter(pk__in=[page.pk for page in pages]).values_list(
        "pk",
        *(
            Coalesce(*(F(f"{paper}__{name}") for paper in _PAPERS))
            for name in ("doc_type", "number", "symbol", "issued_on")
        ),
        "unitpage__unit__parent__name",
    )
    notes = {}
    for pk, doc_type, number, symbol, issued_on, upper in rows:
        parts = [upper]
        if doc_type is not None:
            reference = PlanPage(number=number, symbol=symbol).reference
            day = date_format(issued_on, "d/m/Y") if issued_on else ""
            parts = [f"{doc_type} {reference}".strip(), day]
        notes[pk] = " · ".join(part for part in parts if part)
    return notes
