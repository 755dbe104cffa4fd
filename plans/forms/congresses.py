"""The forms by which a unit prepares its congress."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.models import CongressPage, DelegateSummary, GuestGroup, ProgrammeItem
from plans.models.delegates import COUNTS, PARTITIONS

from .fields import day_field

MOST_ROWS = 60
"""How many rows a list may have: no programme or list of guests is longer."""

MORE = "more"
"""The name of the button that asks for more empty rows."""


class DaysForm(forms.Form):
    starts_on = day_field(label=_("First day"), required=False)
    ends_on = day_field(
        label=_("Last day"), required=False, help_text=_("Empty: it lasts one day.")
    )
    venue = forms.CharField(label=_("Venue"), max_length=255, required=False)


def time_field(**terms: Any) -> forms.TimeField:
    """A time of day, to the minute."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(
        widget=widget, input_formats=["%H:%M", "%H:%M:%S", "%Hh%M", "%Hg%M"], **terms
    )


class ProgrammeItemForm(forms.ModelForm):
    day = forms.TypedChoiceField(label=_("Day"), coerce=int, initial=1)
    starts_at = time_field(label=_("From"))
    ends_at = time_field(label=_("Until"), required=False)

    class Meta:
        model = ProgrammeItem
        fields = ["day", "starts_at", "ends_at", "content", "who"]

    def __init__(self, *args: Any, days: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].choices = [  # type: ignore[attr-defined]
            (number, number) for number in range(1, days + 1)
        ]

    def has_changed(self) -> bool:
        """A row that names a day and nothing else is empty."""
        return bool(set(self.changed_data) - {"day"})


class GuestGroupForm(forms.ModelForm):
    class Meta:
        model = GuestGroup
        fields = ["name", "number", "names"]
        widgets = {"names": forms.Textarea(attrs={"rows": 2})}


class RowsFormSet(forms.BaseFormSet):
    """A list that is written anew as a whole: a row that is emptied is left out.

    Works without a script: a button asks for more empty rows.
    """

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.asks_for_more = bool(data and MORE in data)
        if self.asks_for_more:
            data = data.copy()
            name = f"{self.get_default_prefix()}-TOTAL_FORMS"
            number = data.get(name, "")
            if number.isdecimal():
                data[name] = str(min(int(number[:4]) + self.extra, MOST_ROWS))
        super().__init__(data, *args, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.empty_permitted, form.use_required_attribute = True, False

    def rows(self) -> list[Any]:
        """The rows that hold something, as instances that are not saved."""
        return [form.instance for form in self.forms if form.has_changed()]


ProgrammeFormSet = forms.formset_factory(
    ProgrammeItemForm,
    RowsFormSet,
    extra=3,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
    validate_max=True,
)
GuestFormSet = forms.formset_factory(
    GuestGroupForm,
    RowsFormSet,
    extra=3,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
    validate_max=True,
)


def rows_as_initial(rows: Iterable[Any], form: Any) -> list[dict[str, Any]]:
    """What the rows hold, as a list's form is shown with."""
    return [{name: getattr(row, name) for name in form.Meta.fields} for row in rows]


class DelegatesForm(forms.ModelForm):
    """The totals of delegates, asked for as the report lists them."""

    class Meta:
        model = DelegateSummary
        fields = [
            *("summoned", "present", "counted", *COUNTS),
            *("average_age", "youngest", "oldest"),
        ]
        localized_fields = ["average_age"]

    def __init__(self, *args: Any, congress: CongressPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only for its own checks: the action says whose it is.
        self.instance.congress = congress

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [
            (_("All delegates"), self._fields("summoned", "present", "counted")),
            *((part.title, self._fields(*part.parts)) for part in PARTITIONS),
            (_("Age"), self._fields("average_age", "youngest", "oldest")),
        ]

    def _fields(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]
