"""Forms for what comes after a congress."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import FilesField, day_field

PUBLISH = "publish"
"""The name of the button that publishes; the other one keeps a draft."""


def text_field(rows: int, **terms: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(widget=widget, required=False, **terms)


class OutcomeForm(forms.Form):
    """What is asked for at least once it is published; a draft may lack anything."""

    asked_for: tuple[str, ...] = ()

    uploads = FilesField(
        label=_("Files"),
        required=False,
        help_text=_("For example the signed paper, scanned or photographed."),
    )
    change_note = text_field(
        2,
        label=_("What was changed"),
        help_text=_("Readers see this note: the paper has been sent already."),
    )

    def __init__(self, *args: Any, is_issued: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_issued:
            self.asked_for = (*self.asked_for, "change_note")
        else:
            del self.fields["change_note"]

    @property
    def publishes(self) -> bool:
        return PUBLISH in self.data

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in self.asked_for if self.publishes else ():
            if name in self.fields and not values.get(name) and name not in self.errors:
                self.add_error(name, _("This is asked for before it is published."))
        return values

    def uploaded(self) -> list[Any]:
        return [each for each in self.cleaned_data["uploads"] if each]

    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the page's fields."""
        return {k: v for k, v in self.cleaned_data.items() if k != "uploads"}


class LessonsForm(OutcomeForm):
    """The lessons of a congress, as the meeting held after it found them."""

    asked_for = ("held_on", "lessons")

    held_on = day_field(label=_("Meeting held on"), required=False)
    organisers = forms.CharField(
        label=_("Organised by"), max_length=255, required=False
    )
    strengths = text_field(5, label=_("Strengths and their causes"))
    limits = text_field(5, label=_("Limits and their causes"))
    causes = text_field(3, label=_("Common causes"))
    lessons = text_field(6, label=_("Lessons"))

    field_order = ("held_on", "organisers", "strengths", "limits", "causes", "lessons")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("change_note", None)


class ReportForm(OutcomeForm):
    """The result report: what its head says, and its text."""

    asked_for = ("title", "issued_on")

    title = forms.CharField(label=_("Subject"), max_length=255)
    number = forms.IntegerField(
        label=_("Number"), min_value=1, max_value=99999, required=False
    )
    symbol = forms.CharField(label=_("Symbol"), max_length=60, required=False)
    issued_place = forms.CharField(label=_("Place"), max_length=100, required=False)
    issued_on = day_field(label=_("Date of issue"), required=False)
    body = text_field(
        9,
        label=_("Text of the report"),
        help_text=_("A paragraph on each line."),
    )
    signer_title = forms.CharField(
        label=_("Signer's title"), max_length=120, required=False
    )
    signer_name = forms.CharField(
        label=_("Signer's name"), max_length=120, required=False
    )

    field_order = (
        *("title", "number", "symbol", "issued_place", "issued_on", "body"),
        *("signer_title", "signer_name", "uploads", "change_note"),
    )

    def __init__(self, *args: Any, has_files: bool, body: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_files = has_files
        if not body:
            del self.fields["body"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "body" not in self.fields or not self.publishes or self.has_files:
            return values
        if not values.get("body") and not any(values.get("uploads") or ()):
            self.add_error("body", _("Write the text, or attach the signed report."))
        return values


class ReceiptForm(forms.Form):
    """The entry in the register of the office that received a report."""

    number = forms.CharField(label=_("Number in the register"), max_length=60)
    received_on = day_field(label=_("Received on"))
