"""Wagtail's database search, reading Vietnamese with and without its marks.

Name it as BACKEND in WAGTAILSEARCH_BACKENDS, then run `manage.py update_index`. What is
wrong with the stock one is told in docs/decisions/0005-search.md.
"""

from django.db import connection
from django.utils.module_loading import import_string

_BACKENDS = {
    "sqlite": "plans.search_backends.sqlite.SearchBackend",
    "postgresql": "plans.search_backends.postgresql.SearchBackend",
}

SearchBackend = import_string(
    _BACKENDS.get(connection.vendor, "modelsearch.backends.database.SearchBackend")
)
