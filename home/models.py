"""The first page: what this reader should see first."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from plans.models.base import PlansPage


class HomePage(PlansPage):
    introduction = models.TextField(_("introduction"), blank=True)

    subpage_types = ["plans.PlanIndexPage", "plans.UnitIndexPage"]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
