"""The account of one person, for who handles it; and the link that opens it first."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
)
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from plans.actions import accounts, invitations
from plans.forms.people import AccountForm, NoteForm
from plans.models.memberships import written_name
from plans.permissions import may_handle_account

from .refusals import told_in_messages, told_on


def _handled(request: HttpRequest, person_id: int) -> Any:
    people = get_user_model()._default_manager.select_related("invitation")
    person = get_object_or_404(people, pk=person_id)
    if not may_handle_account(request.user, person):
        raise Http404
    return person


def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """The account: its name and address, its roles, its invitation."""
    account = _handled(request, person_id)
    form = AccountForm(
        request.POST or None,
        initial={"full_name": written_name(account), "email": account.email},
        may_set_email=accounts.may_set_email(request.user, account),
    )
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            accounts.correct_account(
                person=account, actor=request.user, **form.cleaned_data
            )
            messages.success(request, _("Saved."))
            return redirect("plans:person", account.pk)
    return render(
        request,
        "plans/people/person.html",
        {
            "account": account,
            "form": form,
            "note_form": NoteForm(),
            "rows": account.memberships.select_related("unit__parent").order_by(
                "-ends_on", "unit__path"
            ),
            "in_use": account.has_usable_password(),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@never_cache
def invite(request: HttpRequest, person_id: int) -> HttpResponse:
    """Send a new link to the person's address; with `by_hand` show it, this once."""
    account = _handled(request, person_id)
    by_hand = "by_hand" in request.POST
    with told_in_messages(request):
        path = invitations.invite(person=account, actor=request.user, by_hand=by_hand)
        if by_hand:
            return render(
                request,
                "plans/people/link.html",
                {
                    "account": account,
                    "link": request.build_absolute_uri(path),
                    "last_moment": invitations.last_moment(),
                },
            )
        text = _("The invitation goes to %s.")
        messages.success(request, text % account.email)
    return redirect("plans:person", account.pk)


@require_POST
def close(request: HttpRequest, person_id: int) -> HttpResponse:
    """Close the account of somebody who has left."""
    return _switch(request, person_id, accounts.close_account)


@require_POST
def reopen(request: HttpRequest, person_id: int) -> HttpResponse:
    """Open the account again."""
    return _switch(request, person_id, accounts.open_account)


def _switch(request: HttpRequest, person_id: int, action: Any) -> HttpResponse:
    account = _handled(request, person_id)
    form = NoteForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    with told_in_messages(request):
        action(person=account, actor=request.user, reason=reason)
        messages.success(request, _("Saved."))
    return redirect("plans:person", account.pk)


class InvitationView(PasswordResetConfirmView):
    """Where an invitation leads: choosing a password. It needs no login.

    Django's view, which keeps the token out of the page's address.
    """

    template_name = "plans/people/invitation.html"
    title = gettext_lazy("Choose your password")
    token_generator = invitations.tokens

    def get_user(self, uidb64: str) -> Any:
        person = super().get_user(uidb64)
        return person if person and person.is_active else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "account": self.user,
            "login_url": resolve_url(settings.LOGIN_URL),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN)
        try:
            invitations.accept_invitation(
                person=self.user,
                token=token,
                password=form.cleaned_data["new_password1"],
            )
        except ValidationError:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        text = _("Your password is set. Sign in as %s.")
        messages.success(self.request, text % self.user.get_username())
        return redirect(settings.LOGIN_URL)
