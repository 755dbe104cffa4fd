"""Forms of the site."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from plans.models import Attachment, Condition, DossierItem, LevelRule, Unit


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
