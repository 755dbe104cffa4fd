"""Looking at a page as somebody else would see it; nothing is done in his name."""

from copy import copy

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.models import Page

from plans.actions.rights import try_page_as
from plans.models.memberships import written_name
from plans.permissions import LARGEST_KEY, may_ask_rights, may_view
from plans.permissions.page_rights import Kind
from plans.stand_ins import stand_in

SANDBOX = "sandbox allow-same-origin; default-src 'self'; img-src 'self' data:"
"""No script runs on the page that is shown, and no form of it is sent."""


@never_cache
@require_POST
def try_page(request: HttpRequest, page_id: int, user_id: int) -> HttpResponse:
    """The page as the person would see it, of what the viewer may see himself.

    By POST, since it is written down each time.
    """
    if max(page_id, user_id) > LARGEST_KEY:
        raise Http404
    page = get_object_or_404(Page, pk=page_id)
    person = get_object_or_404(get_user_model(), pk=user_id)
    if not may_ask_rights(request.user, page):
        raise Http404
    page = page.specific
    try:
        try_page_as(page=page, person=person, user=request.user)  # type: ignore[arg-type]
    except PermissionDenied as error:
        raise Http404 from error
    back = reverse("plans:right_holder", args=[page.pk, Kind.PERSON, person.pk])
    shown = stand_in(person, request.user)  # type: ignore[arg-type]
    if not may_view(shown, page):
        hidden = may_view(person, page)
        messages.warning(
            request,
            _("%(person)s reads this page, but you do not.")
            % {"person": written_name(person)}
            if hidden
            else _("%(person)s does not find this page on the site.")
            % {"person": written_name(person)},
        )
        return redirect(back)
    messages.info(request, _banner(written_name(person), back))
    asked = copy(request)
    asked.user, asked.method = shown, "GET"  # type: ignore[assignment]
    asked.is_preview = True  # type: ignore[attr-defined]
    response = page.serve(asked)
    if isinstance(response, TemplateResponse):
        # Before the middleware sees who really asks.
        response.render()
    response["Content-Security-Policy"] = SANDBOX
    return response


def _banner(name: str, back: str) -> str:
    return format_html(
        '{} <a href="{}">{}</a>',
        _(
            "This is how %(person)s sees the page, of what you may see yourself. It is"
            " for looking only; what is his alone, such as notices, is not shown."
        )
        % {"person": name},
        back,
        _("Back to his rights"),
    )
