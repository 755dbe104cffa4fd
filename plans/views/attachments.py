"""Files leaving and entering: the one view that serves them, and the dossier desk."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Page

from plans.actions import attachments as actions
from plans.actions.accesses import log_access
from plans.forms.attachments import AbsenceForm, AttachForm
from plans.models import Attachment, DossierItem, DossierPage, FileAccess
from plans.permissions import may_attach
from plans.serving import serve_file

from .refusals import told_in_messages


@require_safe
def attachment(request: HttpRequest, key: Any) -> HttpResponseBase:
    """The file, to who may read it; anybody else is told that there is none."""
    file = get_object_or_404(
        Attachment.objects.visible_to(request.user).select_related("item", "page"),
        key=key,
    )
    if file.state == Attachment.State.ERASED:
        raise Http404
    if not file.is_servable:
        return render(
            request, "plans/waiting_for_scan.html", {"file": file}, status=403
        )
    download = "tai-ve" in request.GET
    # A reader for PDF asks for many parts: the first one is the view.
    first = request.headers.get("Range", "bytes=0-").startswith("bytes=0-")
    if file.holds_personal_data and first and request.method == "GET":
        how = FileAccess.How.DOWNLOADED if download else FileAccess.How.VIEWED
        log_access(
            files=[file],
            user=request.user,
            how=how,
            address=request.META.get("REMOTE_ADDR"),
        )
    return serve_file(request, file, download=download)


def _page_to_attach_to(request: HttpRequest, page_id: int) -> Any:
    """The page, for who may attach to it; for anybody else it does not exist."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not may_attach(request.user, page):
        raise Http404
    return page


@require_POST
def attach(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take the files of the form: each is kept or refused by itself."""
    page = _page_to_attach_to(request, page_id)
    form = AttachForm(request.POST, request.FILES, page=page)
    if form.is_valid():
        keep_each(request, page, form.cleaned_data)
    else:
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, str(error))
    return _answer(request, page, form)


def keep_each(request: HttpRequest, page: Any, terms: dict[str, Any]) -> None:
    """Keep each of the `uploads` among the terms, or say why it is refused."""
    others = {name: value for name, value in terms.items() if name != "uploads"}
    for upload in terms["uploads"]:
        try:
            with told_in_messages(request):
                result = actions.attach(
                    page=page, user=request.user, upload=upload, **others
                )
                _tell(request, result, upload.name)
        except OSError:
            messages.error(
                request,
                _(
                    "“%s” could not be stored: the server's disk is full."
                    " Tell the administrator, and send it again later."
                )
                % upload.name,
            )


def _tell(request: HttpRequest, result: actions.Attached, sent: str | None) -> None:
    name = result.attachment.name
    if not result.is_new:
        messages.info(request, _("“%s” was there already: the very same file.") % name)
    elif result.overtaken:
        messages.warning(
            request,
            _("“%s” is kept, beside the version somebody else sent meanwhile.") % name,
        )
    else:
        messages.success(request, _("“%s” is kept.") % name)


@require_POST
def withdraw(request: HttpRequest, key: Any) -> HttpResponse:
    file = get_object_or_404(
        Attachment.objects.visible_to(request.user).select_related("page"), key=key
    )
    with told_in_messages(request):
        actions.withdraw(attachment=file, user=request.user)
        messages.success(request, _("“%s” is taken back.") % file.name)
    return _answer(request, file.page.specific)


@require_POST
def leave_out(request: HttpRequest, item_id: int) -> HttpResponse:
    """Say why a required paper is left out, or with an empty reason, that it is not."""
    item = get_object_or_404(DossierItem.objects.select_related("dossier"), pk=item_id)
    page = _page_to_attach_to(request, item.dossier_id)
    form = AbsenceForm(request.POST)
    if form.is_valid():
        with told_in_messages(request):
            actions.leave_out(
                item=item, user=request.user, reason=form.cleaned_data["reason"]
            )
    return _answer(request, page, anchor=f"giay-to-{item.pk}")


def _answer(
    request: HttpRequest, page: Any, form: Any = None, anchor: str = ""
) -> HttpResponse:
    """Back to the page; the script is given the desk alone, to put in its place."""
    if request.headers.get("X-Requested-With") == "desk":
        template = (
            "plans/includes/desk.html"
            if isinstance(page, DossierPage)
            else "plans/includes/attachments.html"
        )
        return render(
            request, template, page.get_context(request) | {"for_script": True}
        )
    if form is not None and not anchor:
        item = form.cleaned_data.get("item") if hasattr(form, "cleaned_data") else None
        anchor = f"giay-to-{item.pk}" if item else "tep"
    return redirect(f"{page.get_url(request)}#{anchor or 'tep'}")
