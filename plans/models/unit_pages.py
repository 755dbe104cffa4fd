"""The directory of units and each unit's own page."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from .base import OpenedPage, PlansPage
from .units import Unit


class UnitIndexPage(PlansPage):
    """The directory: all units as a tree."""

    introduction = models.TextField(_("introduction"), blank=True)

    subpage_types = ["plans.UnitPage"]
    content_panels = [*PlansPage.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("unit directory")
        verbose_name_plural = _("unit directories")


class UnitPage(OpenedPage):
    """A unit's face: how to reach it, its congresses, its papers."""

    unit = models.OneToOneField(
        Unit, on_delete=models.PROTECT, related_name="page", editable=False
    )
    address = models.CharField(_("address"), max_length=255, blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    introduction = models.TextField(_("introduction"), blank=True)

    parent_page_types = ["plans.UnitIndexPage"]
    subpage_types: list[str] = []
    content_panels = [
        *PlansPage.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("address"),
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
            ],
            heading=_("How to reach the unit"),
        ),
        FieldPanel("introduction"),
    ]

    class Meta:
        verbose_name = _("unit page")
        verbose_name_plural = _("unit pages")

    def searchable_text(self) -> str:
        return f"{self.unit.qualified_name} {self.unit.code} {self.introduction}"
