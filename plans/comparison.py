"""What of a dossier changed: from one submission to the next, or since its approval."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from plans.marking import Piece, mark_words
from plans.models import (
    Attachment,
    Decision,
    DossierItem,
    DossierPage,
    PaperVerdict,
    Submission,
    SubmittedPaper,
)

Mark = Literal["", "same", "new", "version", "gone"]

Place = int | None
"""The key of the dossier paper a file belongs to; None for what nobody required."""


@dataclass(frozen=True)
class Contents:
    """What a dossier holds, or held: its text, its papers and their files."""

    text: dict[str, str]
    papers: dict[int, DossierItem | SubmittedPaper]
    files: list[tuple[Place, Attachment]]

    def is_like(self, other: "Contents") -> bool:
        """Whether neither the text nor the files nor what is said of a paper differ."""
        return (
            self.text == other.text
            and self._facts() == other._facts()
            and {file.pk for _place, file in self.files}
            == {file.pk for _place, file in other.files}
        )

    def _facts(self) -> dict[int, Any]:
        return {key: facts_of(paper) for key, paper in self.papers.items()}

    def of(self, place: Place) -> list[Attachment]:
        return [file for each, file in self.files if each == place]


def facts_of(paper: DossierItem | SubmittedPaper) -> tuple[str, str, date | None]:
    """What is said of a paper beside its files."""
    return paper.absence_reason, paper.number, paper.dated


def contents_of(submission: Submission) -> Contents:
    """What was submitted."""
    rows = submission.files.select_related("attachment__item")
    return Contents(
        text=_text(submission.revision.content),
        papers={paper.item_id: paper for paper in submission.papers.all()},
        files=[(row.attachment.item_id, row.attachment) for row in rows],
    )


def contents_now(dossier: DossierPage) -> Contents:
    """What the dossier holds now. A file that was erased still counts: nobody sent
    another one."""
    files = dossier.attachments.exclude(
        state__in=(Attachment.State.REPLACED, Attachment.State.WITHDRAWN)
    )
    revision = dossier.get_latest_revision()
    return Contents(
        text=_text(revision.content if revision else dossier.serializable_data()),
        papers={item.pk: item for item in dossier.items.all()},
        files=[(file.item_id, file) for file in files.select_related("item")],
    )


def _text(content: dict[str, Any]) -> dict[str, str]:
    return {name: content.get(name) or "" for name in DossierPage.WRITTEN}


@dataclass(frozen=True)
class ComparedText:
    """A part of the dossier's text, before and after."""

    name: str
    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.after

    @property
    def sides(self) -> tuple[list[Piece], list[Piece]]:
        """Both in pieces, with the words that differ marked."""
        return mark_words(self.before, self.after)


@dataclass(frozen=True)
class ComparedFile:
    """A file before and after; either may be None. Without anything to compare with,
    the mark is empty."""

    before: Attachment | None
    after: Attachment | None
    mark: Mark = ""


@dataclass
class ComparedPaper:
    """A paper before and after; both are None for what nobody required.

    `returned` are the reasons given for it when the submission before was returned,
    `verdicts` what was said of it since.
    """

    before: DossierItem | SubmittedPaper | None
    after: DossierItem | SubmittedPaper | None
    files: list[ComparedFile] = field(default_factory=list)
    returned: list[PaperVerdict] = field(default_factory=list)
    verdicts: list[PaperVerdict] = field(default_factory=list)

    @property
    def paper(self) -> DossierItem | SubmittedPaper | None:
        return self.after or self.before

    @property
    def is_submitted(self) -> bool:
        """Whether a decision can say something of it."""
        return isinstance(self.after, SubmittedPaper)

    @property
    def facts_differ(self) -> bool:
        if not (self.before and self.after):
            return False
        return facts_of(self.before) != facts_of(self.after)

    @property
    def is_changed(self) -> bool:
        return self.facts_differ or any(
            file.mark not in {"", "same"} for file in self.files
        )


def compare_text(after: Contents, before: Contents | None) -> list[ComparedText]:
    """The note, and what else of the text changed."""
    compared = []
    for name, new in after.text.items():
        old = before.text[name] if before else new
        if new != old or (name == "note" and new):
            label = str(DossierPage._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            compared.append(ComparedText(name, label, old, new))
    return compared


def compare_papers(after: Contents, before: Contents | None) -> list[ComparedPaper]:
    """The papers, each with its files beside those before, in their order."""
    replaced = _replaced(after) if before else {}
    keys = dict.fromkeys([*after.papers, *(before.papers if before else ())])
    compared = []
    for key in [*keys, None]:
        row = ComparedPaper(
            before.papers.get(key) if before and key else None,
            after.papers.get(key) if key else None,
        )
        if before is None:
            row.files = [ComparedFile(None, file) for file in after.of(key)]
        else:
            row.files = list(_pairs(after.of(key), before.of(key), replaced))
        if key or row.files:
            compared.append(row)
    return compared


def _replaced(contents: Contents) -> dict[int, int | None]:
    """What each later version of the dossier's files replaced, by key."""
    pages = {file.page_id for _place, file in contents.files}
    versions = Attachment.objects.filter(page__in=pages).exclude(replaces=None)
    return dict(versions.values_list("pk", "replaces"))


def _pairs(
    after: list[Attachment], before: list[Attachment], replaced: dict[int, int | None]
) -> Iterable[ComparedFile]:
    left = {file.pk: file for file in before}
    for file in after:
        same = next((old for old in left.values() if old.sha256 == file.sha256), None)
        old = same or _earlier(file, left, replaced)
        if old:
            del left[old.pk]
        mark: Mark = "same" if same else "version" if old else "new"
        yield ComparedFile(old, file, mark)
    for file in left.values():
        yield ComparedFile(file, None, "gone")


def _earlier(
    file: Attachment, before: dict[int, Attachment], replaced: dict[int, int | None]
) -> Attachment | None:
    """The file among those before that this one is a later version of."""
    key: int | None = file.pk
    while key and (key := replaced.get(key)):
        if key in before:
            return before[key]
    return None


def add_verdicts(papers: list[ComparedPaper], submission: Submission) -> None:
    """Add what was decided on each paper of the submission, and the reasons for which
    the one before was returned."""
    rows = {row.after.item_id: row for row in papers if row.is_submitted}  # type: ignore[union-attr]
    for verdict in _verdicts(submission):
        rows[verdict.paper.item_id].verdicts.append(verdict)
    if submission.previous:
        for verdict in _verdicts(submission.previous):
            row = rows.get(verdict.paper.item_id)
            if row and verdict.verdict == Decision.Verdict.RETURNED:
                row.returned.append(verdict)


def _verdicts(submission: Submission) -> Iterable[PaperVerdict]:
    rows = PaperVerdict.objects.filter(decision__submission=submission)
    return rows.select_related("decision__step__unit", "paper").order_by("decision")
