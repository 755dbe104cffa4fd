"""The end of a paper: recipients, signature, and what stands after it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from .doubts import Doubts
from .endings import RECIPIENTS_HEADING, is_authority
from .markers import read_marker
from .papers import Line, Recipient, Signer
from .recipients import read_recipients
from .spelling import is_capitals, spelled, squeezed, starts_small

_ROLE = re.compile(
    r"(?:q\.\s*)?(?:phó\s+)?"
    r"(?:chủ tịch|bí thư|giám đốc|trưởng|chánh|tổng thư ký|ủy viên)\b"
)
_SEAL = re.compile(r"\(?\[?\s*(?:đã )?(?:ký\b|chữ ký|ghi rõ).{0,40}")
_FOOTNOTE = re.compile(
    r"(?:\[\d{1,2}\]|\(?\d{1,2}\)?[.)]?|\*+|[¹²³])\s*(?=[^\W\d_“\"])"
)
_CELLS = re.compile(r"\t| {3}")


@dataclass(frozen=True, slots=True)
class Closing:
    """What was read at the end of the paper; every line of it is in one place."""

    recipients: tuple[Recipient, ...]
    signer: Signer
    fixed: tuple[Line, ...]
    footnotes: tuple[Line, ...]
    trailing: tuple[Line, ...]


def read_closing(lines: list[Line], doubts: Doubts) -> Closing:
    """Read the lines from "Nơi nhận:" (or the signature) to the end."""
    reader = _ClosingReader(doubts)
    for line in lines:
        for cell in _cells(line.text):
            reader.read(replace(line, text=cell))
    return reader.finished()


def _cells(text: str) -> Iterator[str]:
    """The line's cells, where the signature stands beside the recipients."""
    current = ""
    for cell in map(squeezed, _CELLS.split(text)):
        if current and _is_of_signature(cell) and any(map(str.isalpha, current)):
            yield current
            current = cell
        else:
            current = f"{current} {cell}".strip()
    if current:
        yield current


def _is_of_signature(text: str) -> bool:
    if _SEAL.fullmatch(spelled(text)) or _is_person(text):
        return True
    return is_authority(text) or _is_role(text)


def _is_role(text: str) -> bool:
    return is_capitals(text) and _ROLE.match(spelled(text)) is not None


def _is_person(text: str) -> bool:
    """Whether the text is a name: two to six words, each with a capital first."""
    words = text.split()
    return 2 <= len(words) <= 6 and all(
        word[0].isupper() and word.rstrip(".").isalpha() for word in words
    )


class _ClosingReader:
    """Gives each line of the closing its place, one after another."""

    def __init__(self, doubts: Doubts) -> None:
        self.doubts = doubts
        self._recipients: list[Line] = []
        self._authority: list[str] = []
        self._title: list[str] = []
        self._name = ""
        self._fixed: list[Line] = []
        self._footnotes: list[Line] = []
        self._trailing: list[Line] = []
        self._has_heading = False

    def read(self, line: Line) -> None:
        heading = RECIPIENTS_HEADING.match(spelled(line.text))
        if heading and not self._has_heading:
            self._has_heading = True
            self._fixed.append(replace(line, text=line.text[: heading.end()]))
            line = replace(line, text=line.text[heading.end() :].strip())
        if line.text and not (self._read_signature(line) or self._read_recipient(line)):
            self._read_rest(line)

    def _read_signature(self, line: Line) -> bool:
        """Take the line if it belongs to the signature."""
        text = line.text
        if self._name:
            return False
        signing = bool(self._authority or self._title)
        if is_authority(text) and not self._title:
            self._authority.append(text)
        elif _is_role(text) or (self._title and is_capitals(text)):
            self._title.append(text)
        elif self._authority and is_capitals(text):
            self._authority.append(text)
        elif signing and _SEAL.fullmatch(spelled(text)):
            self._fixed.append(line)
        elif signing and _is_person(text):
            self._name = text
        else:
            return False
        return True

    def _read_recipient(self, line: Line) -> bool:
        """Take the line if it names a recipient, or goes on with one."""
        marked = read_marker(line.text)
        if marked and marked.kind == "dash" and not self._trailing:
            self._recipients.append(line)
            return True
        signing = self._authority or self._title
        if signing or not (self._recipients or self._has_heading):
            return False
        self._recipients.append(line)
        return True

    def _read_rest(self, line: Line) -> None:
        if self._name and is_authority(line.text):
            self.doubts.add(
                line, "second-signer", _("A second signature is kept as plain text.")
            )
        elif self._footnotes and not self._trailing and starts_small(line.text):
            last = self._footnotes[-1]
            self._footnotes[-1] = replace(last, text=f"{last.text} {line.text}")
            return
        if _FOOTNOTE.match(line.text) and not self._trailing:
            self._footnotes.append(line)
        else:
            self._trailing.append(line)

    def finished(self) -> Closing:
        if self._title[1:] and not self._name:
            self._name = self._title.pop()
            self.doubts.add(
                None,
                "signer-name",
                _("“%(name)s” was taken for the signer's name.") % {"name": self._name},
            )
        signer = Signer(" ".join(self._authority), " ".join(self._title), self._name)
        self._doubt_what_is_missing(signer)
        return Closing(
            recipients=read_recipients(self._recipients, self.doubts),
            signer=signer,
            fixed=tuple(self._fixed),
            footnotes=tuple(self._footnotes),
            trailing=tuple(self._trailing),
        )

    def _doubt_what_is_missing(self, signer: Signer) -> None:
        if not self._recipients:
            self.doubts.add(None, "no-recipients", _("No recipients were found."))
        elif not self._has_heading:
            self.doubts.add(
                self._recipients[0],
                "no-recipients-heading",
                _("Taken for the recipients, though “Nơi nhận” is missing."),
            )
        if not signer.name:
            self.doubts.add(None, "no-signer", _("The signer's name was not found."))
        if self._trailing:
            self.doubts.add(
                self._trailing[0],
                "trailing",
                _("What stands after the signature is kept as it is."),
            )
