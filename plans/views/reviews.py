"""The reviewer's side: what waits for him, and a submission to decide on."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from plans.actions import decisions as actions
from plans.comparison import (
    add_verdicts,
    compare_papers,
    compare_text,
    contents_of,
)
from plans.forms.reviews import AssignForm, DecisionForm, TakeOverForm
from plans.models import (
    Decision,
    Submission,
    SubmissionStep,
)
from plans.models.decisions import SubmissionStepQuerySet
from plans.permissions import (
    may_assign,
    may_decide,
    may_submit,
    reviewers,
    steps_for,
    steps_to_decide,
    units_to_take_over,
)

from .comparisons import readable_files
from .refusals import told_in_messages, told_on

LATELY = 20
"""How many of the decided submissions the desk lists."""


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's units, what will, and what they decided lately."""
    user = request.user
    steps = _listed(steps_for(user))
    waiting = list(_listed(steps_to_decide(user)).waiting())
    own = [step for step in waiting if step.assignee_id in {None, user.pk}]
    coming = steps.undecided().filter(submission__closed_at=None)
    return render(
        request,
        "plans/review_desk.html",
        {
            "waiting": own,
            "with_others": [step for step in waiting if step not in own],
            "coming": coming.exclude(pk__in=[step.pk for step in waiting]),
            "decided": steps.exclude(decision=None).order_by("-decision__decided_at")[
                :LATELY
            ],
        },
    )


def _listed(steps: SubmissionStepQuerySet) -> SubmissionStepQuerySet:
    """The steps with all their list shows, the nearest deadline first."""
    return steps.select_related(
        "unit",
        "assignee",
        "decision",
        "submission__dossier__unit__parent",
        "submission__dossier__congress__plan",
    ).by_deadline()


def _visible(request: HttpRequest, **terms: Any) -> Submission:
    """The submission, for who may read its dossier."""
    submissions = Submission.objects.visible_to(request.user).select_related(
        "dossier__unit__parent", "dossier__congress__plan", "dossier__congress__rule"
    )
    return get_object_or_404(submissions, **terms)


def _step(request: HttpRequest, step_id: int) -> SubmissionStep:
    steps = SubmissionStep.objects.filter(
        submission__in=Submission.objects.visible_to(request.user)
    )
    return get_object_or_404(steps.select_related("submission__dossier"), pk=step_id)


@require_safe
def submission(request: HttpRequest, submission_id: int) -> HttpResponse:
    """What was submitted, how far it is, and the form for whose turn it is."""
    return _show(request, _visible(request, pk=submission_id))


@require_POST
def decide(request: HttpRequest, step_id: int) -> HttpResponse:
    step = _step(request, step_id)
    if not may_decide(request.user, step):
        raise Http404
    papers = step.submission.papers.all()
    form = DecisionForm(request.POST, papers=papers)
    if form.is_valid():
        with told_on(form):
            decision = actions.decide(step=step, user=request.user, **form.terms())
            messages.success(request, _told(decision))
            return redirect("plans:review_desk")
    return _show(request, _visible(request, pk=step.submission_id), form)


def _told(decision: Decision) -> str:
    dossier = decision.submission.dossier
    if decision.verdict == Decision.Verdict.RETURNED:
        return _("“%s” has been returned.") % dossier
    if Submission.objects.open().filter(pk=decision.submission_id).exists():
        return _("“%s” has been approved; the next unit decides now.") % dossier
    return _("“%s” has been approved by all.") % dossier


@require_POST
def take_over(request: HttpRequest, step_id: int) -> HttpResponse:
    step = _step(request, step_id)
    units = units_to_take_over(request.user, step)
    if not units.exists():
        raise Http404
    form = TakeOverForm(request.POST, units=units)
    _do(request, form, lambda terms: actions.take_over(step=step, **terms))
    return redirect("plans:submission", step.submission_id)


@require_POST
def assign(request: HttpRequest, step_id: int) -> HttpResponse:
    step = _step(request, step_id)
    if not may_assign(request.user, step):
        raise Http404
    form = AssignForm(request.POST, people=reviewers(step))
    _do(request, form, lambda terms: actions.assign(step=step, **terms))
    return redirect("plans:submission", step.submission_id)


def _do(request: HttpRequest, form: Any, action: Any) -> None:
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return
    with told_in_messages(request):
        action({"user": request.user, **form.cleaned_data})


def _show(
    request: HttpRequest, shown: Submission, form: DecisionForm | None = None
) -> HttpResponse:
    user = request.user
    steps = list(
        shown.steps.select_related(
            "unit", "level", "taken_from", "assignee", "decision"
        )
    )
    turn = {step.pk for step in shown.steps.waiting()}
    mine = next(
        (step for step in steps if step.pk in turn and may_decide(user, step)), None
    )
    if mine and form is None:
        form = DecisionForm(papers=shown.papers.all(), initial=_met_with(steps))
    now = contents_of(shown)
    before = contents_of(shown.previous) if shown.previous else None
    papers = compare_papers(now, before)
    add_verdicts(papers, shown)
    return render(
        request,
        "plans/submission.html",
        {
            "submission": shown,
            "dossier": shown.dossier,
            "steps": steps,
            "turn": turn,
            "mine": mine,
            "form": form,
            "texts": compare_text(now, before),
            "papers": papers,
            "sides": before and _sides(shown),
            "readable": readable_files(user, papers),
            "may_withdraw": may_submit(user, shown.dossier)
            and shown.is_open
            and not any(step.is_decided for step in steps),
            "assign_form": _assign_form(mine) if mine else None,
            "to_take_over": _to_take_over(user, steps, turn),
        },
        status=422 if form and form.is_bound else 200,
    )


def _met_with(steps: list[SubmissionStep]) -> dict[str, Any]:
    """The number and date of what another unit signed in the same meeting."""
    signed = [step.decision for step in steps if step.is_decided and step.order == 1]
    if not steps[0].submission.is_joint or not signed:
        return {}
    return {"number": signed[0].number, "dated": signed[0].dated}


def _sides(shown: Submission) -> tuple[str, str]:
    """What the columns are called."""
    before = shown.previous.number if shown.previous else 0
    return (
        _("Submission %(number)s") % {"number": before},
        _("Submission %(number)s") % {"number": shown.number},
    )


def _assign_form(step: SubmissionStep) -> AssignForm | None:
    """The form that gives the step to one of its unit, where that has several."""
    people = reviewers(step)
    return AssignForm(people=people) if len(people) > 1 else None


def _to_take_over(
    user: Any, steps: list[SubmissionStep], turn: set[int]
) -> list[tuple[SubmissionStep, TakeOverForm]]:
    """The steps a unit above could decide on in place of theirs, with the form."""
    waiting = [step for step in steps if step.pk in turn]
    choices = ((step, units_to_take_over(user, step)) for step in waiting)
    return [(step, TakeOverForm(units=units)) for step, units in choices if units]
