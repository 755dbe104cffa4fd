"""Opening a site's sections: the plan index of a unit, and the directory of units."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Page

from plans.models import PlanIndexPage, Unit, UnitIndexPage, UnitPage
from plans.text import vietnamese_slug

from .access import sync_access
from .pages import add_pages

OPENED = "plans.unit.open"


def open_sections(
    *, home: Page, unit: Unit, user: Any = None
) -> tuple[PlanIndexPage, UnitIndexPage]:
    """Make the unit's plan index and the directory under the page, where missing.

    The directory gets a page for the unit and each one in force below it.
    """
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        plans = PlanIndexPage.objects.child_of(home).filter(unit=unit).first()
        if plans is None:
            plans = PlanIndexPage(title=_("Plans"), unit=unit, owner=user)
            home.add_child(instance=plans)
            plans.save_revision(user=user).publish(
                user=user, skip_permission_checks=True
            )
        directory = UnitIndexPage.objects.child_of(home).first()
        if directory is None:
            directory = UnitIndexPage(title=_("Units"), owner=user)
            home.add_child(instance=directory)
            directory.save_revision(user=user).publish(
                user=user, skip_permission_checks=True
            )
        _open_unit_pages(directory, unit, user)
        sync_access()
    return plans, directory


def _open_unit_pages(directory: UnitIndexPage, unit: Unit, user: Any) -> None:
    parent = Page.objects.select_for_update().get(pk=directory.pk)
    units = (
        Unit.objects.current()
        .below(unit, inclusive=True)
        .filter(page__isnull=True)
        .select_related("parent")
    )
    pages = [
        UnitPage(
            title=below.name,
            # Names repeat: "Phường 3" stands in two towns of this province.
            slug=vietnamese_slug(f"{below.name} {below.code}"),
            unit=below,
        )
        for below in units
    ]
    add_pages(pairs=[(parent, page) for page in pages], user=user, action=OPENED)
