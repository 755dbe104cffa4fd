"""The backend on PostgreSQL, over the columns that Wagtail's migrations index."""

from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import QuerySet, TextField, Value
from modelsearch.backends.database.postgres.postgres import (
    IndexEntry,
    ObjectIndexer,
    PostgresAutocompleteQueryCompiler,
    PostgresIndex,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
)
from modelsearch.query import SearchQuery

from .folding import FoldingBackend, FoldingCompiler, FoldingIndex, Texts

CONFIG = "simple"
"""Words as they are: the server's default takes English endings away."""


def vector(words: str) -> SearchVector:
    return SearchVector(Value(words, output_field=TextField()), config=CONFIG)


class Index(FoldingIndex, PostgresIndex):
    indexer_class = ObjectIndexer
    columns = ("title", "body", "autocomplete", "title_text", "body_text")

    def values(self, texts: Texts) -> dict[str, Any]:
        return {
            "title": vector(texts.title),
            "body": vector(texts.body),
            "autocomplete": vector(texts.autocomplete),
            "title_text": texts.title,
            "body_text": texts.plain,
        }


class SearchCompiler(FoldingCompiler, PostgresSearchQueryCompiler):
    def entries(self, query: SearchQuery, column: str) -> QuerySet[Any]:
        words = self.build_tsquery(query, config=CONFIG)
        return IndexEntry.objects.filter(**{column: words})


class AutocompleteCompiler(SearchCompiler, PostgresAutocompleteQueryCompiler):
    column = "autocomplete"


class SearchBackend(FoldingBackend, PostgresSearchBackend):
    index_class = Index
    query_compiler_class = SearchCompiler
    autocomplete_query_compiler_class = AutocompleteCompiler

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.config = CONFIG
