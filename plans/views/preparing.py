"""The unit's forms for its congress: days, programme, guests, delegates."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from plans.actions import preparing as actions
from plans.forms.congresses import (
    DaysForm,
    DelegatesForm,
    GuestFormSet,
    GuestGroupForm,
    ProgrammeFormSet,
    ProgrammeItemForm,
    rows_as_initial,
)
from plans.models import CongressPage, DelegateSummary
from plans.models.congresses import under_review_message
from plans.models.programmes import (
    in_order,
    programme_warnings,
    sample_programme,
)


class PrepareView(FormView):
    """Shows a part of the congress and takes it. 404 for whoever may not prepare it.

    Subclasses say which `part` it is, in the words of `plans.actions.preparing`, its
    heading, and how it is saved.
    """

    part = ""
    heading: Any = ""
    help_text: Any = ""

    @cached_property
    def congress(self) -> CongressPage:
        congresses = CongressPage.objects.visible_to(self.request.user)
        congress = get_object_or_404(
            congresses.select_related("unit__parent", "plan", "rule", "dossier"),
            pk=self.kwargs["page_id"],
        )
        if not congress.permissions_for_user(self.request.user).can_prepare():
            raise Http404
        return congress

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.is_locked = self.congress.is_under_review
        if self.is_locked and request.method == "POST":
            messages.error(request, under_review_message())
            return redirect(request.path)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.save(
                form,
                congress=self.congress,
                user=self.request.user,
                seen_before=self.request.POST.get("seen", ""),
            )
        except PermissionDenied as error:
            raise Http404 from error
        except ValidationError as error:
            return self.refused(form, error)
        messages.success(self.request, _("It is kept, and shown to the readers."))
        for warning in self.warnings():
            messages.warning(self.request, warning)
        return redirect(f"{self.congress.get_url(self.request)}#{self.part}")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def refused(self, form: Any, error: ValidationError) -> HttpResponse:
        """The form once more, with what the action said; what is there now is seen."""
        self.add_error(form, error)
        seen = self._seen()
        return self.render_to_response(
            self.get_context_data(form=form, seen=seen), status=422
        )

    def add_error(self, form: Any, error: ValidationError) -> None:
        form.add_error(None, error)

    def _seen(self) -> str:
        return actions.seen(self.congress, self.part)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "congress": self.congress,
            "rule": self.congress.rule,
            "heading": self.heading,
            "help_text": self.help_text,
            "is_locked": self.is_locked,
            "warnings": [] if self.request.method == "POST" else self.warnings(),
            "lock_message": under_review_message() if self.is_locked else "",
            "seen": kwargs.get("seen") or self.request.POST.get("seen") or self._seen(),
        }

    def save(self, form: Any, **terms: Any) -> None:
        raise NotImplementedError

    def warnings(self) -> list[str]:
        """What there is to say about what is kept, though nothing of it is refused."""
        return []


class DaysView(PrepareView):
    part = "days"
    heading = _("Days and venue")
    template_name = "plans/prepare.html"
    form_class = DaysForm

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.congress, name) for name in DaysForm.base_fields}

    def save(self, form: DaysForm, **terms: Any) -> None:
        self.congress = actions.set_days(**form.cleaned_data, **terms)

    def warnings(self) -> list[str]:
        return self.congress.day_warnings()


class RowsView(PrepareView):
    """A part that is a list."""

    template_name = "plans/prepare_rows.html"
    row_form: Any = None

    def get_initial(self) -> Any:
        return rows_as_initial(self.shown_rows(), self.row_form)

    def shown_rows(self) -> Any:
        return getattr(self.congress, self.part).all()

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if "data" in kwargs:
            # What was there is replaced as a whole.
            del kwargs["initial"]
        return kwargs

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if form.asks_for_more:
            return self.render_to_response(self.get_context_data(form=form))
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def add_error(self, form: Any, error: ValidationError) -> None:
        form.non_form_errors().extend(error.messages)


class ProgrammeView(RowsView):
    part = "programme"
    heading = _("Programme")
    help_text = _(
        "The items are put in the order of their times. An item without an end lasts"
        " until the next. Empty a row to leave it out."
    )
    form_class = ProgrammeFormSet
    row_form = ProgrammeItemForm

    def shown_rows(self) -> Any:
        rows = super().shown_rows()
        if "mau" in self.request.GET and not rows:
            return sample_programme()
        return rows

    def get_form_kwargs(self) -> dict[str, Any]:
        written = [item.day for item in self.congress.programme.all()]
        rule = self.congress.rule
        longest = (rule and rule.max_days) or 1
        days = max(self.congress.number_of_days, longest, *written)
        return super().get_form_kwargs() | {"form_kwargs": {"days": days}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offers_sample = "mau" not in self.request.GET and not self.shown_rows()
        return super().get_context_data(**kwargs) | {"offers_sample": offers_sample}

    def save(self, form: Any, **terms: Any) -> None:
        actions.set_programme(items=in_order(form.rows()), **terms)

    def warnings(self) -> list[str]:
        return programme_warnings(self.congress)


class GuestsView(RowsView):
    part = "guests"
    heading = _("Guests")
    help_text = _(
        "The chairs of other units that the plan invites are counted by themselves;"
        " here stand your own guests. Empty a row to leave it out."
    )
    form_class = GuestFormSet
    row_form = GuestGroupForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invited = self.congress.invited_units()
        return super().get_context_data(**kwargs) | {"invited": invited.count()}

    def save(self, form: Any, **terms: Any) -> None:
        actions.set_guests(groups=form.rows(), **terms)


class DelegatesView(PrepareView):
    part = "delegates"
    heading = _("Delegates")
    help_text = _(
        "Numbers only, no names. Leave empty what is not known yet. Outside of your"
        " unit and those that review it, nobody sees a group of fewer than three."
    )
    template_name = "plans/prepare_delegates.html"
    form_class = DelegatesForm

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"congress": self.congress, "instance": self.summary}
        return super().get_form_kwargs() | more

    @property
    def summary(self) -> DelegateSummary | None:
        """What is kept now: read anew, since the form writes on what it is given."""
        summaries = DelegateSummary.objects.select_related("congress")
        return summaries.filter(congress=self.congress).first()

    def save(self, form: Any, **terms: Any) -> None:
        actions.set_delegates(summary=form.instance, **terms)

    def warnings(self) -> list[str]:
        return self.summary.warnings() if self.summary else []
