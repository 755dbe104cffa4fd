"""Fields that more than one form has."""

from typing import Any

from django import forms

from plans.models import Unit
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


def day_field(**terms: Any) -> forms.DateField:
    """A day, chosen from the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y"], **terms
    )


class UnitChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Unit) -> str:
        return f"{obj.name} ({obj.code})"


class PersonChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return written_name(obj)
