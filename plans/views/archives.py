"""A whole dossier to take along: at once, or packed first where it is large."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from plans.actions import archives as actions
from plans.actions.accesses import log_access
from plans.models import DossierArchive, DossierPage, FileAccess
from plans.serving import serve_file

LARGE = 64 * 1024 * 1024
"""What is smaller is sent while it is packed: nobody waits for that."""

AGAIN = 2
"""After how many seconds the page asks how far the packing is."""


@require_POST
def ask(request: HttpRequest, page_id: int) -> HttpResponse:
    dossiers = DossierPage.objects.visible_to(request.user)
    dossier: DossierPage = get_object_or_404(dossiers, pk=page_id)
    files = actions.files_to_take(dossier=dossier, user=request.user)
    if sum(file.size for file in files) < LARGE:
        return redirect("plans:dossier_zip", dossier.pk)
    archive = actions.ask_for_archive(dossier=dossier, user=request.user)
    return redirect(archive)


@require_safe
def archive(request: HttpRequest, key: Any) -> HttpResponse:
    """How far the packing is, and the link when it is done."""
    found = _archive(request, key)
    response = render(request, "plans/archive.html", {"archive": found})
    if found.is_coming:
        response["Refresh"] = str(AGAIN)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def fetch(request: HttpRequest, key: Any) -> HttpResponseBase:
    found = _archive(request, key)
    if not found.is_ready:
        return redirect(found)
    if request.method == "GET":
        log_access(
            files=found.files.filter(holds_personal_data=True).select_related(
                "item", "page"
            ),
            user=request.user,
            how=FileAccess.How.EXPORTED,
            address=request.META.get("REMOTE_ADDR"),
        )
    return serve_file(request, found, download=True)


def _archive(request: HttpRequest, key: Any) -> DossierArchive:
    """The archive, to who asked for it; anybody else is told that there is none."""
    asked = DossierArchive.objects.select_related("dossier__unit")
    found = get_object_or_404(asked, key=key, asked_by=request.user)
    if not actions.may_fetch(archive=found, user=request.user):
        raise Http404
    return found
