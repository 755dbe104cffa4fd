"""Questions that every request asks about its person: their SQL is written once.

Django writes the SQL of a query anew each time, which for a union of joins takes some
ten times as long as running it. Only the person and the day differ between requests.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connections, router
from django.db.models import QuerySet

from plans.models import Membership

_PERSON, _DAY = -(2**31), date(1, 2, 3)
"""What stands for the two in the parameters of the written SQL: no row has either."""


class WrittenQuery:
    """The query `build(person, day)`, of plain texts and numbers."""

    def __init__(self, build: Callable[[int, date], QuerySet[Any, Any]]) -> None:
        self.build = build
        self._written: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def rows(self, person: int, day: date) -> list[tuple[Any, ...]]:
        """What the query finds of the person on the day, by his key."""
        alias = router.db_for_read(Membership)
        connection = connections[alias]
        if alias not in self._written:
            compiler = self.build(_PERSON, _DAY).query.get_compiler(alias)
            self._written[alias] = compiler.as_sql()
        sql, params = self._written[alias]
        adapted = connection.ops.adapt_datefield_value
        standing = [(_PERSON, person), (adapted(_DAY), adapted(day))]
        with connection.cursor() as cursor:
            cursor.execute(sql, [_put_in(param, standing) for param in params])
            return cursor.fetchall()


def _put_in(param: Any, standing: list[tuple[Any, Any]]) -> Any:
    return next((value for mark, value in standing if param == mark), param)
