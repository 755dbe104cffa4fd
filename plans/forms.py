"""Forms of the site."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from plans.models import (
    Attachment,
    Condition,
    Decision,
    DossierItem,
    LevelRule,
    SubmittedPaper,
    Unit,
)
from plans.models.memberships import written_name


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; cleaned to a list of them."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = data or [None]
        # An empty file is refused by name, with the others kept.
        self.allow_empty_file = True
        return [super(FilesField, self).clean(upload, initial) for upload in uploads]


class AttachForm(forms.Form):
    """Files for a page, or for a paper of a dossier; or a new version of a file."""

    uploads = FilesField(
        label=_("Files"),
        max_length=None,
        error_messages={"required": _("Choose a file first.")},
    )
    item = forms.ModelChoiceField(DossierItem.objects.none(), required=False)
    replaces = forms.ModelChoiceField(
        Attachment.objects.none(), to_field_name="key", required=False
    )
    holds_personal_data = forms.BooleanField(
        label=_("holds personal data"), required=False
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items, files = self.fields["item"], self.fields["replaces"]
        items.queryset = DossierItem.objects.filter(dossier=page.pk)  # type: ignore[attr-defined]
        files.queryset = Attachment.objects.filter(page=page.pk)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        terms = super().clean() or {}
        replaces = terms.get("replaces")
        if replaces:
            terms["item"] = replaces.item
        if replaces and len(terms.get("uploads", ())) > 1:
            raise forms.ValidationError(
                _("A new version is one file: choose one, or add the others beside it.")
            )
        return terms


class AbsenceForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is left out"), max_length=300, required=False
    )


def day_field(**terms: Any) -> forms.DateField:
    """A day, chosen from the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y"], **terms
    )


class PartyRecordForm(forms.Form):
    """The number and date of what the Party committee decided."""

    number = forms.CharField(
        label=_("Number and symbol"),
        max_length=60,
        help_text=_("Of a paper without a number write that it has none."),
    )
    dated = day_field(label=_("Date"))


class SubmitForm(forms.Form):
    note = forms.CharField(
        label=_("Note for the reviewers"), max_length=2000, required=False
    )


class TermsForm(forms.Form):
    """The own dates of a dossier and its congress."""

    review_before = day_field(
        label=_("Approved before"),
        required=False,
        help_text=_("The day before is the last good one. Empty: as the plan says."),
    )
    hold_before = day_field(label=_("Congress held before"), required=False)
    lessons_before = day_field(label=_("Lessons published before"), required=False)
    report_before = day_field(label=_("Result report sent before"), required=False)
    keep_until = day_field(
        label=_("Personal data is kept until"),
        required=False,
        help_text=_("Empty: as long after the congress as the office has laid down."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)


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


class PersonChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return written_name(obj)


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


class AcknowledgeForm(forms.Form):
    """A unit of the person's, and which reading of the guidance was on the page."""

    unit = forms.ModelChoiceField(Unit.objects.none())
    version = forms.IntegerField(min_value=1)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Readers see it on the page."),
    )


class UnitChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Unit) -> str:
        return f"{obj.name} ({obj.code})"


class ChoosePilotForm(forms.Form):
    """A unit for a pilot, and for each condition of the plan a tick and a note."""

    unit = UnitChoiceField(label=_("Unit"), queryset=Unit.objects.none())

    def __init__(
        self, *args: Any, rule: LevelRule, upper_unit: Unit, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.conditions = list(rule.conditions.all())
        unit = self.fields["unit"]
        unit.queryset = Unit.objects.current().filter(  # type: ignore[attr-defined]
            parent=upper_unit, level=rule.level_id
        )
        for condition in self.conditions:
            self.fields[self._met(condition)] = forms.BooleanField(
                label=condition.text,
                error_messages={
                    "required": _("A pilot must fulfil every condition of the plan.")
                },
            )
            self.fields[self._note(condition)] = forms.CharField(
                label=_("How this is known"),
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @staticmethod
    def _met(condition: Condition) -> str:
        return f"met-{condition.pk}"

    @staticmethod
    def _note(condition: Condition) -> str:
        return f"note-{condition.pk}"

    def condition_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """For each condition its tick and its note, as bound fields."""
        return [
            (self[self._met(condition)], self[self._note(condition)])
            for condition in self.conditions
        ]

    def checks(self) -> dict[int, tuple[bool, str]]:
        """The answers as `plans.actions.congresses.choose_pilot` takes them."""
        return {
            condition.pk: (
                self.cleaned_data[self._met(condition)],
                self.cleaned_data[self._note(condition)],
            )
            for condition in self.conditions
        }
