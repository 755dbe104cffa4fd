"""The head of a paper: who issued it, its number, its place and date, its kind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from .bases import is_basis
from .doubts import Doubts
from .markers import read_marker
from .papers import Header, Line, PartialDate
from .references import ABBREVIATIONS, SYMBOL, compact_symbol, match_number
from .spelling import is_capitals, spelled, squeezed, starts_small

LONGEST = 40
"""Lines within which a head ends; forms further down have heads of their own."""

_NATION = re.compile(
    r"cộng hòa xã hội chủ nghĩa việt nam|đảng cộng sản việt nam"
    r"|độc lập\s*[-–]\s*tự do\s*[-–]\s*hạnh phúc"
)
_RULE = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"số(?:\s*:|\s*(?=[\d.…_/-]))")
_BLANK_NUMBER = re.compile(rf"[\s.…_]*[-–/]\s*(?P<symbol>{SYMBOL})")
_BLANK = r"[\s.…_]*"
_DATE = re.compile(
    r"(?P<place>[^\d,:;]{0,60}?)\s*,?\s*\bngày"
    rf"(?P<day>\s*\d{{1,2}}|{_BLANK})\s*tháng(?P<month>\s*\d{{1,2}}|{_BLANK})"
    rf"\s*năm(?P<year>\s*\d{{4}}|{_BLANK})\s*\.?$"
)
_SUBJECT = re.compile(r"v/v\b")
_STAMPS = frozenset(
    ["mật", "tối mật", "tuyệt mật", "khẩn", "thượng khẩn", "hỏa tốc", "dự thảo"]
)
# The right-hand column of the head, where it stands on one line with the left one.
_RIGHT_COLUMN = re.compile(
    rf"(?:\t|\s{{2,}})(?=(?:{_NATION.pattern})|[^\d,:;\t]{{2,40}},\s*ngày\s)"
)
_TYPES = {spelled(name): name for name in ABBREVIATIONS if name != "Công văn"}
_TYPE = re.compile(rf"(?:{'|'.join(_TYPES)})(?!\w)")


@dataclass(slots=True)
class HeadLines:
    """The lines of the head and the facts in them, as they are being read."""

    header: Header
    rest: list[Line]
    """The lines after the head, from the title on."""
    unread: list[Line] = field(default_factory=list)


def read_header(lines: list[Line], doubts: Doubts) -> HeadLines:
    """The head, the lines after it, and the lines in it that were not understood."""
    cells = list(_cells(lines[:LONGEST]))
    end = _end_of_head(cells)
    if end is None:
        doubts.add(None, "no-header", _("No head of an official paper was found."))
        return HeadLines(Header(), lines)
    reader = _HeadReader(doubts)
    for line in cells[:end]:
        reader.read(line)
    head = HeadLines(reader.finished(), _after(cells, end, lines), reader.unread)
    if head.rest:
        _read_type(head, doubts)
    return head


def _after(cells: list[Line], end: int, lines: list[Line]) -> list[Line]:
    """The cells from the end of the head to that of its line, and the lines below."""
    last = cells[end - 1].number if end else 0
    rest = [cell for cell in cells[end:] if cell.number == last]
    return rest + [line for line in lines if line.number > last]


def _cells(lines: list[Line]) -> Iterator[Line]:
    for line in lines:
        cut = _RIGHT_COLUMN.search(spelled(line.text))
        if cut and cut.start():
            yield replace(line, text=squeezed(line.text[: cut.start()]))
            line = replace(line, text=line.text[cut.end() :], after_blank=False)
        yield replace(line, text=squeezed(line.text))


def _end_of_head(cells: list[Line]) -> int | None:
    """The index of the line with the kind of paper, or of the first after the head.

    None where nothing is a head.
    """
    end = None
    for index, line in enumerate(cells):
        if type_of(line.text):
            return index
        if is_basis(line.text) or read_marker(line.text):
            break
        if _is_anchor(line.text):
            end = index + 1
    return end


def type_of(text: str) -> str:
    """The kind of paper whose name in capitals opens the line, or ""."""
    match = _TYPE.match(spelled(text))
    if not match or not is_capitals(text[: match.end()]):
        return ""
    return _TYPES[match[0]]


def _is_anchor(text: str) -> bool:
    """Whether the line is one that only the head of a paper has."""
    plain = spelled(text)
    return any(pattern.match(plain) for pattern in (_NATION, _NUMBER, _DATE, _SUBJECT))


def _read_type(head: HeadLines, doubts: Doubts) -> None:
    """Take the kind of paper from its line, or else from the symbol."""
    line = replace(head.rest[0], text=squeezed(head.rest[0].text))
    doc_type = type_of(line.text)
    group = head.header.symbol.split("/")[-1].split("-")[0]
    by_symbol = next(
        (name for name, code in ABBREVIATIONS.items() if code == group), ""
    )
    if not doc_type:
        doubts.add(line, "no-doc-type", _("The kind of paper is not written above it."))
        head.header = replace(head.header, doc_type=by_symbol)
        return
    if by_symbol and by_symbol != doc_type:
        doubts.add(
            line,
            "doc-type-symbol",
            _("The paper calls itself %(type)s, its symbol says %(other)s.")
            % {"type": doc_type, "other": by_symbol},
        )
    name = replace(line, text=line.text[: len(doc_type)])
    head.header = replace(
        head.header, doc_type=doc_type, lines=(*head.header.lines, name)
    )
    subject = line.text[len(doc_type) :].strip()
    head.rest = head.rest[1:]
    if subject:
        head.rest.insert(0, replace(line, text=subject))


class _HeadReader:
    """Reads the lines of the head one after another."""

    def __init__(self, doubts: Doubts) -> None:
        self.doubts = doubts
        self.unread: list[Line] = []
        self._lines: list[Line] = []
        self._header = Header()
        self._subject = ""

    def read(self, line: Line) -> None:
        plain = spelled(line.text)
        if _SUBJECT.match(plain) or (self._subject and starts_small(line.text)):
            self._subject = squeezed(f"{self._subject} {line.text}")
        elif _NUMBER.match(plain):
            self._read_number(line)
        elif dated := _DATE.match(plain):
            self._read_date(line, dated)
        elif plain in _STAMPS:
            self.doubts.add(line, "stamp", _("A stamp on the paper is not kept."))
        elif _NATION.match(plain) or _RULE.fullmatch(plain):
            pass
        elif is_capitals(line.text):
            issuer = (*self._header.issuer, squeezed(line.text))
            self._header = replace(self._header, issuer=issuer)
        else:
            self.doubts.add(
                line, "head-line", _("This line of the head was not understood.")
            )
            self.unread.append(line)
            return
        self._lines.append(line)

    def finished(self) -> Header:
        header = replace(self._header, lines=tuple(self._lines), subject=self._subject)
        if not header.issuer:
            self.doubts.add(None, "no-issuer", _("Who issued the paper was not found."))
        if not header.symbol and not header.number:
            self.doubts.add(None, "no-number", _("The number was not found."))
        if not header.issued:
            self.doubts.add(None, "no-date", _("The date of issue was not found."))
        return header

    def _read_number(self, line: Line) -> None:
        text = line.text[2:].lstrip(" :.\t")
        match = match_number(text)
        blank = _BLANK_NUMBER.match(line.text[2:].lstrip(" :\t"))
        if match and not match.start():
            year = (match["year"] or "").replace(" ", "")[1:]
            symbol = compact_symbol(match["symbol"])
            self._header = replace(
                self._header,
                number=int(match["number"]),
                symbol=f"{year}/{symbol}" if year else symbol,
            )
            if match["suffix"]:
                self.doubts.add(
                    line,
                    "number-suffix",
                    _("The letter after the number is not kept."),
                )
            printed = match["symbol"]
        elif blank:
            printed = blank["symbol"]
            self._header = replace(self._header, symbol=compact_symbol(printed))
            self.doubts.add(line, "blank-number", _("The number is blank."))
        else:
            self.doubts.add(line, "number", _("The number was not understood."))
            return
        if any(char.isspace() for char in printed):
            self.doubts.add(
                line, "symbol-spaces", _("Spaces in the symbol were taken out.")
            )

    def _read_date(self, line: Line, match: re.Match[str]) -> None:
        day, month, year = (
            int(match[name]) if match[name].strip(" .…_") else None
            for name in ("day", "month", "year")
        )
        issued = PartialDate(year=year, month=month, day=day)
        self._header = replace(
            self._header, place=line.text[: match.end("place")].strip(), issued=issued
        )
        if None in (day, month, year):
            self.doubts.add(line, "blank-date", _("The date is not complete."))
        elif issued.as_date() is None:
            self.doubts.add(line, "bad-date", _("There is no such day."))
