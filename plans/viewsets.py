"""Listings, forms and choosers of the plugin's rows in Wagtail's admin."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.forms import modelform_factory
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, DeleteView, EditView
from wagtail.admin.views.generic.chooser import (
    ChooseResultsView,
    ChooseView,
    ChosenView,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from plans.actions import people
from plans.models import CalendarDay, Level, Membership, Unit, Webhook
from plans.models.units import UnitQuerySet
from plans.views.admin import EditPageView, RevertPageView
from plans.views.refusals import add_errors


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


class ByActionMixin:
    """Writes through an action, and shows beside the form what that refuses."""

    request: Any
    form: Any
    get_context_data: Any
    render_to_response: Any

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ValidationError as error:
            add_errors(form, error)
            messages.error(self.request, " ".join(error.messages))
            return self.render_to_response(self.get_context_data(form=form))

    def terms(self) -> people.Terms:
        names = ("role", "starts_on", "ends_on", "manages_staff")
        return people.Terms(*(self.form.cleaned_data[name] for name in names))


class AddMembershipView(ByActionMixin, CreateView):
    def save_instance(self) -> Membership:
        return people.give_role(
            person=self.form.cleaned_data["user"],
            unit=self.form.cleaned_data["unit"],
            terms=self.terms(),
            actor=self.request.user,
        )


class EditMembershipView(ByActionMixin, EditView):
    def save_instance(self) -> Membership:
        return people.change_membership(
            membership=self.object, terms=self.terms(), actor=self.request.user
        )


class EndMembershipView(ByActionMixin, DeleteView):
    """A role is ended and not deleted: who worked where stays known."""

    page_title = _("End the role of")
    success_message = _("%(model_name)s '%(object)s' has ended.")

    @property
    def confirmation_message(self) -> str:
        return gettext("End this role at once? Its rights cease now.")

    def delete_action(self) -> None:
        people.end_membership(membership=self.object, actor=self.request.user)


class MembershipViewSet(ModelViewSet):
    model = Membership
    add_view_class = AddMembershipView
    edit_view_class = EditMembershipView
    delete_view_class = EndMembershipView
    copy_view_enabled = False
    icon = "group"
    menu_label = _("People and units")
    list_display = ["user", "unit", "role", "starts_on", "ends_on"]
    list_filter = ["role"]
    terms = ["role", "starts_on", "ends_on", "manages_staff"]

    def get_form_class(self, for_update: bool = False) -> Any:
        return modelform_factory(
            self.model,
            formfield_callback=self.formfield_for_dbfield,
            fields=self.terms if for_update else ["user", "unit", *self.terms],
        )


class CalendarDayViewSet(ModelViewSet):
    model = CalendarDay
    icon = "calendar"
    menu_label = _("Holidays")
    list_display = ["day", "name", "is_working", "is_tentative"]
    list_filter = ["is_working", "is_tentative"]
    form_fields = ["day", "is_working", "name", "is_tentative", "source"]


class WebhookViewSet(ModelViewSet):
    model = Webhook
    copy_view_enabled = False
    icon = "link"
    form_fields = ["unit", "url", "secret", "is_active"]
    list_display = ["unit", "url", "is_active"]


class EditedPagesViewSet(PageViewSet):
    """Wagtail's views of pages, which mail no comments."""

    edit_view_class = EditPageView
    revisions_revert_view_class = RevertPageView


class OrganisationGroup(ModelViewSetGroup):
    menu_label = _("Organisation")
    menu_icon = "group"
    items = (
        *(MembershipViewSet, UnitViewSet, LevelViewSet, CalendarDayViewSet),
        WebhookViewSet,
    )


unit_chooser_viewset = UnitChooserViewSet("plans_unit_chooser")
