"""Merging, splitting and renaming units: look at what would pass, then do it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from plans.actions import moves
from plans.actions.unit_tree import UnitsError
from plans.forms.moves import MoveUnitsForm
from plans.permissions import may_move


def move_units(request: HttpRequest) -> HttpResponse:
    """Show what the lines would do; do it when that has been looked at.

    404 for whoever may not. What is done is what was shown, or it is shown anew.
    """
    if not may_move(request.user):
        raise Http404
    form = MoveUnitsForm(request.POST or None, request.FILES or None)
    report = None
    if form.is_valid():
        applies = "apply" in request.POST and bool(form.cleaned_data["reviewed"])
        report = _report(request, form, applies)
        if report and applies and form.is_valid():
            messages.success(
                request,
                _("%(ended)d units have ended, %(begun)d have begun.")
                % {"ended": report.ended, "begun": report.begun},
            )
            return redirect("plans:move_units")
    return render(
        request,
        "plans/move_units.html",
        {"form": form, "report": report, "columns": ",".join(moves.COLUMNS)},
        status=422 if form.is_bound and not form.is_valid() else 200,
    )


def _report(
    request: HttpRequest, form: MoveUnitsForm, applies: bool
) -> moves.MoveReport | None:
    """What was done, or would be; None, with the form's errors, where it cannot be."""
    values = form.cleaned_data
    # What was read from a file is shown, to be mended where it stands.
    form.data = {**form.data.dict(), "lines": values["lines"]}  # type: ignore[attr-defined]
    try:
        return moves.move_units(
            lines=values["lines"].splitlines(),
            day=values["day"],
            user=request.user,
            dry_run=not applies,
            reviewed=values["reviewed"] if applies else "",
        )
    except UnitsError as error:
        form.add_error("lines", str(error).splitlines())
    except PermissionDenied:
        message = _("You do not manage the people of all units these lines name.")
        form.add_error("lines", message)
    except moves.MovesChangedError as error:
        form.add_error(None, str(error))
        return error.report
    return None
