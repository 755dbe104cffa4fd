"""Forms of the screen of rights."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.actions.right_changes import RIGHT_NAMES

from .fields import day_field


class RightsField(forms.MultipleChoiceField):
    """Some of the rights, by their keys."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **terms: Any) -> None:
        message = _("Choose a right first.")
        super().__init__(
            label=_("Rights"),
            error_messages=dict.fromkeys(("required", "invalid_choice"), message),
            **terms,
        )


class ReasonField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Reason"),
            max_length=200,
            help_text=_("It stays in the history, and the head of the unit reads it."),
        )


class GiveForm(forms.Form):
    """Whom to give which rights, until when and why.

    `holders` are those the search found: (key, name), as the page shows them.
    """

    holder = forms.ChoiceField(
        label=_("Give to"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose a person or a unit first.")
        ),
    )
    rights = RightsField()
    ends_on = day_field(
        label=_("Last day"), required=False, help_text=_("Empty: until it is taken.")
    )
    reason = ReasonField()

    def __init__(
        self,
        *args: Any,
        holders: Iterable[tuple[str, str]],
        rights: Iterable[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].choices = list(holders)  # type: ignore[attr-defined]
        self.fields["rights"].choices = named(rights)  # type: ignore[attr-defined]


class TakeForm(forms.Form):
    rights = RightsField()
    reason = ReasonField()

    def __init__(self, *args: Any, rights: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rights"].choices = named(rights)  # type: ignore[attr-defined]


def named(rights: Iterable[str]) -> list[tuple[str, Any]]:
    """The rights with what they are called."""
    return [(right, RIGHT_NAMES[right]) for right in rights]
