"""Wagtail's admin, kept from telling of pages to those who may not know of them.

Most of Wagtail's views ask what a person may do with a page before they show it; some
show its title first. Here every address that names a page asks the policy first.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.admin.views import home
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.revisions import RevisionsRevertView
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.models import Page, PageLogEntry, Revision
from wagtail.permissions import policy_registry

from plans.permissions import LARGEST_KEY, choosable, may_know

View = Callable[..., HttpResponseBase]

PAGE_ARGUMENTS = frozenset(
    {
        *("page_id", "page_pk", "parent_page_id"),
        *("page_to_move_id", "destination_id"),
    }
)
"""What Wagtail's addresses call the key of a page."""


def hide_unknown_pages(view: View) -> View:
    """Answer "not found" where the address names a page the person may not know of."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Whoever may not enter the admin is sent away by the view itself.
        if request.user.has_perm("wagtailadmin.access_admin"):
            keys = list(_named_pages(request, kwargs))
            if keys and not may_know(request.user, keys):
                raise Http404
            if {"page_id", "revision_id"} <= kwargs.keys() and not _has_revision(
                **kwargs
            ):
                # Wagtail's way back to a revision fails where there is none.
                raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def _named_pages(request: HttpRequest, arguments: dict[str, Any]) -> Iterable[Any]:
    yield from (arguments[name] for name in PAGE_ARGUMENTS & arguments.keys())
    match = request.resolver_match
    if match is None:
        return
    if "wagtailadmin_pages" in match.namespaces and "pk" in arguments:
        yield arguments["pk"]
    if match.url_name == "wagtailadmin_choose_page_chosen_multiple":
        yield from request.GET.getlist("id")


def _has_revision(page_id: int, revision_id: int, **arguments: Any) -> bool:
    revisions = Revision.page_revisions.filter(object_id=str(page_id))
    return revision_id <= LARGEST_KEY and revisions.filter(pk=revision_id).exists()


class EditPageView(EditView):
    """Wagtail's, whose comments are told as events are (`plans.actions.remarks`)."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        _refuse_others_deleted(form, self.request.user)
        # What is saved, published and recorded of it is one.
        with transaction.atomic():
            return super().form_valid(form)

    def send_commenting_notifications(self, changes: dict[str, Any]) -> None:
        """Mail nobody: Wagtail's mails go to whoever once joined in, whether or not he
        may still edit the page."""


class RevertPageView(EditPageView, RevisionsRevertView):
    pass


def _refuse_others_deleted(form: Any, user: Any) -> None:
    """Wagtail lets its owner alone change a remark, and anybody delete it: what is to
    be deleted is not validated. Replies go with the comment they answer."""
    comments = form.formsets.get("comments")
    for each in comments.forms if comments else ():
        whole = each in comments.deleted_forms
        for deleted in [each] if whole else each.formsets["replies"].deleted_forms:
            if deleted.instance.pk and deleted.instance.user_id != user.pk:
                raise PermissionDenied


class PageTypesUsageView(PageTypesUsageReportView):
    """Wagtail's report, which names the last edited page of each type to everyone."""

    def decorate_paginated_queryset(self, page_types: Any) -> Any:
        keys = [row.last_edited_page_id for row in page_types]
        pages = choosable(Page.objects.filter(pk__in=keys), self.request.user)
        known = set(pages.values_list("pk", flat=True))
        rows = super().decorate_paginated_queryset(page_types)
        for row in rows:
            if row.last_edited_page_id not in known:
                row.last_edited_page = None
        return rows


class SiteHistoryView(LogEntriesView):
    """Wagtail's report, which tells of all pages on the way to one's own: by their next
    titles, and what was said when a right was given there. Here of those one edits."""

    def filter_queryset(self, queryset: Any) -> Any:
        user = self.request.user
        if queryset.model is PageLogEntry and not user.is_superuser:
            policy = policy_registry.get_by_type(Page)
            pages = policy.instances_user_has_permission_for(user, "change")
            queryset = queryset.filter(page__in=pages.order_by().values("pk"))
        return super().filter_queryset(queryset)


class ReadingPagesAPI(PagesAdminAPIViewSet):
    """What the admin's explorer reads. Nothing is changed here: forms do that, and ask
    for what a change needs."""

    actions: dict[str, Any] = {}


class RecentEditsPanel(home.RecentEditsPanel):
    """What a person edited lately, of what he may still work on."""

    def get_context_data(self, parent_context: Any) -> Any:
        context = super().get_context_data(parent_context)
        user = context["request"].user
        context["last_edits"] = [
            (day, page)
            for day, page in context["last_edits"]
            if page.permissions_for_user(user).can_edit()
        ]
        return context


class LockedPagesPanel(home.LockedPagesPanel):
    """The pages a person locked, of those he may still work on."""

    def get_context_data(self, parent_context: Any) -> Any:
        context = super().get_context_data(parent_context)
        user = context["request"].user
        context["locked_pages"] = [
            page
            for page in context["locked_pages"]
            if page.permissions_for_user(user).can_edit()
        ]
        return context


class SubmittedPanel(home.UserObjectsInWorkflowModerationPanel):
    """What a person sent for moderation, of what he may still work on."""

    def get_context_data(self, parent_context: Any) -> Any:
        context = super().get_context_data(parent_context)
        user = context["request"].user
        context["workflow_states"] = [
            state
            for state in context["workflow_states"]
            if not isinstance(state.content_object, Page)
            or state.content_object.permissions_for_user(user).can_edit()
        ]
        return context


PANELS = {
    home.RecentEditsPanel: RecentEditsPanel,
    home.LockedPagesPanel: LockedPagesPanel,
    home.UserObjectsInWorkflowModerationPanel: SubmittedPanel,
}
"""Panels of the admin's first page, and what takes their place."""
