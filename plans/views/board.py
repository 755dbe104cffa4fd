"""The board of a plan on the site, and the totals of its delegates."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plans.board import Board, Cell, CellState, Row
from plans.delegate_totals import delegate_totals
from plans.exporting.delegates import totals_header, totals_rows
from plans.exporting.tables import asked_format, table_response
from plans.models import CongressPage, PlanPage
from plans.permissions import followed_units, may_follow

PER_PAGE = 40
"""Rows of a screen, of units and of upper units each."""
PRINTED = 120
"""Rows of a page to print."""


def _board(request: HttpRequest, plan_id: int) -> Board:
    """The board of the units the reader follows; 404 where he follows none."""
    plan: PlanPage = get_object_or_404(
        PlanPage.objects.visible_to(request.user), pk=plan_id
    )
    if not may_follow(request.user):
        raise Http404
    return Board(plan, followed_units(request.user))


@require_safe
def board(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The units by stages: `cap` a level, `tren` an upper unit, `chua` a stage that is
    not reached, `tre` what is late; `in` to print, `csv` and `xlsx` to take away.
    """
    shown = _board(request, plan_id)
    rows = _chosen(request, shown)
    if ending := asked_format(request.GET):
        name = f"{shown.plan.slug}-tien-do-{timezone.localdate():%Y%m%d}"
        return table_response(name, ending, _header(shown), _table(rows))
    prints = "in" in request.GET
    groups = shown.groups(rows)
    upper = request.GET.get("tren", "")
    return render(
        request,
        "plans/board.html",
        {
            "plan": shown.plan,
            "board": shown,
            "levels": _levels(shown.rows),
            "total": len(rows),
            "late": sum(row.late_since is not None for row in rows),
            "tallies": shown.totals(rows),
            "upper": next((each for each in groups if str(each.unit) == upper), None),
            "groups": Paginator(groups, PER_PAGE).get_page(request.GET.get("nhom")),
            "rows": Paginator(rows, PRINTED if prints else PER_PAGE).get_page(
                request.GET.get("trang")
            ),
            "prints": prints,
            "asked": {
                name: request.GET.get(name, "")
                for name in ("cap", "tren", "chua", "tre")
            },
        },
    )


def _levels(rows: list[Row]) -> list[tuple[int, str]]:
    levels = {row.facts.level_id: row.facts.level__name for row in rows}
    return sorted(levels.items())


def _chosen(request: HttpRequest, shown: Board) -> list[Row]:
    """The rows the query string asks for; what it does not know of hides nothing."""
    rows = shown.rows
    level, upper, late = (request.GET.get(name, "") for name in ("cap", "tren", "tre"))
    if level:
        rows = [row for row in rows if str(row.facts.level_id) == level]
    if upper:
        rows = [row for row in rows if str(row.facts.unit__parent) == upper]
    if late:
        rows = [row for row in rows if row.late_since]
    keys = [stage.key for stage in shown.stages]
    if (key := request.GET.get("chua", "")) in keys:
        reached = {CellState.DONE, CellState.NONE}
        place = keys.index(key)
        rows = [row for row in rows if row.cells[place].state not in reached]
    return rows


def _header(shown: Board) -> list[Any]:
    return [
        *(_("Code"), _("Unit"), _("Direct upper unit"), _("Level"), _("Pilot")),
        *(_("Late since"), _("Waits for")),
        *(stage.label for stage in shown.stages),
    ]


def _table(rows: list[Row]) -> Iterator[list[Any]]:
    for row in rows:
        facts, waits_for = row.facts, row.waits_for
        yield [
            *(facts.unit__code, facts.unit__name, facts.unit__parent__name),
            facts.level__name,
            _("pilot") if facts.is_pilot else "",
            row.late_since,
            waits_for.stage.label if waits_for else "",
            *(_written(cell) for cell in row.cells),
        ]


def _written(cell: Cell) -> Any:
    if cell.since:
        return cell.since
    late = _("late") if cell.state == CellState.LATE else ""
    none = "–" if cell.state == CellState.NONE else ""
    return cell.words or late or none


@require_safe
def cell(request: HttpRequest, plan_id: int, page_id: int, stage: str) -> HttpResponse:
    """To the thing a cell of the board is about."""
    shown = _board(request, plan_id)
    congress = get_object_or_404(
        CongressPage.objects.visible_to(request.user).select_related("dossier"),
        pk=page_id,
        plan=shown.plan,
        unit__in=shown.units,
    )
    found = next((each for each in shown.stages if each.key == stage), None)
    if found is None:
        raise Http404
    return redirect(found.leads_to(congress))


@require_safe
def delegates(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The delegates of the plan's congresses, summed up by upper unit."""
    shown = _board(request, plan_id)
    totals = delegate_totals(shown.plan, shown.units)
    if ending := asked_format(request.GET):
        name = f"{shown.plan.slug}-dai-bieu-{timezone.localdate():%Y%m%d}"
        return table_response(name, ending, totals_header(), totals_rows(totals))
    *groups, whole = totals
    return render(
        request,
        "plans/delegate_totals.html",
        {
            "plan": shown.plan,
            "whole": whole,
            "groups": Paginator(groups, PER_PAGE).get_page(request.GET.get("trang")),
        },
    )
