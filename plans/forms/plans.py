"""Forms for what is done with a plan as a whole."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plans.models import CongressPage, Unit

from .fields import day_field


class DeriveForm(forms.Form):
    """Which of the person's units makes its own plan."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label=_("Unit"), empty_label=None
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class PartyReportForm(forms.Form):
    """How the unit reported its plan to the Party committee of its level."""

    committee = forms.CharField(label=_("Party committee"), max_length=255)
    reported_on = day_field(label=_("Reported on"))
    reference = forms.CharField(
        label=_("Number and symbol of the paper"),
        max_length=100,
        help_text=_("The paper by which it was reported: 12-BC/MTTQ."),
    )


class OpeningForm(forms.Form):
    """Whose congresses are opened, and by when their things are due."""

    review_before = day_field(
        label=_("Dossiers approved before"),
        required=False,
        help_text=_("The day before is the last good one. Empty: as the plan says."),
    )
    hold_before = day_field(
        label=_("Congresses held before"),
        required=False,
        help_text=_("Empty: as the plan says."),
    )
    report_before = day_field(
        label=_("Result reports sent before"),
        required=False,
        help_text=_("Empty: as the plan says, counted from the congress."),
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(),
        label=_("Units"),
        error_messages={"required": _("Choose a unit first.")},
    )
    before_pilots_end = forms.BooleanField(
        label=_("Open them although not all pilots are over"), required=False
    )

    def __init__(
        self,
        *args: Any,
        units: QuerySet[Unit],
        pilots: Iterable[CongressPage],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = units  # type: ignore[attr-defined]
        if not pilots:
            del self.fields["before_pilots_end"]
