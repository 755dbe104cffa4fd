"""The model form of a required paper, with the unit's names filled in."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.formats import localize
from docx import Document

from plans.models import (
    CongressPage,
    DelegateSummary,
    DossierItem,
    ProgrammeItem,
    Requirement,
    Unit,
)
from plans.models.programmes import SAMPLE

from . import word
from .delegates import summary_rows

Form = Requirement.ModelForm

PEOPLE = {
    "STT": 8,
    "Họ và tên": 28,
    "Ngày sinh": 17,
    "Giới tính": 12,
    "Dân tộc": 13,
    "Tôn giáo": 13,
    "Trình độ": 17,
    "Chức vụ, nơi công tác": 23,
    "Ngày vào Đảng": 15,
    "Chức danh dự kiến": 19,
}
"""The columns of a short-profile list, with their widths in millimetres."""
DELEGATES = (
    "Đại biểu được triệu tập",
    "Đại biểu đương nhiên",
    "Đại biểu được cử",
    "Đại biểu chỉ định",
    "Nam",
    "Nữ",
    "Đảng viên",
    "Ngoài Đảng",
    "Dân tộc thiểu số",
    "Có tôn giáo",
    "Trình độ đại học trở lên",
    "Lý luận chính trị trung cấp trở lên",
    "Tuổi bình quân",
    "Tuổi cao nhất",
    "Tuổi thấp nhất",
    "Khách mời",
)
"""The usual columns of a report that verifies the delegates' standing."""


def model_form(item: DossierItem) -> bytes:
    """The paper to fill in, as a Word file: the office's own model, or the standard.

    The programme and the totals of delegates are those of the congress's page: it is
    for who reads the dossier, and so sees all numbers.
    """
    requirement = item.requirement
    if requirement and requirement.template:
        with requirement.template.file.open("rb") as file:
            return word.as_bytes(_fill(Document(file), _names(item)))
    return word.as_bytes(_standard(item))


def _names(item: DossierItem) -> dict[str, str]:
    dossier = item.dossier
    unit, plan = dossier.unit, dossier.congress.plan
    return {
        "{đơn vị}": unit.name,
        "{cấp trên}": unit.parent.name if unit.parent else "",
        "{đại hội}": dossier.congress.title,
        "{nhiệm kỳ}": plan.term or "",
        "{kế hoạch}": f"{plan.doc_type} {plan.reference}",
    }


def _fill(paper: Any, names: dict[str, str]) -> Any:
    """Replace the names in braces. Word cuts words into pieces, so each paragraph is
    written again as one piece where it holds one."""
    for paragraph in _paragraphs(paper):
        text = paragraph.text
        for name, value in names.items():
            text = text.replace(name, value)
        if text != paragraph.text:
            first, *others = paragraph.runs
            first.text = text
            for run in others:
                run.text = ""
    return paper


def _paragraphs(holder: Any) -> Iterator[Any]:
    yield from holder.paragraphs
    for table in holder.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _paragraphs(cell)


def _standard(item: DossierItem) -> Any:
    names = _names(item)
    unit = item.dossier.unit
    paper = word.new_paper()
    word.write_head(
        paper,
        organs=_organs(unit),
        symbol="…-MTTQ-BTT",
        place=unit.name,
        year=timezone.localdate().year,
    )
    word.write(paper, item.title.upper(), bold=True, align=word.CENTRE)
    subject = f"{names['{đại hội}']}, nhiệm kỳ {names['{nhiệm kỳ}']}"
    word.write(paper, subject.rstrip(" ,"), bold=True, align=word.CENTRE)
    word.write(paper, f"(Theo {names['{kế hoạch}']})", italic=True, align=word.CENTRE)
    form = item.requirement.model_form if item.requirement else Form.PAPER
    WRITERS[form](paper, item.dossier.congress)
    word.write_signature(
        paper,
        recipients=["Như trên;", "Lưu: VT."],
        authority="TM. Ban Thường trực",
        title="Chủ tịch",
    )
    return paper


def _organs(unit: Unit) -> list[str]:
    organs = ["Ủy ban MTTQ Việt Nam"]
    if unit.parent and unit.parent.parent:
        organs.append(unit.parent.name)
    return [*organs, unit.name, "Ban Thường trực"]


def _write_paper(paper: Any, congress: CongressPage) -> None:
    for heading in ("I. ", "II. ", "III. "):
        word.write(paper, f"{heading}……", bold=True)
        word.write(paper, "…………")


def _write_programme(paper: Any, congress: CongressPage) -> None:
    """What the unit has planned on the congress's page, or the usual course."""
    rows = [
        (_times(congress, item), item.content, item.who)
        for item in congress.programme.all()
    ]
    word.write_table(
        paper,
        ("Thời gian", "Nội dung", "Người thực hiện"),
        rows or [("…… giờ ……", content, "") for _from, _until, content in SAMPLE],
        widths=(30, 90, 45),
    )


def _times(congress: CongressPage, item: ProgrammeItem) -> str:
    times = f"{item.starts_at:%H:%M}"
    if item.ends_at:
        times += f" - {item.ends_at:%H:%M}"
    return f"Ngày {item.day}, {times}" if congress.number_of_days > 1 else times


def _write_delegates(paper: Any, congress: CongressPage) -> None:
    """What the unit has summed up on the congress's page, or the columns alone."""
    summary = DelegateSummary.objects.filter(congress=congress).first()
    told = summary_rows(summary, in_full=True) if summary else ()
    rows = [
        (f"{title}: {label}", localize(number), localize(share))
        for title, label, number, share in told
    ] or [(content, "", "") for content in DELEGATES]
    word.write_table(
        paper,
        ("STT", "Nội dung", "Số lượng", "Tỷ lệ %"),
        [(str(number), *row) for number, row in enumerate(rows, start=1)],
        widths=(15, 90, 30, 30),
    )


def _write_people(paper: Any, congress: CongressPage) -> None:
    _write_paper(paper, congress)
    rows = [(str(number), *[""] * (len(PEOPLE) - 1)) for number in range(1, 11)]
    word.write_table(paper, list(PEOPLE), rows, widths=list(PEOPLE.values()), size=10)


WRITERS: dict[str, Callable[[Any, CongressPage], None]] = {
    Form.PAPER: _write_paper,
    Form.PROGRAMME: _write_programme,
    Form.DELEGATES: _write_delegates,
    Form.PEOPLE: _write_people,
}
