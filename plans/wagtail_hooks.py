"""Registrations with Wagtail, and nothing else."""

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page, PageQuerySet

from plans.actions import congresses
from plans.permissions import PagePolicy, may_view


@hooks.register("before_serve_page")
def ask_before_serving(page: Page, request: HttpRequest, args: list, kwargs: dict) -> None:  # type: ignore[type-arg]
    if not may_view(request.user, page):
        # As if it did not exist: a title is a fact too.
        raise Http404


@hooks.register("construct_page_chooser_queryset")
def show_only_visible(pages: PageQuerySet, request: HttpRequest) -> PageQuerySet:
    visible = PagePolicy().visible(Page.objects.all(), request.user)
    editable = PagePolicy().explorable_instances(request.user)
    return pages.filter(pk__in=visible.values("pk")) | pages.filter(
        pk__in=editable.values("pk")
    )


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(
        congresses.OPENED, _("Open a congress"), _("Opened by the plan")
    )
    actions.register_action(
        congresses.PILOT_CHOSEN, _("Choose a pilot"), _("Chosen as a pilot")
    )
