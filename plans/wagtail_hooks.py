"""Registrations with Wagtail, and nothing else."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.widgets.button import Button
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.models import Page

from plans.bulk_actions import BULK_ACTIONS
from plans.log_actions import register_log_actions
from plans.models import GuidancePage, PaperPage, PlansPage, Submission
from plans.permissions import (
    choosable,
    may_issue_some,
    may_manage_some,
    may_view,
)
from plans.views import users
from plans.views.admin import PANELS, ReadingPagesAPI
from plans.viewsets import EditedPagesViewSet, OrganisationGroup, unit_chooser_viewset


@hooks.register("before_serve_page")
def ask_before_serving(page: Page, request: HttpRequest, *args: Any) -> None:
    if not may_view(request.user, page):
        # As if it did not exist: a title is a fact too.
        raise Http404


@hooks.register("construct_page_chooser_queryset")
def show_only_visible(pages: Any, request: HttpRequest) -> Any:
    return choosable(pages, request.user)


@hooks.register("construct_admin_api")
def keep_to_reading(router: WagtailAPIRouter) -> None:
    router.register_endpoint("pages", ReadingPagesAPI)


@hooks.register("before_delete_page")
def keep_what_was_submitted(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A submission and its decisions are kept for ever, and so is what bears them."""
    if not Submission.objects.below(page).exists():
        return None
    messages.error(
        request,
        _("“%s” cannot be deleted: a dossier in it has been submitted for review.")
        % page,
    )
    return redirect("wagtailadmin_home")


@hooks.register("before_bulk_action")
def keep_what_was_submitted_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: BulkAction
) -> HttpResponse | None:
    if action_type != "delete":
        return None
    for page in objects:
        if isinstance(page, Page) and keep_what_was_submitted(request, page):
            return redirect(action.next_url)
    return None


hooks.register("before_delete_user", users.keep_who_has_worked)
hooks.register("before_bulk_action", users.keep_who_has_worked_in_bulk)
hooks.register("before_edit_user", users.remember)
hooks.register("after_edit_user", users.follow)
hooks.register("before_bulk_action", users.remember_in_bulk)
hooks.register("after_bulk_action", users.follow_in_bulk)


@hooks.register("register_admin_menu_item")
def lead_to_people() -> MenuItem:
    return PeopleMenuItem(
        gettext_lazy("People"), reverse("plans:people"), icon_name="group", order=550
    )


class PeopleMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_manage_some(request.user)


@hooks.register("before_move_page")
def ask_before_moving(request: HttpRequest, page: Page, destination: Page) -> None:
    # Wagtail shows both pages first, and asks when it moves.
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise PermissionDenied


@hooks.register("before_create_page")
def ask_before_issuing(request: HttpRequest, parent: Page, page_class: Any) -> None:
    # Whoever may add pages to a plan does not issue guidance by that alone.
    if page_class is GuidancePage and not may_issue_some(request.user):
        raise PermissionDenied


@hooks.register("register_page_header_buttons")
def lead_to_rights(
    page: Page, user: Any, view_name: str, next_url: str | None = None
) -> Iterable[Button]:
    if page.depth > 1:
        url = reverse("plans:rights", args=[page.pk])
        yield Button(_("Who may do what"), url, icon_name="key", priority=55)


@hooks.register("register_page_header_buttons")
def lead_to_readers(
    page: Page, user: Any, view_name: str, next_url: str | None = None
) -> Iterable[Button]:
    if not isinstance(page, GuidancePage):
        return
    tester = page.permissions_for_user(user)
    if tester.can_see_readers():
        url = reverse("plans:readers", args=[page.pk])
        yield Button(_("Who has read it"), url, icon_name="group", priority=60)
    if tester.can_withdraw():
        label = _("Withdraw")
        if tester.is_withdrawn():
            label = _("Put in force again")
        url = reverse("plans:withdraw_guidance", args=[page.pk])
        yield Button(label, url, icon_name="undo", priority=61)


@hooks.register("register_page_header_buttons")
def lead_to_told(
    page: Page, user: Any, view_name: str, next_url: str | None = None
) -> Iterable[Button]:
    if isinstance(page, PlansPage) and page.permissions_for_user(user).can_edit():
        url = reverse("plans:who_is_told", args=[page.pk])
        yield Button(_("Who is told"), url, icon_name="mail", priority=65)


@hooks.register("construct_homepage_panels")
def show_only_what_one_works_on(request: HttpRequest, panels: list[Any]) -> None:
    for number, panel in enumerate(panels):
        if own := PANELS.get(type(panel)):
            panels[number] = own()


for bulk_action in BULK_ACTIONS:
    # After Wagtail's own, whose place they take.
    hooks.register("register_bulk_action", bulk_action, order=1)


@hooks.register("before_bulk_action")
def ask_for_change_notes(
    request: HttpRequest, action_type: str, objects: list[Any], action: BulkAction
) -> HttpResponse | None:
    """Publishing in bulk has no form for the note an issued paper's change needs."""
    if action_type != "publish":
        return None
    for page in objects:
        paper = page.specific if isinstance(page, Page) else page
        revision = page.get_latest_revision()
        if (
            isinstance(paper, PaperPage)
            and revision
            and paper.lacks_change_note(revision)
        ):
            messages.error(
                request,
                _("“%s” has been issued: open it and say what was changed.") % paper,
            )
            return redirect(action.next_url)
    return None


hooks.register("register_log_actions", register_log_actions)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [OrganisationGroup(), unit_chooser_viewset]


@hooks.register("register_admin_viewset", order=1)
def register_pages() -> EditedPagesViewSet:
    """After Wagtail's own, whose place it takes."""
    return EditedPagesViewSet()
