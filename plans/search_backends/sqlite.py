"""The backend on SQLite, over the full-text table that Wagtail's migrations make."""

from typing import Any

from django.db.models import QuerySet
from modelsearch.backends.database.sqlite.query import MatchExpression, normalize
from modelsearch.backends.database.sqlite.sqlite import (
    ObjectIndexer,
    SQLiteAutocompleteQueryCompiler,
    SQLiteFTSIndexEntry,
    SQLiteIndex,
    SQLiteSearchBackend,
    SQLiteSearchQueryCompiler,
)
from modelsearch.query import SearchQuery

from .folding import PLAIN_BEGINS, FoldingBackend, FoldingCompiler, FoldingIndex, Texts


class Index(FoldingIndex, SQLiteIndex):
    indexer_class = ObjectIndexer
    columns = ("title", "body", "autocomplete")

    def values(self, texts: Texts) -> dict[str, Any]:
        return {
            "title": texts.title,
            # The table has no other column for the text as it reads.
            "body": f"{texts.body}{PLAIN_BEGINS}{texts.plain}",
            "autocomplete": texts.autocomplete,
        }


class SearchCompiler(FoldingCompiler, SQLiteSearchQueryCompiler):
    entry = "index_entry__"

    def entries(self, query: SearchQuery, column: str) -> QuerySet[Any]:
        words = self.build_search_query(normalize(query))
        return SQLiteFTSIndexEntry.objects.filter(MatchExpression([column], words))


class AutocompleteCompiler(SearchCompiler, SQLiteAutocompleteQueryCompiler):
    column = "autocomplete"


class SearchBackend(FoldingBackend, SQLiteSearchBackend):
    index_class = Index
    query_compiler_class = SearchCompiler
    autocomplete_query_compiler_class = AutocompleteCompiler
