"""Forms about the people of a unit."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.actions.people import Terms
from plans.models import Membership, Role
from plans.text import one_line

from .fields import day_field


class NameField(forms.CharField):
    """A name or an address on one line, with nothing invisible in it."""

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")


class TermsForm(forms.Form):
    """A role, from a day until a day."""

    role = forms.ChoiceField(label=_("Role"))
    starts_on = day_field(
        label=_("First day"),
        required=False,
        help_text=_("Empty: from now on."),
    )
    ends_on = day_field(
        label=_("Last day"),
        required=False,
        help_text=_("For a deputy or a leave. The rights end by themselves after it."),
    )
    manages_staff = forms.BooleanField(
        label=_("keeps the list of people too"),
        required=False,
        help_text=_("Adds people, in this unit and below it, to the roles he has."),
    )
    reason = NameField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("For example the number of the decision. It stays in the record."),
    )

    def __init__(
        self, *args: Any, roles: Iterable[str], may_pass_on: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(Role.choices)
        self.fields["role"].choices = [(role, labels[role]) for role in roles]  # type: ignore[attr-defined]
        if not may_pass_on:
            del self.fields["manages_staff"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day comes before the first."))
        return cleaned

    def terms(self) -> Terms:
        cleaned = self.cleaned_data
        return Terms(
            cleaned["role"],
            cleaned["starts_on"],
            cleaned["ends_on"],
            cleaned.get("manages_staff", False),
        )


class AddPersonForm(TermsForm):
    full_name = NameField(label=_("Full name"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        help_text=_(
            "Where the invitation goes. Without it you get a link to hand over."
            " Whoever has an account is found by it."
        ),
    )
    username = NameField(
        label=_("User name"),
        max_length=150,
        required=False,
        help_text=_("Empty: made of the name. Whoever has an account is found by it."),
    )
    field_order = ["full_name", "email", "username"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_username(self) -> str:
        return self.cleaned_data["username"].lower()


class MembershipForm(TermsForm):
    """How a membership is to be; `seen` is how it was when the form was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        terms = Terms.of(membership)
        initial = {**vars(terms), "seen": _written(terms)}
        super().__init__(*args, initial=initial, **kwargs)
        self.now = terms

    def saw(self) -> Terms | None:
        """What was seen, where that is how it still is; otherwise nothing that is."""
        same = self.cleaned_data["seen"] == _written(self.now)
        return self.now if same else Terms("")

    def terms(self) -> Terms:
        terms = super().terms()
        if "manages_staff" not in self.fields:
            # What the person may not tick is not unticked by his saving.
            return Terms(
                terms.role, terms.starts_on, terms.ends_on, self.now.manages_staff
            )
        return terms


def _written(terms: Terms) -> str:
    return " ".join(str(value) for value in vars(terms).values())


class AccountForm(forms.Form):
    full_name = NameField(label=_("Full name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)

    def __init__(self, *args: Any, may_set_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_set_email:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _(
                "The person uses this account: he changes it himself."
            )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class EndForm(forms.Form):
    reason = NameField(label=_("Reason"), max_length=200, required=False)
    close_account = forms.BooleanField(
        label=_("close the account too: the person has no other role"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, may_close: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_close:
            del self.fields["close_account"]


class NoteForm(forms.Form):
    reason = NameField(label=_("Reason"), max_length=200, required=False)


class PeopleFileForm(forms.Form):
    file = forms.FileField(
        label=_("List of people"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=_("Excel (.xlsx) or CSV, at most 1000 people."),
    )
