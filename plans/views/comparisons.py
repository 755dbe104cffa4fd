"""What changed: between two versions of a file, and since a dossier's approval."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plans.actions.accesses import log_access
from plans.comparison import (
    ComparedPaper,
    compare_papers,
    compare_text,
    contents_now,
    contents_of,
)
from plans.inspection.texts import text_of
from plans.marking import side_by_side
from plans.models import Attachment, DossierPage, FileAccess, Submission


def readable_files(user: Any, papers: Iterable[ComparedPaper]) -> set[int]:
    """The keys of those of the files that the user may read."""
    files = [
        file.pk
        for paper in papers
        for compared in paper.files
        for file in (compared.before, compared.after)
        if file
    ]
    readable = Attachment.objects.visible_to(user).filter(pk__in=files)
    return set(readable.values_list("pk", flat=True))


@require_safe
def changes(request: HttpRequest, page_id: int) -> HttpResponse:
    """What of an approved dossier is not what was approved any more."""
    dossiers = DossierPage.objects.visible_to(request.user).select_related(
        "unit__parent", "congress__plan", "congress__rule"
    )
    dossier = get_object_or_404(dossiers, pk=page_id)
    approved = dossier.submissions.filter(state=Submission.State.APPROVED).first()
    now = contents_now(dossier)
    before = contents_of(approved) if approved else now
    papers = [paper for paper in compare_papers(now, before) if paper.is_changed]
    return render(
        request,
        "plans/changes.html",
        {
            "dossier": dossier,
            "approved": approved,
            "texts": [text for text in compare_text(now, before) if text.is_changed],
            "papers": papers,
            "sides": (_("As approved"), _("As it is now")),
            "readable": readable_files(request.user, papers),
        },
    )


@require_safe
def compared(request: HttpRequest, old_key: Any, new_key: Any) -> HttpResponse:
    """The text of two versions of a file side by side, what changed marked."""
    files = Attachment.objects.visible_to(request.user).select_related("item", "page")
    old = get_object_or_404(files, key=old_key)
    new = get_object_or_404(files, key=new_key, page=old.page_id)
    if not (old.is_servable and new.is_servable):
        raise Http404
    log_access(
        files=[file for file in (old, new) if file.holds_personal_data],
        user=request.user,
        how=FileAccess.How.VIEWED,
        address=request.META.get("REMOTE_ADDR"),
    )
    before, after = text_of(old), text_of(new)
    response = render(
        request,
        "plans/compared.html",
        {
            "old": old,
            "new": new,
            "page": old.page,
            "blocks": side_by_side(before, after),
        },
    )
    response["Cache-Control"] = "private, no-store"
    return response
