"""A dossier leaving the house: model forms, the whole as an archive or one PDF."""

from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from plans.actions.accesses import log_access
from plans.actions.archives import files_to_take
from plans.exporting.dossiers import archive, merged_pdf
from plans.exporting.model_forms import model_form
from plans.inspection.types import FILE_TYPES
from plans.models import Attachment, DossierItem, DossierPage, FileAccess
from plans.text import vietnamese_slug

R = TypeVar("R", bound=HttpResponseBase)


@require_safe
def form(request: HttpRequest, item_id: int) -> HttpResponse:
    """The model form of a required paper, filled in for the unit."""
    item = get_object_or_404(
        DossierItem.objects.select_related(
            "requirement__template",
            "dossier__unit__parent__parent",
            "dossier__congress__plan",
        ),
        pk=item_id,
        dossier__in=DossierPage.objects.visible_to(request.user),
    )
    name = f"{vietnamese_slug(item.title)[:60].strip('-')}.docx"
    return _file(model_form(item), name, FILE_TYPES["docx"].mime)


@require_safe
def whole(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """The dossier as an archive, sent while it is packed."""
    dossier, files = _dossier(request, page_id)
    _log(request, files)
    response = StreamingHttpResponse(
        archive(dossier, files), content_type="application/zip"
    )
    return _headers(response, f"{_name(dossier)}.zip")


@require_safe
def joined(request: HttpRequest, page_id: int) -> HttpResponse:
    """The dossier as one PDF, where all its papers are PDF."""
    dossier, files = _dossier(request, page_id)
    try:
        content = merged_pdf(files)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(dossier.get_url(request))
    _log(request, files)
    return _file(content, f"{_name(dossier)}.pdf", FILE_TYPES["pdf"].mime)


def _dossier(
    request: HttpRequest, page_id: int
) -> tuple[DossierPage, list[Attachment]]:
    dossiers = DossierPage.objects.visible_to(request.user).select_related("unit")
    dossier = get_object_or_404(dossiers, pk=page_id)
    return dossier, files_to_take(dossier=dossier, user=request.user)


def _name(dossier: DossierPage) -> str:
    return vietnamese_slug(f"{dossier.title} {dossier.unit.code}")


def _log(request: HttpRequest, files: list[Attachment]) -> None:
    log_access(
        files=[file for file in files if file.holds_personal_data],
        user=request.user,
        how=FileAccess.How.EXPORTED,
        address=request.META.get("REMOTE_ADDR"),
    )


def _file(content: bytes, name: str, mime: str) -> HttpResponse:
    return _headers(HttpResponse(content, content_type=mime), name)


def _headers(response: R, name: str) -> R:
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "private, no-store"
    return response
