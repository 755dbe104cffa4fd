"""Papers read against the units in the database."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from plans.models import Level, Unit
from plans.models.papers import content_digest

from .papers import Paper
from .parsing import parse_paper
from .reading import PaperReadingError, read_paper
from .rules import PlanRules, read_rules
from .units import LevelRow, UnitIndex, UnitRow


@dataclass(frozen=True, slots=True)
class PlanReading:
    """A paper, its rules, and the day whose units it was read against."""

    paper: Paper
    rules: PlanRules
    units: UnitIndex
    day: date
    digest: str
    """Of the cleaned text: the same paper in another encoding is the same paper."""


def read_plan(*, data: bytes, issuer_code: str = "") -> PlanReading:
    """Read the paper and its rules; nothing is written.

    The issuer is found in the head of the paper unless its code is given. Raises
    PaperReadingError as `read_paper` does, and with the code "issuer" where no unit
    had that code on the day of the paper.
    """
    text = read_paper(data)
    paper = parse_paper(text)
    day = paper_day(paper)
    units = unit_index(day)
    issuer = units.get(issuer_code) if issuer_code else None
    if issuer_code and issuer is None:
        message = _("No unit had the code %(code)s on %(day)s.")
        raise PaperReadingError("issuer", message % {"code": issuer_code, "day": day})
    rules = read_rules(paper, units, issuer)
    return PlanReading(paper, rules, units, day, content_digest(text))


def paper_day(paper: Paper) -> date:
    """The day of the paper, the first of its month where the day is blank, or today.

    Codes and names of units change their meaning: a paper speaks of those of its day.
    """
    issued = paper.header.issued
    day = issued and (issued.as_date() or issued.month_start())
    return day or timezone.localdate()


def unit_index(day: date) -> UnitIndex:
    """The units in force on the day, read in two queries."""
    units = [
        UnitRow(*row)
        for row in Unit.objects.on(day).values_list(
            "code", "name", "level__code", "kind", "parent__code"
        )
    ]
    # A level without units was abolished, or is not there yet.
    in_use = {unit.level for unit in units}
    levels = [
        LevelRow(level.code, level.name)
        for level in Level.objects.order_by("order", "code")
        if level.code in in_use
    ]
    return UnitIndex(levels, units)
