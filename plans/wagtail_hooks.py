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
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page

from plans.actions import (
    accounts,
    attachments,
    congresses,
    decisions,
    derivations,
    guidance,
    invitations,
    moves,
    outcomes,
    preparing,
    right_changes,
    rights,
    sites,
    submissions,
    terms,
)
from plans.bulk_actions import BULK_ACTIONS
from plans.models import GuidancePage, PaperPage, PlansPage, Submission
from plans.permissions import (
    choosable,
    may_issue_some,
    may_manage_some,
    may_view,
)
from plans.views import users
from plans.views.admin import PANELS, ReadingPagesAPI
from plans.viewsets import OrganisationGroup, unit_chooser_viewset


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


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(
        congresses.OPENED,
        gettext_lazy("Open a congress"),
        gettext_lazy("Opened under the plan"),
    )
    actions.register_action(
        congresses.PILOT_CHOSEN,
        gettext_lazy("Choose a pilot"),
        gettext_lazy("Chosen as a pilot"),
    )
    actions.register_action(
        sites.OPENED,
        gettext_lazy("Open a unit's page"),
        gettext_lazy("Opened for the unit"),
    )
    actions.register_action(
        attachments.ATTACHED,
        gettext_lazy("Attach a file"),
        gettext_lazy("A file was attached"),
    )
    actions.register_action(
        attachments.REPLACED,
        gettext_lazy("Replace a file"),
        gettext_lazy("A file was replaced by a new version"),
    )
    actions.register_action(
        attachments.WITHDRAWN,
        gettext_lazy("Take a file back"),
        gettext_lazy("A file was taken back"),
    )
    actions.register_action(
        attachments.LEFT_OUT,
        gettext_lazy("Leave a paper out"),
        gettext_lazy("A paper was left out, or asked for again"),
    )
    actions.register_action(
        submissions.SUBMITTED,
        gettext_lazy("Submit a dossier"),
        gettext_lazy("Submitted for review"),
    )
    actions.register_action(
        submissions.WITHDRAWN,
        gettext_lazy("Take a submission back"),
        gettext_lazy("The submission was taken back"),
    )
    actions.register_action(
        submissions.PARTY_RECORDED,
        gettext_lazy("Note the Party committee's record"),
        gettext_lazy("The number and date of the Party committee's record were noted"),
    )
    actions.register_action(
        decisions.APPROVED,
        gettext_lazy("Approve a submission"),
        gettext_lazy("Approved by a unit that reviews"),
    )
    actions.register_action(
        decisions.RETURNED,
        gettext_lazy("Return a submission"),
        gettext_lazy("Returned by a unit that reviews"),
    )
    actions.register_action(
        decisions.TAKEN_OVER,
        gettext_lazy("Take a review over"),
        gettext_lazy("A unit above reviews in another's place"),
    )
    actions.register_action(
        decisions.ASSIGNED,
        gettext_lazy("Give a review to a person"),
        gettext_lazy("The review was given to a person"),
    )
    actions.register_action(
        terms.TERMS_SET,
        gettext_lazy("Set the dates of a dossier"),
        gettext_lazy("The deadline or the term of keeping was set"),
    )
    actions.register_action(
        preparing.DAYS_SET,
        gettext_lazy("Set the days of a congress"),
        gettext_lazy("The days or the venue were set"),
    )
    actions.register_action(
        preparing.PROGRAMME_SET,
        gettext_lazy("Write the programme of a congress"),
        gettext_lazy("The programme was written"),
    )
    actions.register_action(
        preparing.GUESTS_SET,
        gettext_lazy("List the guests of a congress"),
        gettext_lazy("The list of guests was written"),
    )
    actions.register_action(
        preparing.DELEGATES_SET,
        gettext_lazy("Sum up the delegates of a congress"),
        gettext_lazy("The totals of delegates were written"),
    )
    actions.register_action(
        accounts.CLOSED,
        gettext_lazy("Close an account"),
        gettext_lazy("The account was closed"),
    )
    actions.register_action(
        accounts.OPENED,
        gettext_lazy("Open an account"),
        gettext_lazy("The account was opened again"),
    )
    actions.register_action(
        accounts.CORRECTED,
        gettext_lazy("Set an account right"),
        gettext_lazy("Name or address was set right"),
    )
    actions.register_action(
        invitations.INVITED,
        gettext_lazy("Invite a person"),
        gettext_lazy("A link to choose a password was made"),
    )
    actions.register_action(
        invitations.ACCEPTED,
        gettext_lazy("Accept an invitation"),
        gettext_lazy("The password was chosen"),
    )
    actions.register_action(
        derivations.DERIVED,
        gettext_lazy("Make an own plan"),
        gettext_lazy("Made from the plan of a unit above"),
    )
    actions.register_action(
        derivations.REPORTED,
        gettext_lazy("Note the report to the Party committee"),
        gettext_lazy("The report to the Party committee was noted"),
    )
    actions.register_action(
        outcomes.RECEIVED,
        gettext_lazy("Register a report"),
        gettext_lazy("The report was entered in the register"),
    )
    for action in (moves.MOVED, moves.PASSED_ON, moves.STEP_PASSED):
        actions.register_action(action)(moves.MovedFormatter)
    actions.register_action(guidance.WITHDRAWN)(guidance.WithdrawnFormatter)
    actions.register_action(guidance.RESTORED)(guidance.RestoredFormatter)
    actions.register_action(right_changes.GIVEN)(right_changes.RightGivenFormatter)
    actions.register_action(right_changes.TAKEN)(right_changes.RightTakenFormatter)
    actions.register_action(rights.TRIED)(rights.TriedFormatter)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [OrganisationGroup(), unit_chooser_viewset]
