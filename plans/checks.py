"""Misconfiguration that would otherwise show as a silent no."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.files.storage import FileSystemStorage, storages
from django.db import connections
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from plans.views.admin import PageTypesUsageView

CONTENT_TYPE_FUNCTION = "plans.models.grants.grant_content_type"
USAGE_REPORT = "wagtailadmin_reports:page_types_usage"
MEMBERSHIP_BACKEND = "plans.backends.MembershipBackend"


@register
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if getattr(settings, "GUARDIAN_GET_CONTENT_TYPE", "") != CONTENT_TYPE_FUNCTION:
        errors.append(
            Error(
                "guardian keeps rights on pages under the wrong content type.",
                hint=f'Set GUARDIAN_GET_CONTENT_TYPE = "{CONTENT_TYPE_FUNCTION}".',
                id="plans.E001",
            )
        )
    apps = list(settings.INSTALLED_APPS)
    names = [name.rsplit(".apps.", 1)[0] for name in apps]
    if "wagtail.admin" in names and names.index("plans") > names.index("wagtail.admin"):
        errors.append(
            Error(
                "plans must stand before wagtail.admin, or its templates are not used.",
                hint="Move plans up in INSTALLED_APPS.",
                id="plans.E002",
            )
        )
    if MEMBERSHIP_BACKEND not in settings.AUTHENTICATION_BACKENDS:
        errors.append(
            Error(
                "Nobody enters the admin by a role in a unit.",
                hint=f'Put "{MEMBERSHIP_BACKEND}" into AUTHENTICATION_BACKENDS.',
                id="plans.E004",
            )
        )
    errors.extend(_check_private_storage())
    return errors


def _check_private_storage() -> list[CheckMessage]:
    """Attachments must lie where no web server hands them out unasked."""
    storage = storages["attachments"]
    if not isinstance(storage, FileSystemStorage):
        return []
    public: list[Any] = [settings.MEDIA_ROOT, settings.STATIC_ROOT]
    folder = Path(storage.location)
    roots = [Path(root).resolve() for root in public if root]
    if any(folder.is_relative_to(root) for root in roots):
        return [
            Error(
                "Attachments lie in a public folder.",
                hint='Set the location of STORAGES["attachments"] outside of'
                " MEDIA_ROOT and STATIC_ROOT.",
                id="plans.E005",
            )
        ]
    return []


@register(Tags.database)
def check_generic_grants(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """guardian's generic tables must be empty: the policy does not read them."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        tables = connections[alias].introspection.table_names()
        for model in (get_user_obj_perms_model(), get_group_obj_perms_model()):
            if model._meta.db_table not in tables:
                continue
            if (
                model._default_manager.using(alias)
                .filter(
                    permission__content_type__app_label__in=["plans", "wagtailcore"]
                )
                .exists()
            ):
                errors.append(
                    Error(
                        f"{model._meta.label} holds rights on pages or units.",
                        hint="Give them again through plans.models, and delete these.",
                        id="plans.E003",
                    )
                )
    return errors


@register(Tags.urls)
def check_admin_addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Wagtail's own addresses tell everyone in the admin the title of every page."""
    try:
        view = resolve(reverse(USAGE_REPORT)).func
    except (NoReverseMatch, Resolver404):
        return []
    if getattr(view, "view_class", None) is PageTypesUsageView:
        return []
    return [
        Error(
            "The admin's addresses tell of pages to those who may not know of them.",
            hint="Include plans.admin_urls in place of wagtail.admin.urls.",
            id="plans.E006",
        )
    ]
