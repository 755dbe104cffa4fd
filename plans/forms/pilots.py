"""Choosing a district's pilot."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.models import Condition, LevelRule, Unit

from .fields import UnitChoiceField


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
