"""The reviewer's side: what waits for him, a submission to decide on, comparing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from plans.actions import decisions as actions
from plans.actions.accesses import log_access
from plans.comparison import compare, marked_lines
from plans.forms import AssignForm, DecisionForm, TakeOverForm
from plans.inspection.texts import text_of
from plans.models import (
    Attachment,
    Decision,
    FileAccess,
    Submission,
    SubmissionStep,
)
from plans.permissions import (
    may_assign,
    may_decide,
    may_submit,
    reviewers,
    steps_for,
    units_to_take_over,
)

LATELY = 20
"""How many of the decided submissions the desk lists."""


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's units, what will, and what they decided lately."""
    steps = (
        steps_for(request.user)
        .select_related(
            "unit",
            "assignee",
            "decision",
            "submission__dossier__unit__parent",
            "submission__dossier__congress__plan",
        )
        .by_deadline()
    )
    waiting = list(steps.waiting())
    coming = steps.undecided().filter(submission__closed_at=None)
    return render(
        request,
        "plans/review_desk.html",
        {
            "waiting": waiting,
            "coming": coming.exclude(pk__in=[step.pk for step in waiting]),
            "decided": steps.exclude(decision=None).order_by("-decision__decided_at")[
                :LATELY
            ],
        },
    )


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
        try:
            decision = actions.decide(step=step, user=request.user, **form.terms())
        except PermissionDenied as error:
            raise Http404 from error
        except ValidationError as error:
            form.add_error(None, error)
        else:
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
    try:
        action({"user": request.user, **form.cleaned_data})
    except PermissionDenied as error:
        raise Http404 from error
    except ValidationError as error:
        messages.error(request, error.messages[0])


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
        form = DecisionForm(papers=shown.papers.all())
    papers = compare(shown)
    files = [file.attachment.pk for paper in papers for file in paper.files]
    readable = Attachment.objects.visible_to(user).filter(pk__in=files)
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
            "papers": papers,
            "readable": set(readable.values_list("pk", flat=True)),
            "may_withdraw": may_submit(user, shown.dossier)
            and shown.is_open
            and not any(step.is_decided for step in steps),
            "assign_form": _assign_form(mine) if mine else None,
            "to_take_over": _to_take_over(user, steps, turn),
        },
        status=422 if form and form.is_bound else 200,
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


@require_safe
def compared(request: HttpRequest, old_key: Any, new_key: Any) -> HttpResponse:
    """The text of two versions of a file in one, what changed marked."""
    files = Attachment.objects.visible_to(request.user).select_related("item", "page")
    old = get_object_or_404(files, key=old_key)
    new = get_object_or_404(files, key=new_key, page=old.page_id)
    if not (old.is_servable and new.is_servable):
        raise Http404
    log_access(
        files=[file for file in (old, new) if file.holds_personal_data],
        user=request.user,
        how=FileAccess.How.VIEWED,
        address=request.META.get("REMOTE_ADDR"),
    )
    before, after = text_of(old), text_of(new)
    response = render(
        request,
        "plans/compared.html",
        {
            "old": old,
            "new": new,
            "page": old.page,
            "lines": list(marked_lines(before, after)) if before or after else [],
        },
    )
    response["Cache-Control"] = "private, no-store"
    return response
