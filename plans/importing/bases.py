"""The papers that a paper rests on, and the opening sentence after them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from .doubts import Doubts
from .lines import ends_sentence
from .papers import Basis, Line
from .references import DOC_TYPE, find_reference
from .spelling import spelled, squeezed, starts_small

_LEAD = (
    r"(?:căn cứ(?: vào)?|(?:tiếp tục |để )?(?:thực hiện|triển khai)|xét|theo đề nghị"
    r"|theo)\b"
)
_BASIS = re.compile(rf"[-–—+•*]?\s*{_LEAD}")
# "Theo đề nghị của …" cites no paper: without those words the rest says nothing.
_LEAD_AND_SIGN = re.compile(
    rf"[-–—+•*]?\s*(?:{_LEAD}(?<!đề nghị)\s*:?\s*(?!đề nghị))?(?:và\s+)?"
)
_NEXT = re.compile(rf"\s+(?:{_LEAD}|(?:{DOC_TYPE})\b)")
_AND_NEXT = re.compile(rf"\s+(?=và\s+(?:{DOC_TYPE})(?:\s+\w+){{0,3}}\s+số\s)")
_SPEAKER = re.compile(
    r",\s+(?=(?:ban|ủy ban|hội|hội đồng|đảng|thường trực|mặt trận)\b)"
)
_OPENING = {"(": ")", "“": "”", "[": "]"}


@dataclass(slots=True)
class Opening:
    """What stands between the title and the body, as it is being read."""

    bases: list[Basis] = field(default_factory=list)
    preamble: list[Line] = field(default_factory=list)


def is_basis(text: str) -> bool:
    return _BASIS.match(spelled(text)) is not None


def read_opening(lines: list[Line], doubts: Doubts) -> Opening:
    """The bases and the preamble in the lines between the title and the body."""
    opening = Opening()
    for line in _paragraphs(lines):
        if is_basis(line.text):
            _read_bases(line, opening, doubts)
        else:
            opening.preamble.append(line)
    return opening


def _paragraphs(lines: list[Line]) -> Iterator[Line]:
    """The lines, each with those that go on in the middle of its sentence."""
    current: Line | None = None
    for line in lines:
        if current is None:
            current = line
        elif starts_small(line.text) and not ends_sentence(current.text):
            current = replace(current, text=f"{current.text} {line.text}")
        else:
            yield current
            current = line
    if current is not None:
        yield current


def _read_bases(line: Line, opening: Opening, doubts: Doubts) -> None:
    text = squeezed(line.text)
    if text.endswith(":"):
        text, speech = _cut_speech(text)
        if not text:
            opening.preamble.append(line)
            return
        if speech:
            opening.preamble.append(replace(line, text=speech))
            doubts.add(
                line,
                "basis-with-preamble",
                _("Bases and opening sentence in one paragraph: it was divided."),
            )
    pieces = _chained(text)
    for piece in pieces:
        basis = _basis(replace(line, text=piece))
        if not basis.cites.doc_type:
            doubts.add(
                line, "basis-kind", _("The kind of paper this basis is, is not known.")
            )
        opening.bases.append(basis)
    if len(pieces) > 1:
        doubts.add(
            line,
            "basis-chain",
            _("%(count)s bases in one paragraph: each was made a row.")
            % {"count": len(pieces)},
        )


def _cut_speech(text: str) -> tuple[str, str]:
    """The bases of the paragraph, and the opening sentence that ends it."""
    places = [match.end() for match in _SPEAKER.finditer(spelled(text))]
    if not places:
        return ("", text) if not find_reference(text).printed else (text, "")
    return text[: places[-1]].rstrip(), text[places[-1] :]


def _basis(line: Line) -> Basis:
    plain = spelled(line.text)
    lead = _LEAD_AND_SIGN.match(plain)
    text = line.text[lead.end() if lead else 0 :].strip(" ;.,:")
    return Basis(line.number, line.text, text, find_reference(text))


def _chained(text: str) -> list[str]:
    """The bases that one paragraph strings together, each with its own words."""
    plain = spelled(text)
    cuts = [0]
    for place in _outside_brackets(text):
        if text[place] == ";" and _NEXT.match(plain, place + 1):
            cuts.append(place + 1)
        elif match := _AND_NEXT.match(plain, place):
            cuts.append(match.end())
    pieces = [
        text[start:end].strip()
        for start, end in zip(cuts, [*cuts[1:], None], strict=True)
    ]
    return [piece for piece in pieces if piece]


def _outside_brackets(text: str) -> Iterator[int]:
    """The places of the text that are not inside brackets or quotation marks."""
    closing: list[str] = []
    for place, char in enumerate(text):
        if closing and char == closing[-1]:
            closing.pop()
        elif char in _OPENING:
            closing.append(_OPENING[char])
        elif not closing:
            yield place
