"""What was read from a paper, as data for programs."""

from datetime import date
from typing import Any

from .body import build_tree
from .papers import HEADED, Basis, Node, Paper, PaperWarning, Recipient
from .rules import LevelRules, PlanRules


def paper_report(paper: Paper, rules: PlanRules, *, file: str = "") -> dict[str, Any]:
    """The paper and its rules as JSON-ready data.

    Keys and notes are the same in every language; only the warnings' messages follow
    the active one.
    """
    header = paper.header
    issued = header.issued
    return {
        "file": file,
        "doc_type": header.doc_type,
        "number": header.number,
        "symbol": header.symbol,
        "place": header.place,
        "date": issued
        and {"year": issued.year, "month": issued.month, "day": issued.day},
        "issuer": list(header.issuer),
        "title": paper.title,
        "bases": [_basis(basis) for basis in paper.bases],
        "outline": _outline(build_tree(paper.body), _deadline_places(rules)),
        "recipients": [_recipient(recipient) for recipient in paper.recipients],
        "signer": {
            "authority": paper.signer.authority,
            "title": paper.signer.title,
            "name": paper.signer.name,
        },
        "footnotes": len(paper.footnotes),
        "term": list(rules.term) if rules.term else None,
        "levels": [level_report(level) for level in rules.levels],
        "warnings": [_warning(warning) for warning in all_warnings(paper, rules)],
    }


def all_warnings(paper: Paper, rules: PlanRules) -> list[PaperWarning]:
    """The doubts about the paper and its rules, in the order of the lines."""
    return sorted([*paper.warnings, *rules.warnings], key=lambda warning: warning.line)


def _basis(basis: Basis) -> dict[str, Any]:
    cites = basis.cites
    if not cites.printed:
        return {"doc_type": cites.doc_type, "number": None, "text": basis.text}
    return {
        "doc_type": cites.doc_type,
        "number": cites.printed,
        "date": _iso(cites.issued),
        "issuer": cites.issuer,
    }


def _recipient(recipient: Recipient) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": recipient.name,
        "purpose": recipient.purpose or None,
    }
    return row | ({"note": recipient.note} if recipient.note else {})


def _warning(warning: PaperWarning) -> dict[str, Any]:
    return {
        "line": warning.line,
        "code": warning.code,
        "message": warning.message,
        "source": warning.source,
    }


def level_report(rules: LevelRules) -> dict[str, Any]:
    """The rules of one level as JSON-ready data."""
    window, deadline = rules.schedule.window, rules.schedule.deadline
    return {
        "level": rules.level,
        "pilots": [unit.code for unit in rules.choice.pilots],
        "pilots_per_parent": rules.choice.pilots_per_parent,
        "chosen_by": list(rules.choice.chosen_by),
        "max_days": rules.schedule.max_days,
        "window": window
        and {
            "text": window.text,
            "start": _iso(window.start),
            "end": _iso(window.end),
        },
        "review_before": _iso(deadline.before if deadline else None),
        "review_steps": list(rules.review.steps),
        "joint_review": rules.review.joint,
        "requirements": [requirement.title for requirement in rules.requirements],
        "conditions": len(rules.conditions),
        "extra_guests": "siblings" if rules.invites_siblings else None,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _deadline_places(rules: PlanRules) -> dict[int, frozenset[int]]:
    """For each line of a required paper, the lines of its level's deadlines."""
    return {
        requirement.line: level.schedule.deadline_lines
        for level in rules.levels
        for requirement in level.requirements
    }


def _outline(
    nodes: tuple[Node, ...], deadlines: dict[int, frozenset[int]]
) -> list[list[Any]]:
    """The headed items: [label, heading, the items below or a count of the rest]."""
    return [
        [node.item.label, node.item.title or None, _below(node, deadlines)]
        for node in nodes
        if node.item.kind in HEADED
    ]


def _below(node: Node, deadlines: dict[int, frozenset[int]]) -> Any:
    items = _outline(node.children, deadlines)
    counts = _counts(node, deadlines)
    if items and counts:
        return counts | {"items": items}
    return items or counts


def _counts(node: Node, deadlines: dict[int, frozenset[int]]) -> dict[str, Any]:
    """The dashes, pluses and paragraphs of an item, and its text if it has a heading.

    Of a point, the last level of the outline, only the lists are told.
    """
    below = [
        child.item
        for top in node.children
        if top.item.kind not in HEADED
        for child in top.walk()
    ]
    counts: dict[str, Any] = {
        "dashes": sum(item.kind == "dash" for item in below),
        "plus_items": sum(item.kind == "plus" for item in below),
    }
    if node.item.kind != "point":
        counts["paragraphs"] = sum(item.kind == "paragraph" for item in below)
        counts["inline"] = node.item.text if node.item.heading else ""
    counts["note"] = _note(node, deadlines)
    return {key: value for key, value in counts.items() if value}


def _note(node: Node, deadlines: dict[int, frozenset[int]]) -> str:
    """The remark on a deadline that stands in a list of required papers."""
    lines = [child.item.line for child in node.children]
    stray = {
        place
        for line in lines
        for place in deadlines.get(line, frozenset())
        if place in lines and place not in deadlines
    }
    for line in sorted(stray):
        ordinal = _ordinal(lines.index(line) + 1)
        return f"{ordinal} dash is the review deadline, not a dossier item"
    return ""


def _ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th: the notes are English in every language."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else ending}"
