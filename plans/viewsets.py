"""Listings, forms and choosers of the plugin's rows in Wagtail's admin."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import DeleteView
from wagtail.admin.views.generic.chooser import (
    ChooseResultsView,
    ChooseView,
    ChosenView,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets.chooser import BaseChooser

from plans.models import Level, Membership, Unit
from plans.models.units import UnitQuerySet


class UnitChooser(BaseChooser):
    """Names the unit with its upper unit: "Phường 3" stands in two towns."""

    def get_display_title(self, instance: Unit) -> str:
        return instance.qualified_name


class UnitColumns:
    """The listing's columns: what tells units of one name apart."""

    @property
    def columns(self) -> list[Column]:
        return [
            *super().columns,
            Column("parent", label=_("Direct upper unit")),
            Column("code", label=_("Code")),
        ]


class ChooseUnitView(UnitColumns, ChooseView):
    pass


class ChooseUnitResultsView(UnitColumns, ChooseResultsView):
    pass


class ChosenUnitView(ChosenView):
    def get_display_title(self, instance: Unit) -> str:
        return instance.qualified_name


class UnitChooserViewSet(ChooserViewSet):
    model = Unit
    icon = "site"
    choose_one_text = _("Choose a unit")
    choose_another_text = _("Choose another unit")
    per_page = 20
    base_widget_class = UnitChooser
    choose_view_class = ChooseUnitView
    choose_results_view_class = ChooseUnitResultsView
    chosen_view_class = ChosenUnitView

    def get_object_list(self) -> UnitQuerySet:
        # The search filters by no field but the key.
        current = Unit.objects.current().values("pk")
        return Unit.objects.filter(pk__in=current).select_related("parent")

    def get_urlpatterns(self) -> list[Any]:
        # Units are made in their own listing; Wagtail's address here has no form.
        return [each for each in super().get_urlpatterns() if each.name != "create"]


class DeleteUnusedView(DeleteView):
    """Says so where something still rests on what should be deleted."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except (ProtectedError, RestrictedError):
            message = _("“%s” was not deleted: something else still rests on it.")
            messages.error(self.request, message % self.object)
            return redirect(self.get_success_url())


class UnitViewSet(ModelViewSet):
    model = Unit
    delete_view_class = DeleteUnusedView
    icon = "site"
    menu_label = _("Units")
    list_display = ["name", "parent", Column("code", label=_("Code")), "level", "kind"]
    list_filter = ["level"]
    search_fields = ["name", "code"]
    ordering = ["path"]
    form_fields = [
        "code",
        "name",
        "level",
        "kind",
        "parent",
        "valid_from",
        "valid_to",
    ]
    inspect_view_enabled = True

    def get_queryset(self, request):  # type: ignore[no-untyped-def]
        return Unit.objects.select_related("parent", "level")


class LevelViewSet(ModelViewSet):
    model = Level
    delete_view_class = DeleteUnusedView
    icon = "list-ul"
    menu_label = _("Levels")
    form_fields = ["code", "name", "order"]
    list_display = ["name", "code", "order"]


class MembershipViewSet(ModelViewSet):
    model = Membership
    icon = "group"
    menu_label = _("People and units")
    list_display = ["user", "unit", "role", "starts_on", "ends_on"]
    list_filter = ["role"]
    form_fields = ["user", "unit", "role", "starts_on", "ends_on"]


class OrganisationGroup(ModelViewSetGroup):
    menu_label = _("Organisation")
    menu_icon = "group"
    items = (MembershipViewSet, UnitViewSet, LevelViewSet)


unit_chooser_viewset = UnitChooserViewSet("plans_unit_chooser")
