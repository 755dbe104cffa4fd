"""Walking every address as everybody, and comparing with the table."""

import os
import zlib
from collections.abc import Iterator
from typing import Any

from tests.matrix.addresses import Address, addresses
from tests.matrix.doors import EXEMPT, Way, ways_of
from tests.matrix.table import Row, rows
from tests.matrix.visitor import Answer, Visitor, form_values
from tests.matrix.world import PEOPLE, SAME_AS, WorldTestCase

FULL = os.environ.get("MATRIX") == "full"
"""Whether everybody tries every door, or two people do, who take turns."""

SHOWN = 60


class WalkTestCase(WorldTestCase):
    """Walks the addresses whose doors stand in its section of the document."""

    section = ""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.rows = list(rows())
        cls.visitors = {
            column: Visitor(cls.person(column)) for column in (*PEOPLE, *SAME_AS)
        }

    def walk(self) -> None:
        self.wrong: list[str] = []
        for address, way, row, thing in self._doors():
            self._try(address, way, row, thing)
        if self.wrong:
            more = len(self.wrong) - SHOWN
            lines = self.wrong[:SHOWN] + ([f"and {more} more"] if more > 0 else [])
            self.fail("\n".join(["Doors that are not as the table says:", *lines]))

    def _doors(self) -> Iterator[tuple[Address, Way, Row, str]]:
        for address in addresses():
            if address.key in EXEMPT:
                continue
            for way in ways_of(address.key):
                for row in self.rows:
                    if (row.section, row.door) == (self.section, way.door):
                        for thing in _things(address, way, row):
                            yield address, way, row, thing

    def _try(self, address: Address, way: Way, row: Row, thing: str) -> None:
        url = self._url(address, way, thing)
        place = self._fill(thing)
        for method in way.methods:
            data: Any = None
            if method != "GET":
                shown = self.visitors["root"].ask("GET", url)
                has_form = shown.status == 200 and "<form" in shown.text
                data = form_values(shown.text, url) if has_form else {}
                data |= {key: value.format(**place) for key, value in way.data.items()}
            for column in self._columns(row, f"{address.key} {way.door} {thing}"):
                answer = self.visitors[column].ask(method, url, data)
                person = SAME_AS[column][0] if column in SAME_AS else column
                self._judge(
                    f"{method} {url} [{way.door}: {thing}] as {column}",
                    way,
                    method,
                    answer,
                    person,
                    may=person in row.passes,
                )

    def _columns(self, row: Row, turn: str) -> list[str]:
        if FULL:
            return [*PEOPLE, *SAME_AS]
        number = zlib.crc32(turn.encode())
        inside = [column for column in PEOPLE if column in row.passes]
        outside = [column for column in PEOPLE if column not in row.passes]
        return [group[number % len(group)] for group in (inside, outside) if group]

    def _url(self, address: Address, way: Way, thing: str) -> str:
        values = dict(self.arguments_for(thing)) if thing else {}
        values |= way.arguments
        values |= {name: self.things[other].pk for name, other in way.keys.items()}
        try:
            positional = self.positional_for(thing) if address.unnamed else ()
            url = address.url(values, positional)
        except KeyError as missing:
            raise AssertionError(
                f"{address.key} [{thing}]: nothing to fill {missing} in with"
            ) from None
        query = way.query.format(**self._fill(thing))
        return f"{url}?{query}" if query else url

    def _fill(self, thing: str) -> dict[str, Any]:
        if not thing:
            return {}
        pk = getattr(self.things[thing], "pk", None)
        return {"pk": pk, "goal": self.goal_of(thing).pk}

    def _judge(
        self,
        what: str,
        way: Way,
        method: str,
        answer: Answer,
        person: str,
        *,
        may: bool,
    ) -> None:
        if answer.failure or answer.status >= 500:
            self.wrong.append(f"{what}: fails with {answer.failure!r}")
            return
        if method == "GET" and answer.written:
            self.wrong.append(f"{what}: reading writes {sorted(answer.written)}")
        for word, (door, thing) in self.marks.items():
            eyes = way.reads_as or person
            if word in answer.text and not self._passes(door, thing, eyes):
                self.wrong.append(f"{what}: tells of the {thing}")
        if answer.is_no_method or (way.by_effect and method == "GET"):
            return
        entered = bool(answer.written) if way.by_effect else way.let_in(answer)
        if entered != may:
            self.wrong.append(
                f"{what}: {answer.status} {answer.location}"
                f" wrote {sorted(answer.written) or 'nothing'},"
                f" where the table says {'yes' if may else 'no'}"
            )
        elif not entered and answer.written:
            self.wrong.append(f"{what}: refused, but wrote {sorted(answer.written)}")

    def _passes(self, door: str, thing: str, person: str) -> bool:
        return any(
            person in row.passes
            for row in self.rows
            if row.door == door and thing in row.things
        )


def _things(address: Address, way: Way, row: Row) -> list[str]:
    """The row's things to try the address with; one empty name where it needs none."""
    things = [thing for thing in row.things if not way.only or thing in way.only]
    if row.things and not things:
        return []
    if not _is_about_something(address, way):
        things = things[:1]
    return (things if FULL else things[:2]) or [""]


def _is_about_something(address: Address, way: Way) -> bool:
    """Whether the address differs from thing to thing."""
    told = {*way.arguments, *way.keys}
    texts = (way.query, *way.data.values())
    return bool(
        address.unnamed
        or set(address.arguments) - told
        or any("{" in text for text in texts)
    )
