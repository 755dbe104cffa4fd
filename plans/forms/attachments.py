"""Sending files, and saying that a paper does not apply."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from plans.models import Attachment, DossierItem

from .fields import FilesField


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
