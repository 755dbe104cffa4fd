"""From the text of an issued paper to a plan: read, parse, find the rules, report.

`read_paper` refuses what is not a text; from there on nothing is refused and nothing
is lost: what is not understood is kept as plain paragraphs, with a warning.
"""

from .papers import (
    HEADED,
    KINDS,
    Basis,
    BodyItem,
    Header,
    Line,
    Node,
    Paper,
    PaperWarning,
    PartialDate,
    Recipient,
    Reference,
    Signer,
)
from .parsing import parse_paper
from .reading import PaperReadingError, read_bytes, read_paper
from .report import all_warnings, paper_report
from .rules import LevelRules, PlanRules, read_rules
from .summary import paper_text, warning_text
from .units import LevelRow, UnitIndex, UnitRow

__all__ = [
    "HEADED",
    "KINDS",
    "Basis",
    "BodyItem",
    "Header",
    "LevelRow",
    "LevelRules",
    "Line",
    "Node",
    "Paper",
    "PaperReadingError",
    "PaperWarning",
    "PartialDate",
    "PlanRules",
    "Recipient",
    "Reference",
    "Signer",
    "UnitIndex",
    "UnitRow",
    "all_warnings",
    "paper_report",
    "paper_text",
    "parse_paper",
    "read_bytes",
    "read_paper",
    "read_rules",
    "warning_text",
]
