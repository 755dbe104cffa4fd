"""Rights on submissions: who hands a dossier in, and who decides on it."""

from django.contrib.auth.models import AbstractUser
from django.db.models import Q, QuerySet

from plans.models import Decision, DossierPage, SubmissionStep, Unit
from plans.models.base import AnyUser
from plans.models.decisions import SubmissionStepQuerySet
from plans.paths import one_of

from .roles import REVIEW_DOSSIER, SUBMIT_DOSSIER
from .units import holders, may, unit_rights


def may_submit(user: AnyUser, dossier: DossierPage) -> bool:
    """Whether the user may submit the dossier, and take a submission back."""
    return may(user, SUBMIT_DOSSIER, dossier.unit)


def may_decide(user: AnyUser, step: SubmissionStep) -> bool:
    """Whether the user may decide on the step when its turn has come.

    Only who reviews in that very unit: a unit above signs for itself alone, and no
    superuser signs for a unit. Nobody decides on what he submitted, or twice on one
    submission.
    """
    submission = step.submission
    others = submission.decisions.exclude(step=step)
    return (
        step.unit.path in unit_rights(user).get(REVIEW_DOSSIER, ())
        and submission.submitted_by_id != user.pk
        and not others.filter(decided_by=user.pk).exists()
    )


def steps_for(user: AnyUser) -> SubmissionStepQuerySet:
    """The steps of the units the user reviews in, whatever their turn."""
    units = unit_rights(user).get(REVIEW_DOSSIER)
    if not units:
        return SubmissionStep.objects.none()
    return SubmissionStep.objects.filter(one_of("unit__path", units))


def steps_to_decide(user: AnyUser) -> SubmissionStepQuerySet:
    """Those of them that `may_decide` is true of, whatever their turn."""
    signed = Decision.objects.filter(decided_by=user.pk).values("submission")
    return steps_for(user).exclude(
        Q(submission__submitted_by=user.pk) | Q(submission__in=signed)
    )


def units_to_take_over(user: AnyUser, step: SubmissionStep) -> QuerySet[Unit]:
    """The units above the step's, from which the user may decide in its place.

    None for who submitted it: he moves nothing to where it suits him.
    """
    held = unit_rights(user).get(REVIEW_DOSSIER, ())
    if step.submission.submitted_by_id == user.pk:
        return Unit.objects.none()
    return Unit.objects.above(step.unit).filter(one_of("path", held))


def may_assign(user: AnyUser, step: SubmissionStep) -> bool:
    """Whether the user may say who of the step's unit handles it."""
    return step.unit.path in unit_rights(user).get(REVIEW_DOSSIER, ())


def reviewers(step: SubmissionStep) -> QuerySet[AbstractUser]:
    """The people of the step's unit it may be given to: those who may decide on it."""
    people = holders(REVIEW_DOSSIER, [step.unit.path])
    signed = step.submission.decisions.exclude(decided_by=None)
    return people.exclude(
        Q(pk=step.submission.submitted_by_id) | Q(pk__in=signed.values("decided_by"))
    )


def may_set_terms(user: AnyUser, dossier: DossierPage) -> bool:
    """Whether the user may set the dossier's dates: whoever may change the plan."""
    tester = dossier.congress.permissions_for_user(user)
    return user.is_active and tester.holds_above("change")
