"""Saying that guidance was read, and withdrawing it."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plans.models import Unit


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
