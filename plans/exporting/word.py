"""Word files in the layout of Decree 30/2020/NĐ-CP, Appendix I."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT = "Times New Roman"
SIZE = 14
CENTRE = WD_ALIGN_PARAGRAPH.CENTER

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


def new_paper() -> Any:
    """An empty paper: A4, the decree's margins and letters, pages numbered on top."""
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.different_first_page_header_footer = True
    _number_pages(section.header.paragraphs[0])
    style = paper.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(SIZE)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.get_or_add_rPr().append(language)
    style.paragraph_format.space_after = Pt(6)
    return paper


def _number_pages(paragraph: Any) -> None:
    paragraph.alignment = CENTRE
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def write(
    holder: Any,
    text: str,
    *,
    size: int = SIZE,
    bold: bool = False,
    italic: bool = False,
    align: Any = None,
) -> Any:
    """Add a paragraph to a paper or to a table's cell."""
    # A new cell holds an empty paragraph, which is used first.
    first = getattr(holder, "_tc", None) is not None and not holder.text
    paragraph = holder.paragraphs[0] if first else holder.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    paragraph.alignment = align
    if first or getattr(holder, "_tc", None) is not None:
        paragraph.paragraph_format.space_after = Pt(0)
    return paragraph


def write_head(
    paper: Any, *, organs: Sequence[str], symbol: str, place: str, year: int
) -> None:
    """Issuer and number on the left; country, motto, place and date on the right.

    `organs` go from the top; the last one issues the paper and is bold.
    """
    left, right = _two_columns(paper, 64, 101)
    for organ in organs[:-1]:
        write(left, organ.upper(), size=12, align=CENTRE)
    write(left, organs[-1].upper(), size=12, bold=True, align=CENTRE)
    write(left, f"Số: ……/{symbol}", size=13, align=CENTRE)
    write(right, COUNTRY, size=12, bold=True, align=CENTRE)
    write(right, MOTTO, size=13, bold=True, align=CENTRE)
    write(right, "", size=13)
    day = f"{place}, ngày …… tháng …… năm {year}"
    write(right, day, size=13, italic=True, align=CENTRE)
    paper.add_paragraph()


def write_signature(
    paper: Any, *, recipients: Sequence[str], authority: str, title: str
) -> None:
    """Recipients on the left; authority, title and the place for a name right."""
    paper.add_paragraph()
    left, right = _two_columns(paper, 82, 83)
    write(left, "Nơi nhận:", size=12, bold=True, italic=True)
    for recipient in recipients:
        write(left, f"- {recipient}", size=11)
    write(right, authority.upper(), bold=True, align=CENTRE)
    write(right, title.upper(), bold=True, align=CENTRE)
    for text in ("", "", "", "(Họ và tên)"):
        write(right, text, align=CENTRE)


def _two_columns(paper: Any, *widths: int) -> Any:
    table = paper.add_table(rows=1, cols=2)
    _set_widths(table, widths)
    return table.rows[0].cells


def _set_widths(table: Any, widths: Sequence[int]) -> None:
    """In millimetres. Word reads the cells' widths, LibreOffice the columns'."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def write_table(
    paper: Any,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[int],
    size: int = 12,
) -> None:
    """A ruled table whose head repeats on each page; `widths` in millimetres."""
    table = paper.add_table(rows=1, cols=len(header))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for cell, text in zip(table.rows[0].cells, header, strict=True):
        write(cell, text, size=size, bold=True, align=CENTRE)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            write(cell, text, size=size)
    _set_widths(table, widths)


def as_bytes(paper: Any) -> bytes:
    out = BytesIO()
    paper.save(out)
    return out.getvalue()
