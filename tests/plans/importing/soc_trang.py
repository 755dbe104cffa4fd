"""A part of Sóc Trăng's unit tree, and papers written for the tests."""

from pathlib import Path

from plans.importing import LevelRow, PlanRules, UnitIndex, UnitRow, parse_paper
from plans.importing.rules import read_rules

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "tests" / "files"
DEMO = ROOT / "plans" / "data" / "demo"

LEVELS = [
    LevelRow("province", "tỉnh"),
    LevelRow("district", "huyện"),
    LevelRow("commune", "xã"),
]
UNITS = [
    UnitRow("94", "Tỉnh Sóc Trăng", "province", "tỉnh", None),
    UnitRow("941", "Thành phố Sóc Trăng", "district", "thành phố", "94"),
    UnitRow("31513", "Phường 1", "commune", "phường", "941"),
    UnitRow("31519", "Phường 3", "commune", "phường", "941"),
    UnitRow("944", "Huyện Mỹ Tú", "district", "huyện", "94"),
    UnitRow("31567", "Thị trấn Huỳnh Hữu Nghĩa", "commune", "thị trấn", "944"),
    UnitRow("31573", "Xã Thuận Hòa", "commune", "xã", "944"),
    UnitRow("948", "Thị xã Ngã Năm", "district", "thị xã", "94"),
    UnitRow("31732", "Phường 1", "commune", "phường", "948"),
    UnitRow("31747", "Phường 3", "commune", "phường", "948"),
]
TREE = UnitIndex(LEVELS, UNITS)

HEAD = """ỦY BAN MTTQ VIỆT NAM
TỈNH SÓC TRĂNG
BAN THƯỜNG TRỰC
Số: 15/KH-MTTQ-BTT
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Sóc Trăng, ngày 09 tháng 3 năm 2024
KẾ HOẠCH
Làm thử Đại hội điểm, nhiệm kỳ 2024-2029
Căn cứ Điều lệ Mặt trận Tổ quốc Việt Nam khóa IX;
Ban Thường trực lập kế hoạch như sau:
"""
FOOT = """
Nơi nhận:
- Thường trực Tỉnh ủy (để báo cáo);
- Lưu: VP.
TM. BAN THƯỜNG TRỰC
CHỦ TỊCH
Trần Thị Mẫu
"""


def plan(body: str, *, head: str = HEAD, foot: str = FOOT) -> str:
    """A paper with this body."""
    return head + body.strip() + foot


def rules_of(text: str, tree: UnitIndex = TREE) -> PlanRules:
    return read_rules(parse_paper(text), tree)


def codes(source: object) -> set[str]:
    """The codes of the warnings of a paper or of its rules."""
    return {warning.code for warning in source.warnings}  # type: ignore[attr-defined]
