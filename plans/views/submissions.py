"""The unit's side of a review: its record, submitting, taking back; and the dates."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from plans.actions import submissions as actions
from plans.actions.terms import set_terms
from plans.forms.submissions import PartyRecordForm, SubmitForm, TermsForm
from plans.models import DossierItem, DossierPage, Submission
from plans.models.congresses import OWN_DEADLINES
from plans.permissions import may_set_terms, may_submit

from .refusals import told_in_messages


def _dossier_to_submit(request: HttpRequest, **terms: Any) -> DossierPage:
    """The dossier, for who may submit it; for anybody else it does not exist."""
    dossiers = DossierPage.objects.visible_to(request.user).select_related("unit")
    dossier = get_object_or_404(dossiers, **terms)
    if not may_submit(request.user, dossier):
        raise Http404
    return dossier


@require_POST
def party_record(request: HttpRequest, item_id: int) -> HttpResponse:
    """Note the number and date of the Party committee's record."""
    item = get_object_or_404(DossierItem, pk=item_id, is_party_record=True)
    dossier = _dossier_to_submit(request, pk=item.dossier_id)
    form = PartyRecordForm(request.POST)
    if form.is_valid():
        with told_in_messages(request):
            actions.record_party_decision(
                item=item, user=request.user, **form.cleaned_data
            )
            messages.success(request, _("The number and date are kept."))
    else:
        for errors in form.errors.values():
            messages.error(request, f"{item}: {errors[0]}")
    return redirect(f"{dossier.get_url(request)}#giay-to-{item.pk}")


@require_POST
def submit(request: HttpRequest, page_id: int) -> HttpResponse:
    dossier = _dossier_to_submit(request, pk=page_id)
    form = SubmitForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    with told_in_messages(request):
        actions.submit(dossier=dossier, user=request.user, note=note)
        messages.success(request, _("The dossier has been submitted for review."))
    return redirect(f"{dossier.get_url(request)}#trinh-duyet")


@require_POST
def withdraw(request: HttpRequest, submission_id: int) -> HttpResponse:
    submission = get_object_or_404(
        Submission.objects.visible_to(request.user).select_related("dossier__unit"),
        pk=submission_id,
    )
    with told_in_messages(request):
        actions.withdraw_submission(submission=submission, user=request.user)
        messages.success(request, _("The submission is taken back."))
    return redirect(f"{submission.dossier.get_url(request)}#trinh-duyet")


def terms(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show and set the dossier's own dates. 404 for whoever may not."""
    dossiers = DossierPage.objects.visible_to(request.user)
    dossier = get_object_or_404(
        dossiers.select_related("unit", "congress__rule"), pk=page_id
    )
    if not may_set_terms(request.user, dossier):
        raise Http404
    dates = {name: getattr(dossier.congress, name) for name in OWN_DEADLINES} | {
        "review_before": dossier.review_before,
        "keep_until": dossier.keep_until,
    }
    form = TermsForm(request.POST or None, initial=dates)
    if request.method == "POST" and form.is_valid():
        set_terms(dossier=dossier, user=request.user, **form.cleaned_data)
        messages.success(request, _("The dates are kept."))
        return redirect(dossier.get_url(request))
    return render(
        request,
        "plans/terms.html",
        {"dossier": dossier, "form": form},
        status=422 if form.is_bound else 200,
    )
