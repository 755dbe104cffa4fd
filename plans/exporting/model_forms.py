"""The model form of a required paper, with the unit's names filled in."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils import timezone
from docx import Document

from plans.models import DossierItem, Requirement, Unit

from . import word

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
PROGRAMME = (
    "Ổn định tổ chức, văn nghệ",
    "Chào cờ, tuyên bố lý do, giới thiệu đại biểu",
    "Cử Đoàn Chủ tịch, Đoàn Thư ký",
    "Thông qua chương trình, quy chế làm việc",
    "Báo cáo tổng kết nhiệm kỳ và kiểm điểm của Ủy ban",
    "Thảo luận",
    "Hiệp thương cử Ủy ban khóa mới",
    "Hiệp thương cử đại biểu dự đại hội cấp trên",
    "Thông qua nghị quyết",
    "Bế mạc",
)


def model_form(item: DossierItem) -> bytes:
    """The paper to fill in, as a Word file: the office's own model, or the standard."""
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
    WRITERS[form](paper)
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


def _write_paper(paper: Any) -> None:
    for heading in ("I. ", "II. ", "III. "):
        word.write(paper, f"{heading}……", bold=True)
        word.write(paper, "…………")


def _write_programme(paper: Any) -> None:
    rows = [("…… giờ ……", content, "") for content in PROGRAMME]
    word.write_table(
        paper,
        ("Thời gian", "Nội dung", "Người thực hiện"),
        rows,
        widths=(30, 90, 45),
    )


def _write_delegates(paper: Any) -> None:
    rows = [
        (str(number), content, "", "")
        for number, content in enumerate(DELEGATES, start=1)
    ]
    word.write_table(
        paper,
        ("STT", "Nội dung", "Số lượng", "Tỷ lệ %"),
        rows,
        widths=(15, 90, 30, 30),
    )


def _write_people(paper: Any) -> None:
    _write_paper(paper)
    rows = [(str(number), *[""] * (len(PEOPLE) - 1)) for number in range(1, 11)]
    word.write_table(paper, list(PEOPLE), rows, widths=list(PEOPLE.values()), size=10)


WRITERS: dict[str, Callable[[Any], None]] = {
    Form.PAPER: _write_paper,
    Form.PROGRAMME: _write_programme,
    Form.DELEGATES: _write_delegates,
    Form.PEOPLE: _write_people,
}
