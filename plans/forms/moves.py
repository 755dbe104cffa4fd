"""The form of moving units."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class MoveUnitsForm(forms.Form):
    """The lines of a move: typed, or read from a file, which then stands as typed."""

    LARGEST = 1024 * 1024

    day = forms.DateField(
        label=_("First day of the new units"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    file = forms.FileField(
        label=_("CSV file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
        help_text=_("It takes the place of what stands below."),
    )
    lines = forms.CharField(
        label=_("Lines"),
        required=False,
        max_length=LARGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    reviewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_file(self) -> str:
        """The text of the file, or an empty one."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > self.LARGEST:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            message = _("%s is not UTF-8 text.") % file.name
            raise forms.ValidationError(message) from None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["lines"] = values.get("file") or values.get("lines", "")
        if not self.errors and not values["lines"].strip():
            self.add_error("lines", _("Choose a file, or write the lines here."))
        return values
