"""What was read from a paper, as text for a person to check."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from .papers import Paper, PaperWarning
from .report import all_warnings, level_report
from .rules import LevelRules, PlanRules


def paper_text(paper: Paper, rules: PlanRules) -> Iterator[str]:
    """The reading as lines for a person to check against the paper."""
    header = paper.header
    yield f"{header.doc_type or '—'} {_number(paper)}: {paper.title or '—'}"
    yield f"{' / '.join(header.issuer) or '—'}; {header.place or '—'}, {_date(paper)}"
    yield _("Term: %(term)s") % {
        "term": "-".join(map(str, rules.term)) if rules.term else "—"
    }
    yield _("Bases: %(bases)s; items: %(items)s; recipients: %(recipients)s") % {
        "bases": len(paper.bases),
        "items": len(paper.body),
        "recipients": len(paper.recipients),
    }
    signer = paper.signer
    yield _("Signed: %(signer)s") % {
        "signer": ", ".join(filter(None, [signer.authority, signer.title, signer.name]))
        or "—"
    }
    for level in rules.levels:
        yield from _level_text(level, rules.level_names)
    for warning in all_warnings(paper, rules):
        yield warning_text(warning)


def warning_text(warning: PaperWarning) -> str:
    """The warning in one line, with the line it is about."""
    if not warning.line:
        return _("Warning: %(message)s") % {"message": warning.message}
    return _("Warning, line %(line)s: %(message)s %(source)s") % {
        "line": warning.line,
        "message": warning.message,
        "source": warning.source,
    }


def _number(paper: Paper) -> str:
    header = paper.header
    number = "…" if header.number is None else f"{header.number:02d}"
    return f"{number}/{header.symbol}" if header.symbol else number


def _date(paper: Paper) -> str:
    issued = paper.header.issued
    if not issued:
        return "—"
    parts = (issued.day, issued.month, issued.year)
    return "/".join("…" if part is None else f"{part:02d}" for part in parts)


def _level_text(rules: LevelRules, names: dict[str, str]) -> Iterator[str]:
    row = level_report(rules)
    yield _("Level: %(level)s") % {"level": names[rules.level]}
    for unit in rules.choice.pilots:
        yield f"  - {_('pilot')}: {unit.name} ({unit.code})"
    for name, value in [
        (_("pilots per upper unit"), row["pilots_per_parent"]),
        (_("chosen by"), ", ".join(names[code] for code in row["chosen_by"])),
        (_("longest duration (days)"), row["max_days"]),
        (_("time"), row["window"] and row["window"]["text"]),
        (_("reviewed before"), row["review_before"]),
        (_("reviewed by"), ", ".join(names[code] for code in row["review_steps"])),
        (_("joint review"), _("yes") if row["joint_review"] else _("no")),
        (_("conditions"), row["conditions"]),
    ]:
        yield f"  - {name}: {value or '—'}"
    for requirement in rules.requirements:
        mark = f" [{_('personal data')}]" if requirement.holds_personal_data else ""
        yield f"  - {_('required paper')}: {requirement.title}{mark}"
