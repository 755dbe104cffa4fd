"""What both databases' backends share: the words, the entries, the order of results."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Case, IntegerField, Model, QuerySet, Value, When
from django.db.models.functions import Cast, Length
from modelsearch.index import SearchField
from modelsearch.query import (
    And,
    Boost,
    Fuzzy,
    MatchAll,
    Not,
    Or,
    Phrase,
    PlainText,
    SearchQuery,
)
from modelsearch.utils import get_content_type_pk, get_descendants_content_types_pks

from plans.models.base import PlansPage

from .words import folded_words, marked_words, typed_words

PLAIN_BEGINS = "\n\x1e"
"""Stands between an entry's words and its text where one column holds both."""

MAX_WORDS = 32
"""Words of a query that are searched for: each is a condition more."""

NOT_IN_TITLE = 1_000_000
"""Stands for the length of a title that does not hold the words."""


class Texts(NamedTuple):
    """What the index holds of an object: its words, and its text as it reads."""

    title: str
    body: str
    autocomplete: str
    plain: str


def _words(text: str, marked: str = "") -> str:
    return f"{folded_words(text)} {marked or marked_words(text)}"


class FoldedText(PlainText):
    """A plain query without marks that remembers how it was typed."""

    def __init__(self, text: str, operator: str) -> None:
        words = folded_words(text).split()[:MAX_WORDS]
        super().__init__(" ".join(words), operator)
        self.typed = " ".join(typed_words(text).split()[:MAX_WORDS])


def folded(query: SearchQuery) -> SearchQuery | None:
    """The query without marks and signs; None where nothing is left of it."""
    match query:
        case PlainText():
            text = FoldedText(query.query_string, query.operator)
            return text if text.query_string else None
        case Phrase():
            words = folded_words(query.query_string)
            return Phrase(words) if words else None
        case And() | Or():
            parts = [part for part in map(folded, query.subqueries) if part]
            return type(query)(parts) if parts else None
        case Not():
            part = folded(query.subquery)
            return Not(part) if part else None
        case Boost():
            part = folded(query.subquery)
            return Boost(part, query.boost) if part else None
    return query


class FoldingBackend:
    """A search backend that takes the marks away from what it is asked."""

    def _search(
        self, compiler: Any, query: Any, model_or_queryset: Any, **kwargs: Any
    ) -> Any:
        if isinstance(query, str):
            query = PlainText(query, kwargs.get("operator") or "and")
        if query is not None:
            query = folded(query) or ""
        return super()._search(compiler, query, model_or_queryset, **kwargs)  # type: ignore[misc]


class FoldingIndex:
    """An index written in one statement, without the stock one's average title length.

    The stock index reads the whole table after each change to weigh titles by their
    length; here the order of results needs no such weight.
    """

    indexer_class: Any
    columns: Sequence[str]

    def add_items(self, model: type[Model], objs: Sequence[Any]) -> None:
        if not objs or not model.get_search_fields():  # type: ignore[attr-defined]
            return
        content_type = get_content_type_pk(model)
        entries: Any = self.entries  # type: ignore[attr-defined]
        entries.bulk_create(
            [
                entries.model(
                    content_type_id=content_type,
                    object_id=str(obj.pk),
                    **self.values(self.texts(obj)),
                )
                for obj in objs
            ],
            update_conflicts=True,
            unique_fields=["content_type", "object_id"],
            update_fields=self.columns,
        )

    def texts(self, obj: Any) -> Texts:
        indexer = self.indexer_class(obj, self.backend)  # type: ignore[attr-defined]
        titles, bodies, completed = [], [], []
        for search_field in indexer.search_fields:
            for field, *_weight, value in indexer.prepare_field(obj, search_field):
                if not isinstance(field, SearchField):
                    completed.append(value)
                elif field.field_name == "title":
                    titles.append(value)
                else:
                    bodies.append(value)
        title, body, autocomplete = map(" ".join, (titles, bodies, completed))
        plain, marked = body, ""
        if isinstance(obj, PlansPage):
            # Its fields hold this text without marks, for the sake of other backends.
            plain = obj.searchable_text()
            marked = marked_words(f"{title} {plain}")
        return Texts(
            title=_words(title),
            body=_words(f"{title} {body}", marked),
            autocomplete=_words(autocomplete, marked),
            plain=plain,
        )

    def values(self, texts: Texts) -> dict[str, Any]:
        """The entry's columns."""
        raise NotImplementedError

    def _refresh_title_norms(self, full: bool = False) -> None:
        pass


class FoldingCompiler:
    """Finds the entries of a query once, not once for every result.

    Results stand in this order: the words with their marks as typed, the words without
    (in both the last one whole), the words in the title (the shorter the title, the
    nearer), the newest.
    """

    column = "body"
    entry = ""
    """What leads from the searched table to the entry, as a lookup's beginning."""
    queryset: QuerySet[Any]
    query: SearchQuery
    fields: Sequence[str] | None
    order_by_relevance: bool

    def entries(self, query: SearchQuery, column: str) -> QuerySet[Any]:
        """The entries whose column matches."""
        raise NotImplementedError

    def search(
        self,
        config: Any,
        start: int | None,
        stop: int | None,
        score_field: str | None = None,
        **kwargs: Any,
    ) -> QuerySet[Any]:
        if isinstance(self.query, (MatchAll, Not, Fuzzy)):
            return super().search(config, start, stop, score_field, **kwargs)  # type: ignore[misc]
        if self.fields and set(self.fields) == {"title"}:
            self.column = "title"
        queryset = self.queryset.filter(pk__in=self._found(self.query))
        distance = self._distance()
        if score_field is not None:
            queryset = queryset.annotate(**{score_field: distance})
        if self.order_by_relevance:
            queryset = queryset.order_by(distance, self._title_length(), "-pk")
        elif not queryset.query.order_by:
            queryset = queryset.order_by("-pk")
        return queryset[start:stop]

    def _found(self, query: SearchQuery, column: str = "") -> QuerySet[Any]:
        """The keys of the objects whose entry matches: a set that is made once."""
        model = self.queryset.model
        types = get_descendants_content_types_pks(model)
        entries = self.entries(query, column or self.column)
        key = model._meta.pk
        while key.remote_field:
            key = key.target_field
        return entries.filter(**{f"{self.entry}content_type__in": types}).values_list(
            Cast(f"{self.entry}object_id", key), flat=True
        )

    def _distance(self) -> Case:
        """How far the words are from those typed: 0 is nearest."""
        nearest: list[str] = []
        if isinstance(self.query, FoldedText) and self.query.operator == "and":
            nearest += dict.fromkeys([self.query.typed, self.query.query_string])
        return Case(
            *(
                # The last word may go on, so it is asked for twice: once as it is.
                When(
                    pk__in=self._found(PlainText(f"{words} {words.split()[-1]}")),
                    then=Value(distance),
                )
                for distance, words in enumerate(nearest)
            ),
            # A bare number would be read as a column's.
            default=Cast(Value(len(nearest)), IntegerField()),
        )

    def _title_length(self) -> Case:
        names = {field.name for field in self.queryset.model._meta.concrete_fields}
        length = Length("title") if "title" in names else Value(0)
        return Case(
            When(pk__in=self._found(self.query, "title"), then=length),
            default=Value(NOT_IN_TITLE),
        )
