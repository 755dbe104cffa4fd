"""Taking in a list of people: what it would come to is shown before it is done."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.actions.invitations import last_moment
from plans.actions.people_import import PeopleError, import_people
from plans.actions.people_planning import PeopleImport
from plans.exporting.people import model_table
from plans.forms.people import PeopleFileForm
from plans.importing.people import PeopleTable, PersonRow, read_people
from plans.importing.reading import MAX_BYTES
from plans.importing.tables import read_table
from plans.permissions import may_manage_some

SALT = "plans.people_import"
SECONDS = 3600
"""How long what was looked at can be confirmed."""


@never_cache
def import_list(request: HttpRequest) -> HttpResponse:
    """Show what a list would come to; take it in when that is confirmed.

    The rows that were looked at come back with the confirmation, signed for who looked
    at them: no file is kept meanwhile.
    """
    if not may_manage_some(request.user):
        raise Http404
    if "rows" in request.POST:
        return _take_in(request)
    sent = request.method == "POST"
    form = PeopleFileForm(request.POST, request.FILES) if sent else PeopleFileForm()
    context: dict[str, Any] = {"form": form}
    if sent and form.is_valid():
        try:
            context |= _look_at(request, form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
    return render(
        request,
        "plans/people/import.html",
        context,
        status=422 if form.errors else 200,
    )


def _look_at(request: HttpRequest, file: Any) -> dict[str, Any]:
    table = read_people(read_table(data=file.read(MAX_BYTES + 1), name=file.name))
    planned = import_people(rows=table.rows, actor=request.user, dry_run=True)
    errors = sorted([*table.errors, *planned.errors])
    return {
        "name": file.name,
        "planned": planned,
        "problems": errors,
        "rows": "" if errors else _signed(request, table),
    }


def _signed(request: HttpRequest, table: PeopleTable) -> str:
    rows = [
        {name: _plain(value) for name, value in asdict(row).items()}
        for row in table.rows
    ]
    return signing.dumps([request.user.pk, rows], salt=SALT, compress=True)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _take_in(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {"form": PeopleFileForm()}
    try:
        done = import_people(rows=_confirmed(request), actor=request.user)
    except signing.BadSignature:
        messages.error(request, _("Send the list again: an hour has passed."))
    except PeopleError as error:
        context["problems"] = error.errors
    else:
        messages.success(request, done.summary)
        context |= _done(request, done)
    return render(request, "plans/people/import.html", context)


def _confirmed(request: HttpRequest) -> list[PersonRow]:
    """The rows the person has looked at. Raises BadSignature where they are not his."""
    text = request.POST["rows"]
    owner, rows = signing.loads(text, salt=SALT, max_age=SECONDS)
    if owner != request.user.pk:
        raise signing.BadSignature
    return [PersonRow(**_typed(row)) for row in rows]


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    days = {
        name: date.fromisoformat(row[name]) if row[name] else None
        for name in ("starts_on", "ends_on")
    }
    return row | days


def _done(request: HttpRequest, done: PeopleImport) -> dict[str, Any]:
    return {
        "done": done,
        "links": [
            (person, request.build_absolute_uri(path)) for person, path in done.links
        ],
        "last_moment": last_moment(),
    }


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The model table, to be filled in."""
    if not may_manage_some(request.user):
        raise Http404
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(model_table(), content_type=kind)
    name = "danh-sach-can-bo.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
