"""What Wagtail's own screens of users may not do, or have to be followed by."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin.views.bulk_action import BulkAction

from plans.actions.accounts import follow_switch
from plans.models.memberships import written_name
from plans.permissions import has_history

WERE_ACTIVE = "_plans_were_active"


def keep_who_has_worked(request: HttpRequest, person: Any) -> HttpResponse | None:
    """What somebody did stays under his name: who leaves is closed, not deleted."""
    if not has_history(person):
        return None
    text = _("“%s” has worked here and is not deleted: close the account instead.")
    messages.error(request, text % written_name(person))
    return redirect("plans:person", person.pk)


def keep_who_has_worked_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: BulkAction
) -> HttpResponse | None:
    if action_type != "delete" or not _is_about_users(action):
        return None
    for person in objects:
        if keep_who_has_worked(request, person):
            return redirect("wagtailusers_users:index")
    return None


def remember(request: HttpRequest, person: Any) -> None:
    """Note whether the account was open, before a form may change that."""
    setattr(request, WERE_ACTIVE, {person.pk: person.is_active})


def follow(request: HttpRequest, person: Any) -> None:
    """Record it where an account has been opened or closed by the form."""
    _follow(request, [person.pk])


def remember_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: BulkAction
) -> None:
    if _is_about_users(action):
        were = {person.pk: person.is_active for person in objects}
        setattr(request, WERE_ACTIVE, were)


def follow_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: BulkAction
) -> None:
    if _is_about_users(action):
        _follow(request, [person.pk for person in objects])


def _is_about_users(action: BulkAction) -> bool:
    return action.models == [get_user_model()]


def _follow(request: HttpRequest, keys: Iterable[Any]) -> None:
    were = getattr(request, WERE_ACTIVE, {})
    for person in get_user_model()._default_manager.filter(pk__in=keys):
        if were.get(person.pk, person.is_active) != person.is_active:
            follow_switch(person=person, actor=request.user)
