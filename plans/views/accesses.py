"""Who saw a dossier's papers with personal data, for those who answer for them."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plans.exporting.tables import csv_response
from plans.models import DossierPage, FileAccess
from plans.permissions import may_read_personal_data

PER_PAGE = 50


@require_safe
def accesses(request: HttpRequest, page_id: int) -> HttpResponse:
    """The log of the dossier, the newest first; `?csv` as a table."""
    dossiers = DossierPage.objects.visible_to(request.user).select_related("unit")
    dossier = get_object_or_404(dossiers, pk=page_id)
    if not may_read_personal_data(request.user, dossier.unit):
        raise Http404
    entries = FileAccess.objects.filter(page=dossier.pk)
    if "csv" in request.GET:
        return _as_csv(dossier, entries.iterator())
    pages = Paginator(entries, PER_PAGE).get_page(request.GET.get("trang"))
    return render(
        request, "plans/accesses.html", {"dossier": dossier, "entries": pages}
    )


def _as_csv(dossier: DossierPage, entries: object) -> HttpResponse:
    return csv_response(
        f"{dossier.slug}-{dossier.unit.code}.csv",
        [_("When"), _("Who"), _("What was done"), _("Paper"), _("From address")],
        (
            (
                date_format(timezone.localtime(entry.at), "SHORT_DATETIME_FORMAT"),
                entry.user_name,
                entry.get_how_display(),
                entry.paper,
                entry.address,
            )
            for entry in entries  # type: ignore[attr-defined]
        ),
    )
