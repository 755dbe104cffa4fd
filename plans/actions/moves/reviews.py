"""Open reviews whose deciding unit ends."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _
from wagtail.models import Page

from plans.actions.pages import log_pages
from plans.actions.submissions import record_waiting
from plans.models import Submission, SubmissionStep, Unit
from plans.paths import lies_below

from .reading import Passage

STEP_PASSED = "plans.review.pass_on"


def lock_dossiers(codes: set[str]) -> None:
    """Hold the dossiers of the units with these codes and of all below them.

    Whoever submits or decides takes turns by these rows: a step that is frozen before
    the move passes on, one that is frozen after it knows of the move.
    """
    paths = Unit.objects.filter(code__in=codes).values_list("path", flat=True)
    dossiers = Page.objects.filter(lies_below("dossierpage__unit__path", paths))
    list(dossiers.order_by("pk").values_list("pk").select_for_update(of=("self",)))


def pass_steps(passages: Sequence[Passage], *, user: Any) -> None:
    """Pass the undecided steps of the units that end to their heirs.

    Where the heir has a step of its own to decide there, the other falls away, as it
    would if the dossier were submitted now.
    """
    by_old = {passage.old.pk: passage for passage in passages if passage.is_heir}
    open_steps = SubmissionStep.objects.filter(
        submission__state=Submission.State.UNDER_REVIEW
    )
    concerned = open_steps.undecided().filter(unit__in=by_old).values("submission")
    rows = (
        open_steps.filter(submission__in=concerned)
        .select_related("submission__dossier", "decision")
        .order_by("submission", "order", "-level__order")
    )
    changed: list[SubmissionStep] = []
    dropped: list[SubmissionStep] = []
    passed: list[tuple[SubmissionStep, Passage]] = []
    for _key, group in groupby(rows, attrgetter("submission_id")):
        steps = list(group)
        passed += _pass(steps, by_old)
        kept = _once_a_unit([step for step in steps if not step.is_decided])
        _renumber(steps, kept)
        changed += kept
        dropped += [each for each in steps if not (each.is_decided or each in kept)]
    for step, passage in passed:
        _tell(step, passage, falls_away=step in dropped)
    log_pages(
        entries=[
            (
                step.submission.dossier,
                {"old": str(passage.old), "heir": str(passage.new)},
            )
            for step, passage in passed
        ],
        user=user,
        action=STEP_PASSED,
    )
    SubmissionStep.objects.filter(pk__in=[step.pk for step in dropped]).delete()
    SubmissionStep.objects.bulk_update(
        changed, ["unit", "taken_from", "assignee", "order"], batch_size=500
    )
    moved = SubmissionStep.objects.filter(pk__in=[step.pk for step, _old in passed])
    record_waiting(moved, user)


def _pass(
    steps: list[SubmissionStep], by_old: dict[int, Passage]
) -> list[tuple[SubmissionStep, Passage]]:
    """Give the undecided ones of a submission's steps to the heirs; what was given."""
    passed = []
    for step in steps:
        passage = by_old.get(step.unit_id)
        if passage is None or step.is_decided:
            continue
        step.taken_from_id = step.taken_from_id or passage.old.pk
        step.unit = passage.new
        if not passage.passes_people:
            step.assignee = None
        passed.append((step, passage))
    return passed


def _once_a_unit(undecided: list[SubmissionStep]) -> list[SubmissionStep]:
    """One step for each unit: that of its own level, or else the last."""
    kept: dict[int, SubmissionStep] = {}
    for step in undecided:
        other = kept.get(step.unit_id)
        if other is None or other.level_id != step.unit.level_id:
            kept[step.unit_id] = step
    return [step for step in undecided if kept[step.unit_id] is step]


def _renumber(steps: list[SubmissionStep], kept: list[SubmissionStep]) -> None:
    """Close up the order of what is kept, after what has been decided."""
    if kept and not kept[0].submission.is_joint:
        decided = [step.order for step in steps if step.is_decided]
        for number, step in enumerate(kept, start=1 + max(decided, default=0)):
            step.order = number


def _tell(step: SubmissionStep, passage: Passage, *, falls_away: bool) -> None:
    text = _("Under review: “%(dossier)s”. %(heir)s decides in its place.")
    if falls_away:
        text = _("Under review: “%(dossier)s”. Its step falls away: %(heir)s decides.")
    values = {"dossier": step.submission.dossier, "heir": passage.new}
    passage.conflicts.append(text % values)
