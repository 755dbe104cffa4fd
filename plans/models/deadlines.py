"""What is due, until when, and for which unit.

A deadline follows from the plan's rules, from the own dates of a dossier or a congress,
and from guidance; it stands open until what it asks for is there. `before` is exclusive
("trước ngày"): the day before is the last good one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from .calendar import ONE_DAY, WorkingDays
from .congresses import CongressPage
from .decisions import SubmissionStep
from .dossiers import DossierPage, DossierState
from .guidance import GuidancePage
from .outcomes import LessonsPage, ReportReceipt, ResultReportPage
from .plans import PlanPage
from .units import Unit, UnitQuerySet


class DeadlineKind(models.TextChoices):
    DOSSIER = "dossier", _("dossier to be approved")
    DECISION = "decision", _("submission to be decided on")
    READING = "reading", _("guidance to be read and confirmed")
    CONGRESS = "congress", _("days of the congress to be set")
    LESSONS = "lessons", _("lessons learned to be published")
    REPORT = "report", _("result report to be sent")


@dataclass(frozen=True)
class Deadline:
    """Something is due before a day; `unit` is whom it binds.

    Of guidance that several units have yet to confirm there is one in a list, with no
    unit and their `number`. `words` are the plan's own, where those are vague.
    """

    kind: DeadlineKind
    page: Any
    before: date
    unit: Unit | None = None
    number: int = 1
    words: str = ""
    submission: int | None = None

    @property
    def is_late(self) -> bool:
        return timezone.localdate() >= self.before


def hold_deadline(congress: CongressPage) -> date | None:
    """Before which day the congress must be held."""
    last = congress.rule.last_window_day if congress.rule else None
    return congress.hold_before or (last + ONE_DAY if last else None)


def lessons_deadline(congress: CongressPage, days: WorkingDays) -> date | None:
    """Before which day a pilot's lessons must be published, once its days are set."""
    within = congress.rule.lessons_within if congress.rule else None
    if not congress.is_pilot:
        return None
    return congress.lessons_before or _within(congress.last_day, within, days)


def report_deadline(congress: CongressPage, days: WorkingDays) -> date | None:
    """Before which day the result report must be sent, once the days are set."""
    within = congress.rule.report_within if congress.rule else None
    return congress.report_before or _within(congress.last_day, within, days)


def _within(last: date | None, number: int | None, days: WorkingDays) -> date | None:
    if last is None or number is None:
        return None
    return days.after(last, number) + ONE_DAY


def open_deadlines(units: Any, days: WorkingDays) -> list[Deadline]:
    """What is due from these units, the longest overdue first; six queries."""
    units = units.current()
    found = [
        *_of_dossiers(units),
        *_of_steps(units),
        *_of_guidance(units),
        *congress_deadlines(units, days),
    ]
    return sorted(found, key=lambda each: (each.before, each.kind, each.page.pk))


def _of_dossiers(units: UnitQuerySet) -> Iterable[Deadline]:
    dossiers = (
        DossierPage.objects.by_deadline()
        .with_state()
        .filter(
            ~Q(last_state=DossierState.UNDER_REVIEW) | Q(last_state=None),
            unit__in=units.with_inherited(),
            live=False,
            due_before__isnull=False,
        )
        .select_related("unit__parent")
        .listed("unit__name", "unit__path", "unit__parent__name", "unit__parent__path")
    )
    for dossier in dossiers:
        yield Deadline(DeadlineKind.DOSSIER, dossier, dossier.due_before, dossier.unit)


def _of_steps(units: UnitQuerySet) -> Iterable[Deadline]:
    steps: Any = (
        SubmissionStep.objects.waiting()
        .by_deadline()
        .filter(unit__in=units, due_before__isnull=False)
        .select_related("unit__parent", "submission__dossier")
    )
    for step in steps:
        yield Deadline(
            DeadlineKind.DECISION,
            step.submission.dossier,
            step.due_before,
            step.unit,
            submission=step.submission_id,
        )


def _of_guidance(units: UnitQuerySet) -> Iterable[Deadline]:
    guidance = (
        GuidancePage.objects.unread_by(units)
        .filter(acknowledge_before__isnull=False)
        .with_number_unread_by(units)
        .listed("acknowledge_before")
    )
    for page in guidance:
        yield Deadline(
            DeadlineKind.READING,
            page,
            page.acknowledge_before,
            number=page.number_unread,
        )


def congress_deadlines(units: UnitQuerySet, days: WorkingDays) -> list[Deadline]:
    """What is due of the units' congresses themselves; three queries."""
    today = timezone.localdate()
    congresses = (
        CongressPage.objects.live()
        .filter(Q(starts_on=None) | Q(starts_on__lt=today))
        .filter(unit__in=units.with_inherited())
        .select_related("unit__parent", "rule")
    )
    if not congresses:
        return []
    lessons, reports = _bearers(LessonsPage), _bearers(ResultReportPage)
    found = []
    for congress in congresses:
        for kind, before in _awaited(congress, days, lessons, reports):
            if before:
                vague = kind == DeadlineKind.CONGRESS and not congress.hold_before
                words = congress.rule.window_text if vague and congress.rule else ""
                found.append(
                    Deadline(kind, congress, before, congress.unit, words=words)
                )
    return found


def _awaited(
    congress: CongressPage, days: WorkingDays, lessons: set[str], reports: set[str]
) -> Iterable[tuple[DeadlineKind, date | None]]:
    if congress.starts_on is None:
        yield DeadlineKind.CONGRESS, hold_deadline(congress)
    elif congress.stage == CongressPage.Stage.HELD:
        if congress.path not in lessons:
            yield DeadlineKind.LESSONS, lessons_deadline(congress, days)
        if congress.path not in reports:
            yield DeadlineKind.REPORT, report_deadline(congress, days)


def _bearers(model: type[Page]) -> set[str]:
    """The paths of the pages with a published page of the model under them."""
    paths = model._default_manager.live().order_by().values_list("path", flat=True)
    return {path[: -Page.steplen] for path in paths}


@dataclass(frozen=True)
class OutcomeRow:
    """What has come of a congress: lessons and report, and by when they are due."""

    congress: CongressPage
    lessons: LessonsPage | None
    lessons_before: date | None
    report: ResultReportPage | None
    report_before: date | None

    @property
    def receipt(self) -> ReportReceipt | None:
        return getattr(self.report, "receipt", None)

    @property
    def late(self) -> date | None:
        """The earliest of its deadlines that are past and still open, or None."""
        missing = [
            before
            for page, before in (
                (self.lessons, self.lessons_before),
                (self.report, self.report_before),
            )
            if page is None and before and before <= timezone.localdate()
        ]
        return min(missing, default=None)


def outcome_rows(plan: PlanPage, days: WorkingDays) -> list[OutcomeRow]:
    """The plan's congresses with what has come of them, what is late first, then what
    is missing; four queries.
    """
    lessons, reports = (
        {
            page.path[: -Page.steplen]: page
            for page in model._default_manager.live()
            .descendant_of(plan)
            .select_related(*related)
        }
        for model, related in (
            (LessonsPage, ()),
            (ResultReportPage, ("receipt",)),
        )
    )
    congresses = plan.congresses.filter(live=True).select_related(
        "unit__parent", "unit__page", "rule", "level"
    )
    rows = [
        OutcomeRow(
            congress=congress,
            lessons=lessons.get(congress.path),
            lessons_before=lessons_deadline(congress, days),
            report=reports.get(congress.path),
            report_before=report_deadline(congress, days),
        )
        for congress in congresses.order_by("level__order", "unit__path")
    ]
    return sorted(
        rows,
        key=lambda row: (
            row.late or date.max,
            row.report is None,
            bool(row.receipt),
            row.congress.stage != CongressPage.Stage.HELD,
        ),
    )


class KnownDeadline(models.Model):
    """The day that a unit was last told, so that a change of it is told once.

    `version` grows with each change: a day may come back.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=DeadlineKind)
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="+", verbose_name=_("unit")
    )
    before = models.DateField(_("before"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("known deadline")
        verbose_name_plural = _("known deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "unit", "kind"], name="plans_knowndeadline_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} · {self.unit} · {self.before:%d/%m/%Y}"
