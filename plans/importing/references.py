"""Kinds of paper, and papers as other papers cite them."""

import re

from .dates import DAY, matched_date
from .papers import Reference
from .spelling import spelled

ABBREVIATIONS = {
    "Kế hoạch": "KH",
    "Hướng dẫn": "HD",
    "Quyết định": "QĐ",
    "Nghị quyết": "NQ",
    "Chỉ thị": "CT",
    "Quy chế": "QC",
    "Quy định": "QYĐ",
    "Thông báo": "TB",
    "Thông tri": "TT",
    "Thông cáo": "TC",
    "Chương trình": "CTr",
    "Phương án": "PA",
    "Đề án": "ĐA",
    "Dự án": "DA",
    "Báo cáo": "BC",
    "Biên bản": "BB",
    "Tờ trình": "TTr",
    "Kết luận": "KL",
    "Công điện": "CĐ",
    "Giấy mời": "GM",
    "Công văn": "CV",
}
"""The kinds of paper an office issues (Decree 30/2020, Appendix III)."""

_CITED = (
    *ABBREVIATIONS,
    "Nghị quyết liên tịch",
    "Thông tư liên tịch",
    "Hiến pháp",
    "Bộ luật",
    "Luật",
    "Pháp lệnh",
    "Lệnh",
    "Nghị định",
    "Thông tư",
    "Điều lệ",
    "Văn bản",
)
DOC_TYPE = "|".join(
    sorted((re.escape(name.lower()) for name in _CITED), key=len, reverse=True)
)
"""Any kind of paper that is cited, as a pattern for spelled text."""

_NAMES = {name.lower(): name for name in _CITED}
_GROUP = r"[A-ZĐƯÔÂĂÊƠ][A-ZĐƯÔÂĂÊƠa-zđ]{0,19}\d{0,3}(?!\w)"
# A space belongs in no symbol, yet many have one ("HD- MTTQ-BTT"): then only capitals
# may follow, since "380/KH-MTTQ - Ban tổ chức" is a symbol and a word.
_SPACED = r"[A-ZĐƯÔÂĂÊƠ]{2,20}\d{0,3}(?!\w)"
SYMBOL = rf"{_GROUP}(?:[-–/&.]{_GROUP}|\s{{0,3}}[-–/&]\s{{0,3}}{_SPACED})*"
"""The symbol after the number, as a pattern for the text as written."""

_REFERENCE = re.compile(
    r"(?<![\w/.,-])(?P<number>\d{1,5})(?P<suffix>[a-z]?)\s{0,3}"
    rf"(?P<year>/\s?(?:19|20)\d\d)?\s{{0,3}}(?P<sign>[-–/])\s{{0,3}}(?P<symbol>{SYMBOL})"
)
_AFTER_DATE = re.compile(rf"\s*,?\s*(?:\(\s*)?{DAY}\s*\)?")
_ISSUER = re.compile(r"\s*,?\s*của\s+")
_ISSUER_END = re.compile(
    r"\s+(?:về|v/v|quy định|hướng dẫn|ban hành|sửa đổi|phê duyệt|triển khai|ngày)\b"
    r"|\s*[;:“”\"(]|\.(?!\w)|$"
)
_TYPE_AT_START = re.compile(rf"(?:{DOC_TYPE})\b")


def doc_type_at_start(text: str) -> str:
    """The kind of paper whose name opens the text, or ""."""
    match = _TYPE_AT_START.match(spelled(text))
    return _NAMES[match[0]] if match else ""


def compact_symbol(symbol: str) -> str:
    """The symbol without spaces and with plain hyphens."""
    return "".join(symbol.split()).replace("–", "-")


def match_number(text: str) -> re.Match[str] | None:
    """The first number and symbol in the text.

    The match has the groups number, suffix, year ("/2025"), sign and symbol.
    """
    return _REFERENCE.search(text)


def find_reference(text: str) -> Reference:
    """The paper that the text cites; an empty reference where it cites none."""
    doc_type = doc_type_at_start(text)
    match = match_number(text)
    if not match:
        return Reference(doc_type=doc_type)
    year = (match["year"] or "").replace(" ", "")
    symbol = compact_symbol(match["symbol"])
    sign = "-" if match["sign"] == "–" else match["sign"]
    plain = spelled(text)
    place = match.end()
    issued = None
    if dated := _AFTER_DATE.match(plain, place):
        issued = matched_date(dated)
        place = dated.end()
    return Reference(
        doc_type=doc_type,
        number=int(match["number"]),
        symbol=f"{year[1:]}{sign}{symbol}" if year else symbol,
        printed=f"{match['number']}{match['suffix']}{year}{sign}{symbol}",
        issued=issued,
        issuer=_issuer(text, plain, place),
    )


def _issuer(text: str, plain: str, place: int) -> str:
    """Who issued the paper, where "của …" stands right behind its number and date."""
    match = _ISSUER.match(plain, place)
    if not match:
        return ""
    end = _ISSUER_END.search(plain, match.end())
    name = text[match.end() : end.start() if end else None]
    # A comma or an "and" before a small letter opens what the paper is about.
    for cut in re.finditer(r"(?:,| và)\s+(?=\w)", name):
        if name[cut.end()].islower():
            name = name[: cut.start()]
            break
    return name.strip(" ,")
