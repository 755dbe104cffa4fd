"""The plans of this site that a paper cites."""

from collections.abc import Sequence

from plans.models import PlanPage, Unit

from .mentions import find_mentions
from .papers import Basis, Reference
from .units import UnitIndex


def linked_plans(
    bases: Sequence[Basis], *, issuer: Unit, units: UnitIndex
) -> dict[int, PlanPage]:
    """The plans that bases cite, by the place of the basis; in one query.

    A number repeats from year to year and from unit to unit. So the day must agree,
    and the plan must be one of the issuer or of a unit above it, and of the unit that
    the citation names, if it names one.
    """
    numbers = {basis.cites.number for basis in bases if basis.cites.number}
    known: dict[tuple[int | None, str, object], list[PlanPage]] = {}
    for plan in PlanPage.objects.filter(
        number__in=numbers, issuer__path__in=issuer.lineage
    ).select_related("issuer__level"):
        key = (plan.number, plan.symbol, plan.issued_on)
        known.setdefault(key, []).append(plan)
    found = {}
    for place, basis in enumerate(bases):
        cites = basis.cites
        same = known.get((cites.number, cites.symbol, cites.issued), [])
        plans = [plan for plan in same if _is_by(plan, cites, units)]
        if cites.issued and len(plans) == 1:
            found[place] = plans[0]
    return found


def _is_by(plan: PlanPage, cites: Reference, units: UnitIndex) -> bool:
    """Whether the citation can mean the plan's issuer.

    "Ủy ban Trung ương" stands for no unit of the tree, so it means none of them.
    """
    mentions = find_mentions(cites.issuer, units)
    if not mentions:
        return not cites.issuer
    last, issuer = mentions[-1], plan.issuer
    if issuer is None:
        return False
    if last.name:
        return issuer.code in {unit.code for unit in last.units}
    return issuer.level.code in last.levels
