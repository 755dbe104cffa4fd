"""Wagtail's actions on many pages at once, kept within the plugin's rules."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin.views.pages import bulk_actions
from wagtail.models import Page

from plans.permissions import choosable


class KnownPages:
    """Names the pages a person may not act on only where he may know of them.

    Wagtail lists them by title, and takes "all pages below" for an answer.
    """

    def get_actionable_objects(self) -> tuple[list[Page], dict[str, Any]]:
        pages, others = super().get_actionable_objects()  # type: ignore[misc]
        refused = [page.pk for page in others["items_with_no_access"]]
        # Specific, so that they are called by the titles readers know.
        named = Page.objects.filter(pk__in=refused).specific(defer=True)
        user = self.request.user  # type: ignore[attr-defined]
        others["items_with_no_access"] = list(choosable(named, user))
        return pages, others


class DeletePages(KnownPages, bulk_actions.DeleteBulkAction):
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except (ProtectedError, RestrictedError):
            messages.error(
                self.request,
                _("Nothing was deleted: something else still rests on these pages."),
            )
            return redirect(self.next_url)


class MovePages(KnownPages, bulk_actions.MoveBulkAction):
    pass


class PublishPages(KnownPages, bulk_actions.PublishBulkAction):
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except ValidationError as error:
            text = _("Nothing was published: %s") % " ".join(error.messages)
            messages.error(self.request, text)
            return redirect(self.next_url)


class UnpublishPages(KnownPages, bulk_actions.UnpublishBulkAction):
    pass


BULK_ACTIONS = (DeletePages, MovePages, PublishPages, UnpublishPages)
