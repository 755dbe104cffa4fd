"""Deciding on a submission, in another's place too, and giving it to a person."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plans.models import Decision, SubmittedPaper, Unit

from .fields import PersonChoiceField, day_field


class DecisionForm(forms.Form):
    """A decision on a submission: for each paper, and for the whole."""

    verdict = forms.ChoiceField(choices=Decision.Verdict)
    number = forms.CharField(
        label=_("Number and symbol of the paper"), max_length=60, required=False
    )
    dated = day_field(label=_("Date of the paper"), required=False)
    text = forms.CharField(
        label=_("Opinion on the whole"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, papers: Iterable[SubmittedPaper], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.papers = list(papers)
        for paper in self.papers:
            self.fields[f"verdict-{paper.pk}"] = forms.ChoiceField(
                choices=[
                    (Decision.Verdict.APPROVED, _("accepted")),
                    (Decision.Verdict.RETURNED, _("to be done again")),
                ],
                widget=forms.RadioSelect,
                initial=Decision.Verdict.APPROVED,
                required=False,
            )
            self.fields[f"reason-{paper.pk}"] = forms.CharField(
                label=_("What has to be done"),
                max_length=2000,
                required=False,
                # The styles ask the placeholder whether anything is written.
                widget=forms.Textarea(attrs={"rows": 2, "placeholder": " "}),
            )

    def whole_fields(self) -> list[Any]:
        return [self["number"], self["dated"]]

    def fields_of(self, paper: SubmittedPaper) -> tuple[Any, Any]:
        """The verdict and the reason for a paper, as bound fields."""
        return self[f"verdict-{paper.pk}"], self[f"reason-{paper.pk}"]

    def terms(self) -> dict[str, Any]:
        """The answers as `plans.actions.decisions.decide` takes them."""
        data = self.cleaned_data
        papers = {
            paper.pk: (
                data[f"verdict-{paper.pk}"] or Decision.Verdict.APPROVED,
                data[f"reason-{paper.pk}"],
            )
            for paper in self.papers
        }
        whole = {name: data[name] for name in ("verdict", "number", "dated", "text")}
        return {"papers": papers, **whole}


class TakeOverForm(forms.Form):
    """Which unit above decides in place of another, and why."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label=_("On behalf of"), empty_label=None
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Who of the unit handles a review; nobody in particular where it is empty."""

    assignee = PersonChoiceField(
        get_user_model()._default_manager.none(),
        label=_("Handled by"),
        required=False,
        empty_label=_("anybody of the unit"),
    )

    def __init__(self, *args: Any, people: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]
