"""The Party committee's record, submitting, and a dossier's dates."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import day_field


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
