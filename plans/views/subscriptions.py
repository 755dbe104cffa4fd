"""What a person follows, why, and choosing it: for a page, and for anything else."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Page

from plans.actions import subscriptions as actions
from plans.forms.notices import FollowForm, FollowOtherForm
from plans.models import Subscription
from plans.notifications.followed import (
    count_reasons,
    followed_by_unit,
    nearest_choice,
    why_told,
    would_be_told,
)
from plans.permissions import PagePolicy

from .refusals import told_in_messages

PEOPLE_PER_PAGE = 100

DOES: dict[str, Callable[..., Any]] = {
    "follow": actions.follow_page,
    "follow_alone": partial(actions.follow_page, and_below=False),
    "mute": actions.mute_page,
    "forget": actions.forget_page,
}


@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """What the person follows by his own choice, and because of his unit or role."""
    rows = Subscription.objects.filter(user=request.user.pk)
    rows = rows.select_related("page", "unit")
    visible = PagePolicy().visible(Page.objects.order_by(), request.user)
    pages = set(
        visible.filter(subscriptions__user=request.user.pk).values_list("pk", flat=True)
    )
    return render(
        request,
        "plans/following.html",
        {
            "rows": [row for row in rows if not row.page_id or row.page_id in pages],
            "by_unit": followed_by_unit(request.user),
            "paper_kinds": Subscription.PaperKind.choices,
        },
    )


def follow(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show what the person hears of the page and why; a POST changes it."""
    visible = PagePolicy().visible(Page.objects.all(), request.user)
    page = get_object_or_404(visible, pk=page_id).specific
    if request.method == "POST":
        return _change(request, page)
    return render(
        request,
        "plans/follow.html",
        {
            "page_shown": page,
            "choice": nearest_choice(request.user, page),
            "why": why_told(request.user, page),
            "ways": FollowForm.base_fields["does"].choices,  # type: ignore[attr-defined]
        },
    )


def _change(request: HttpRequest, page: Page) -> HttpResponse:
    form = FollowForm(request.POST)
    if not form.is_valid():
        raise Http404
    does = form.cleaned_data["does"]
    with told_in_messages(request):
        if does == "stop_mails":
            actions.stop_mails_about(user=request.user, page_id=page.pk)
        else:
            DOES[does](user=request.user, page=page)
        messages.success(request, _said(does, page))
    return redirect(page.get_url(request) or "plans:following")


def _said(does: str, page: Page) -> str:
    sentences = {
        "follow": _("You follow “%s” and what is below it."),
        "follow_alone": _("You follow “%s”."),
        "stop_mails": _("You get no e-mail about “%s” any more."),
        "mute": _("You hear nothing of “%s” any more."),
        "forget": _("You have chosen nothing for “%s” any more."),
    }
    return sentences[does] % page.title


@require_safe
def who_is_told(request: HttpRequest, page_id: int) -> HttpResponse:
    """Who hears of it when the page is published, and why: for its editors."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not page.permissions_for_user(request.user).can_edit():
        raise Http404
    people = would_be_told(page)
    pages = Paginator(people.order_by("last_name", "first_name", "pk"), PEOPLE_PER_PAGE)
    return render(
        request,
        "plans/who_is_told.html",
        {
            "page_shown": page,
            "reasons": count_reasons(people),
            "pages": pages.get_page(request.GET.get("trang")),
            "total": pages.count,
        },
    )


@require_POST
def follow_other(request: HttpRequest) -> HttpResponse:
    """Follow a unit, a kind of paper or a search."""
    form = FollowOtherForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what you want to follow."))
        return redirect("plans:following")
    with told_in_messages(request):
        row = actions.follow_other(user=request.user, **form.cleaned_data)
        messages.success(request, _("You follow %s.") % row)
    return redirect(_back(request))


@require_POST
def end(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """End one of the person's own subscriptions; 404 for any other."""
    rows = Subscription.objects.filter(user=request.user.pk)
    row = get_object_or_404(rows, pk=subscription_id)
    actions.end(subscription=row, user=request.user)
    messages.success(request, _("Ended."))
    return redirect("plans:following")


def _back(request: HttpRequest) -> str:
    """Where the person came from, on this site."""
    url = request.POST.get("next", "")
    fine = url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )
    return url if fine else "plans:following"
