"""What a parsed paper is made of.

Every non-blank line of the source is in one of these parts, word for word: what is
not understood is an ordinary paragraph with a warning, and nothing is dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from .dates import make_date

KINDS = (
    "part",
    "chapter",
    "section",
    "article",
    "clause",
    "subclause",
    "point",
    "dash",
    "plus",
    "paragraph",
)
"""The kinds of body item, from the top level down; nesting follows from it."""

HEADED = frozenset(KINDS[:7])
"""The kinds that make the outline of a paper."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source that is not blank; `number` counts from 1."""

    number: int
    text: str
    after_blank: bool = False


@dataclass(frozen=True, slots=True)
class PaperWarning:
    """A doubt about a line: `code` for the program, `message` for a person."""

    line: int
    code: str
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as printed: a paper not yet issued leaves its day blank."""

    year: int | None
    month: int | None
    day: int | None

    def as_date(self) -> date | None:
        """The date, or None where a part is missing or the day does not exist."""
        if not self.year or not self.month or not self.day:
            return None
        return make_date(self.year, self.month, self.day)

    def month_start(self) -> date | None:
        """The first of the month, where month and year are known."""
        return PartialDate(self.year, self.month, 1).as_date()


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a paper; `lines` are its source lines, fixed wording included."""

    lines: tuple[Line, ...] = ()
    issuer: tuple[str, ...] = ()
    number: int | None = None
    symbol: str = ""
    place: str = ""
    issued: PartialDate | None = None
    doc_type: str = ""
    subject: str = ""
    """The subject of a letter ("V/v …"), which stands under its number."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper as another one cites it: "Kế hoạch số 379/KH-MTTQ-BTT, ngày …"."""

    doc_type: str = ""
    number: int | None = None
    symbol: str = ""
    printed: str = ""
    """Number and symbol as printed, without spaces: "22-CT/TW"."""
    issued: date | None = None
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """A paper this one rests on; `verbatim` is all its words, "Căn cứ" included."""

    line: int
    verbatim: str
    text: str
    cites: Reference

    @property
    def printed(self) -> str:
        """The words without the dash that opens the line."""
        return self.verbatim.lstrip("-–—+•* ")


@dataclass(frozen=True, slots=True)
class BodyItem:
    """A paragraph of the body: its marker, heading and text, in order, are its words.

    The heading keeps the sign that closes it ("Thời gian:"); `title` is without it.
    """

    kind: str
    marker: str
    heading: str
    text: str
    line: int

    @property
    def label(self) -> str:
        """The marker without the sign that closes it: "1.1", "(2)", "I"."""
        return self.marker.rstrip("./ ")

    @property
    def title(self) -> str:
        return self.heading.rstrip(":. ")

    @property
    def words(self) -> str:
        return " ".join(part for part in (self.marker, self.heading, self.text) if part)

    @property
    def content(self) -> str:
        """The words without the marker."""
        return " ".join(part for part in (self.heading, self.text) if part)

    @property
    def rank(self) -> tuple[int, int]:
        """The level, with that of "1.1.1." under that of "1.1."."""
        return KINDS.index(self.kind), self.label.count(".")


@dataclass(frozen=True, slots=True)
class Node:
    """A body item with what stands under it."""

    item: BodyItem
    children: tuple["Node", ...] = ()

    def walk(self) -> Iterator["Node"]:
        """The node and everything under it, in the order of the paper."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives the paper; `verbatim` is the line, or the lines, of the source."""

    line: int
    name: str
    purpose: str
    verbatim: str
    note: str = ""
    """A remark of the reader, for instance on a slip of typing."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: "TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH", the name."""

    authority: str = ""
    title: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.authority or self.title or self.name)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper, in the order in which its parts are printed."""

    header: Header = field(default_factory=Header)
    title: str = ""
    bases: tuple[Basis, ...] = ()
    preamble: tuple[Line, ...] = ()
    body: tuple[BodyItem, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    signer: Signer = field(default_factory=Signer)
    fixed: tuple[Line, ...] = ()
    """Wording of the form that carries no fact: "Nơi nhận:", "(Đã ký)"."""
    footnotes: tuple[Line, ...] = ()
    trailing: tuple[Line, ...] = ()
    """What else stands after the signature."""
    appendix: tuple[Line, ...] = ()
    warnings: tuple[PaperWarning, ...] = ()
