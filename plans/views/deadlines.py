"""What is due and what is overdue, of a person's units and of those below them."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plans.exporting.tables import csv_response
from plans.models import Deadline, WorkingDays
from plans.models.calendar import ONE_DAY
from plans.models.deadlines import open_deadlines
from plans.permissions import VIEW_DOSSIER, roles_held, units_for

PER_PAGE = 60
SOON = 10
"""Working days before a deadline from which it is listed as near."""


@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """The open deadlines, the longest overdue first; `?loc=` limits them to the late
    (`qua-han`) or the near (`sap-den`), `?cua=toi` to the person's own units; `?csv` as
    a table.
    """
    days, today = WorkingDays(), timezone.localdate()
    # Whoever reads the units' dossiers may see what is due of them.
    units = units_for(request.user, VIEW_DOSSIER)
    own = roles_held(request.user).keys()
    if is_own := request.GET.get("cua") == "toi":
        units = units.filter(path__in=own)
    deadlines = open_deadlines(units, days)
    late = [each for each in deadlines if each.before <= today]
    near = [
        each
        for each in deadlines
        if each.before > today and days.left(each.before, today) <= SOON
    ]
    chosen = request.GET.get("loc", "")
    shown = {"qua-han": late, "sap-den": near}.get(chosen, deadlines)
    if "csv" in request.GET:
        return _as_csv(shown, days)
    pages = Paginator(shown, PER_PAGE).get_page(request.GET.get("trang"))
    return render(
        request,
        "plans/deadlines.html",
        {
            "pages": pages,
            # Each with the working days that are left, or that it is late by.
            "rows": [
                (
                    each,
                    days.between(each.before, today + ONE_DAY)
                    if each.is_late
                    else days.left(each.before, today),
                )
                for each in pages
            ],
            "chosen": chosen if chosen in {"qua-han", "sap-den"} else "",
            "is_own": is_own,
            "has_units": bool(own) or request.user.is_superuser,
            "number": len(deadlines),
            "number_late": len(late),
            "number_near": len(near),
        },
    )


def _as_csv(deadlines: list[Deadline], days: WorkingDays) -> HttpResponse:
    today = timezone.localdate()

    def row(each: Deadline) -> tuple[Any, ...]:
        unit = each.unit
        return (
            unit.code if unit else "",
            unit.name if unit else _("%d units") % each.number,
            unit.parent.name if unit and unit.parent else "",
            each.kind.label,
            each.page.title,
            date_format(each.before, "SHORT_DATE_FORMAT"),
            _("late") if each.is_late else days.left(each.before, today),
        )

    return csv_response(
        f"thoi-han-{today:%Y%m%d}.csv",
        [
            *(_("Code"), _("Unit"), _("Direct upper unit"), _("What is due")),
            *(_("Page"), _("Due before"), _("Working days left")),
        ],
        map(row, deadlines),
    )
