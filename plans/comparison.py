"""What a submission changed since the one before it, file by file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from plans.models import (
    Attachment,
    Decision,
    PaperVerdict,
    Submission,
    SubmittedPaper,
)

Mark = Literal["", "same", "new", "version", "gone"]


@dataclass(frozen=True)
class ComparedFile:
    """A file, and how it stands to the submission before: empty for the first one."""

    attachment: Attachment
    mark: Mark = ""
    before: Attachment | None = None


@dataclass
class ComparedPaper:
    """A paper with its files; `paper` is None for what nobody required.

    `returned` are the reasons given for it when the submission before was returned.
    """

    paper: SubmittedPaper | None
    files: list[ComparedFile] = field(default_factory=list)
    returned: list[PaperVerdict] = field(default_factory=list)
    verdicts: list[PaperVerdict] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return any(file.mark not in {"", "same"} for file in self.files)


def compare(submission: Submission) -> list[ComparedPaper]:
    """The submission's papers beside those of the one before, in their order."""
    papers = {paper.pk: ComparedPaper(paper) for paper in submission.papers.all()}
    others = ComparedPaper(None)
    by_item = {row.paper.item_id: row for row in papers.values() if row.paper}
    before = _files(submission.previous)
    versions = submission.dossier.attachments.exclude(replaces=None)
    replaced = dict(versions.values_list("pk", "replaces")) if before else {}
    for item, file in _files(submission):
        row = others if item is None else by_item.get(item, others)
        old = [each for place, each in before if place == item]
        row.files.append(
            _compared(file, old, replaced)
            if submission.previous
            else ComparedFile(file)
        )
    if submission.previous:
        _add_gone(before, by_item, others)
        _add_reasons(submission.previous, by_item)
    for verdict in _verdicts(submission):
        papers[verdict.paper_id].verdicts.append(verdict)
    return [*papers.values(), *([others] if others.files else [])]


def _files(submission: Submission | None) -> list[tuple[int | None, Attachment]]:
    """The files of a submission, each with the key of its dossier paper."""
    if submission is None:
        return []
    rows = submission.files.select_related("attachment__item")
    return [(row.attachment.item_id, row.attachment) for row in rows]


def _compared(
    file: Attachment, before: list[Attachment], replaced: dict[int, int | None]
) -> ComparedFile:
    """The file's mark; `replaced` holds the key of what each later version replaced."""
    if file.sha256 in {old.sha256 for old in before}:
        return ComparedFile(file, "same")
    known = {old.pk: old for old in before}
    key: int | None = file.pk
    while key and (key := replaced.get(key)):
        if key in known:
            return ComparedFile(file, "version", known[key])
    return ComparedFile(file, "new")


def _add_gone(
    before: list[tuple[int | None, Attachment]],
    by_item: dict[int, ComparedPaper],
    others: ComparedPaper,
) -> None:
    files = [file for row in (*by_item.values(), others) for file in row.files]
    kept = {file.attachment.sha256 for file in files}
    followed = {file.before.pk for file in files if file.before}
    for item, file in before:
        if file.sha256 not in kept and file.pk not in followed:
            row = others if item is None else by_item.get(item, others)
            row.files.append(ComparedFile(file, "gone"))


def _verdicts(submission: Submission) -> Iterator[PaperVerdict]:
    rows = PaperVerdict.objects.filter(decision__submission=submission)
    yield from rows.select_related("decision__step__unit", "paper").order_by(
        "decision__pk"
    )


def _add_reasons(submission: Submission, by_item: dict[int, ComparedPaper]) -> None:
    for verdict in _verdicts(submission):
        row = by_item.get(verdict.paper.item_id)
        if row and verdict.verdict == Decision.Verdict.RETURNED:
            row.returned.append(verdict)


def marked_lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The lines of two texts in one: each with "same", "gone" or "new"."""
    old = [line.strip() for line in before.splitlines() if line.strip()]
    new = [line.strip() for line in after.splitlines() if line.strip()]
    # The heuristic for frequent lines would give up on long papers.
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield from ((line, "same") for line in old[a:b])
        else:
            yield from ((line, "gone") for line in old[a:b])
            yield from ((line, "new") for line in new[c:d])
