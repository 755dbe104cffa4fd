"""Materialised paths in SQL: of pages and of units, which are built alike.

A row's path starts with its parent's, so that a set of rows with all below them is a
set of path beginnings. The conditions here stay small however many there are.
"""

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.db.models import F, OuterRef, Q
from django.db.models.functions import Greatest, Length, Substr
from django.db.models.lookups import In

LAST = "ZZZZ"
"""No step of a path comes after it."""


class OneOf(In):
    """`IN` with all its texts in one parameter: SQLite bears only so many of them."""

    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = self.process_lhs(compiler, connection)
        values = "(SELECT value FROM json_each(%s))"
        return f"{left} IN {values}", [*params, json.dumps(self.rhs)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::text[])", [*params, self.rhs]


def one_of(field: str, paths: Iterable[str]) -> Q:
    """The condition that the path in the field is one of these."""
    wanted = sorted(paths)
    return Q(OneOf(F(field), wanted)) if wanted else Q(pk__in=[])


def above(field: str | OuterRef, levels: int, steplen: int) -> Substr:
    """The path so many levels above the one in the field; empty above the root."""
    # PostgreSQL refuses a negative length, and may look at rows that others exclude.
    return Substr(field, 1, Greatest(Length(field) - levels * steplen, 0))


def lies_below(field: str, tops: Iterable[str]) -> Q:
    """The condition that the path in the field is one of these or below one of them."""
    paths = topmost(tops)
    if not paths:
        return Q(pk__in=[])
    condition = Q()
    for length, group in groupby(sorted(paths, key=len), key=len):
        condition |= Q(OneOf(Substr(F(field), 1, length), list(group)))
    # An index leads to the range; without it every row's path is cut and compared.
    between = {f"{field}__gte": min(paths), f"{field}__lte": max(paths) + LAST}
    return Q(**between) & condition


def topmost(paths: Iterable[str]) -> list[str]:
    """Those of the paths that lie below no other of them, in order."""
    tops: list[str] = []
    for path in sorted(paths):
        if not tops or not path.startswith(tops[-1]):
            tops.append(path)
    return tops


def lineage(path: str, step: int) -> list[str]:
    """The paths of all above the row with the path, from the top, and its own."""
    return [path[:end] for end in range(step, len(path) + 1, step)]
