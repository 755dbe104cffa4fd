"""How far a congress is: the stages a plan leads it through.

Which there are follows from the plan: its level rules name the steps of a review and
say whether the Party committee comes first, its guidance asks to be confirmed or does
not. To add a stage is to add an entry to `stages_of`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q, Subquery, Value
from django.db.models import ExpressionWrapper as Wrapped
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from wagtail.models import Page

from plans.models import (
    Acknowledgement,
    Attachment,
    CongressPage,
    Decision,
    DossierItem,
    GuidancePage,
    LessonsPage,
    Level,
    LevelRule,
    PlanPage,
    ReportReceipt,
    ResultReportPage,
    Submission,
    WorkingDays,
)
from plans.models.deadlines import hold_deadline, lessons_deadline, report_deadline
from plans.paths import LAST

State = Submission.State
COUNTING = {State.UNDER_REVIEW, State.APPROVED}
"""The states of a submission that has not come back."""

Facts = Any
"""What was read of a congress: an attribute for each column."""


def _never(facts: Facts) -> date | None:
    return None


def _always(facts: Facts) -> bool:
    return True


def _nothing(facts: Facts) -> str:
    return ""


@dataclass(frozen=True)
class Stage:
    """A step on the way of a congress.

    `reads` are the columns it needs, as annotations of a congress. The rest answers
    from the facts read: since which day it is reached, before which day it is due
    (exclusive), whether it concerns this congress at all, what has gone wrong with it,
    in words. `leads_to` is the address of the thing itself.
    """

    key: str
    label: str | Promise
    since: Callable[[Facts], date | None]
    leads_to: Callable[[CongressPage], str]
    reads: Mapping[str, Any] = field(default_factory=dict)
    due: Callable[[Facts], date | None] = _never
    applies: Callable[[Facts], bool] = _always
    trouble: Callable[[Facts], str] = _nothing


def stages_of(plan: PlanPage, rules: Iterable[LevelRule]) -> list[Stage]:
    """The stages of the plan's congresses, in their order."""
    rules, days = list(rules), WorkingDays()
    return [
        Stage(
            "chosen",
            _("Chosen"),
            lambda facts: facts.selected_on or _day(facts.first_published_at),
            _congress,
        ),
        Stage(
            "complete",
            _("Dossier complete"),
            _complete_since,
            lambda congress: f"{_url(congress.dossier)}#tep",
            {"lacks_papers": Exists(_missing_papers()), "last_file_at": _last_file()},
            due=_review_before,
        ),
        *_party_stage(rules),
        Stage(
            "submitted",
            _("Dossier submitted"),
            lambda facts: _day(facts.submitted_at) if _counts(facts) else None,
            _submission,
            {
                "last_state": Subquery(_submissions().values("state")[:1]),
                "submitted_at": Subquery(_submissions().values("submitted_at")[:1]),
                "last_submission": Subquery(_submissions().values("pk")[:1]),
            },
            due=_review_before,
            trouble=lambda facts: (
                _("returned") if facts.last_state == State.RETURNED else ""
            ),
        ),
        *_review_stages(rules),
        Stage(
            "dated",
            _("Day set"),
            lambda facts: facts.starts_on,
            _congress,
            due=hold_deadline,
        ),
        Stage("held", _("Held"), _held_since, _congress, due=hold_deadline),
        Stage(
            "lessons",
            _("Lessons learned"),
            lambda facts: _day(facts.lessons_at),
            _below(LessonsPage),
            {"lessons_at": _published_below(LessonsPage)},
            due=lambda facts: lessons_deadline(facts, days),
            applies=lambda facts: facts.is_pilot,
        ),
        Stage(
            "report",
            _("Result report"),
            lambda facts: _day(facts.report_at),
            _below(ResultReportPage),
            {"report_at": _published_below(ResultReportPage)},
            due=lambda facts: report_deadline(facts, days),
            applies=_is_to_report,
        ),
        Stage(
            "received",
            _("Report received"),
            lambda facts: facts.received_on,
            _below(ResultReportPage),
            {"received_on": _received_on()},
            applies=_is_to_report,
        ),
        *_guidance_stage(plan),
    ]


# The Party committee and the reviews


def _party_stage(rules: list[LevelRule]) -> Iterator[Stage]:
    asked = {rule.pk for rule in rules if rule.party_first}
    if not asked:
        return
    records = DossierItem.objects.filter(
        Exists(Attachment.objects.current().filter(item=OuterRef("pk"))),
        dossier=OuterRef("dossier"),
        is_party_record=True,
    )
    yield Stage(
        "party",
        _("Passed by the Party committee"),
        lambda facts: facts.party_on,
        lambda congress: f"{_url(congress.dossier)}#tep",
        {"party_on": Subquery(records.values("dated")[:1])},
        due=_review_before,
        applies=lambda facts: facts.rule_id in asked,
    )


def _review_stages(rules: list[LevelRule]) -> Iterator[Stage]:
    """A stage for each level that reviews, the lowest first."""
    asked: dict[Level, set[int]] = {}
    for rule in rules:
        for step in rule.review_steps.all():
            asked.setdefault(step.level, set()).add(rule.pk)
    for level in sorted(asked, key=lambda level: -level.order):
        yield _review_stage(level, asked[level])


def _review_stage(level: Level, rules: set[int]) -> Stage:
    name = f"approved_by_{level.pk}"
    decisions = Decision.objects.filter(
        submission=OuterRef("last_submission"),
        step__level=level,
        verdict=Decision.Verdict.APPROVED,
    )
    return Stage(
        f"review-{level.code}",
        _("Approved by %(level)s") % {"level": level},
        lambda facts: _day(getattr(facts, name)) if _counts(facts) else None,
        _submission,
        {name: Subquery(decisions.values("decided_at")[:1])},
        due=_review_before,
        applies=lambda facts: facts.rule_id in rules,
    )


# Guidance to be read


def _guidance_stage(plan: PlanPage) -> Iterator[Stage]:
    """Whether the unit has confirmed all guidance of the plan that asks for it."""
    asking = list(
        GuidancePage.objects.in_force()
        .child_of(plan)
        .filter(must_acknowledge=True)
        .select_related("issuer")
    )
    if not asking:
        return
    reads: dict[str, Any] = {
        "read_at": Subquery(
            Acknowledgement.objects.filter(unit=OuterRef("unit"), guidance__in=asking)
            .order_by("-at")
            .values("at")[:1]
        )
    }
    for guidance in asking:
        addressed = Exists(guidance.addressed_units.filter(pk=OuterRef("unit")))
        read = Exists(
            Acknowledgement.objects.filter(
                guidance=guidance,
                unit=OuterRef("unit"),
                version=guidance.reading_version,
            )
        )
        reads[f"is_sent_{guidance.pk}"] = addressed
        reads[f"lacks_{guidance.pk}"] = Wrapped(
            Q(addressed) & ~Q(read), output_field=BooleanField()
        )

    def unread(facts: Facts) -> list[GuidancePage]:
        return [each for each in asking if getattr(facts, f"lacks_{each.pk}")]

    def due(facts: Facts) -> date | None:
        days = [each.acknowledge_before for each in unread(facts)]
        return min((day for day in days if day), default=None)

    def leads_to(congress: CongressPage) -> str:
        return _url(asking[0])

    yield Stage(
        "guidance",
        _("Guidance read"),
        lambda facts: None if unread(facts) else _day(facts.read_at),
        leads_to,
        reads,
        due=due,
        applies=lambda facts: any(
            getattr(facts, f"is_sent_{each.pk}") for each in asking
        ),
    )


# What the stages ask


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _counts(facts: Facts) -> bool:
    return facts.last_state in COUNTING


def _review_before(facts: Facts) -> date | None:
    rule = facts.rule
    return facts.dossier__review_before or (rule.review_before if rule else None)


def _complete_since(facts: Facts) -> date | None:
    if facts.lacks_papers:
        return None
    return _day(facts.last_file_at or facts.first_published_at)


def _held_since(facts: Facts) -> date | None:
    last = facts.last_day
    return last if last and last < timezone.localdate() else None


def _is_to_report(facts: Facts) -> bool:
    """Pilots report to the issuer; others where the plan or their own date says so."""
    within = facts.rule.report_within if facts.rule else None
    return facts.is_pilot or within is not None or facts.report_before is not None


def _missing_papers() -> Any:
    """The papers beside the Party committee's record that are not there."""
    files = Attachment.objects.current().filter(item=OuterRef("pk"))
    return DossierItem.objects.filter(
        ~Exists(files),
        dossier=OuterRef("dossier"),
        is_party_record=False,
        absence_reason="",
    )


def _last_file() -> Subquery:
    files = Attachment.objects.current().filter(page=OuterRef("dossier"))
    return Subquery(files.order_by("-uploaded_at").values("uploaded_at")[:1])


def _submissions() -> Any:
    submissions = Submission.objects.filter(dossier=OuterRef("dossier"))
    return submissions.order_by("-number")


def _published_below(model: type[Page]) -> Subquery:
    """When the congress's page of the model was first published."""
    pages = model._default_manager.live().filter(
        path__gt=OuterRef("path"), path__lte=Concat(OuterRef("path"), Value(LAST))
    )
    return Subquery(pages.values("first_published_at")[:1])


def _received_on() -> Subquery:
    receipts = ReportReceipt.objects.filter(
        report__path__gt=OuterRef("path"),
        report__path__lte=Concat(OuterRef("path"), Value(LAST)),
        report__live=True,
    )
    return Subquery(receipts.values("received_on")[:1])


# Where the stages lead


def _url(page: Any) -> str:
    return page.get_url() or ""


def _congress(congress: CongressPage) -> str:
    return f"{_url(congress)}#days"


def _submission(congress: CongressPage) -> str:
    last = congress.dossier.submissions.first()
    if last:
        return reverse("plans:submission", args=[last.pk])
    return f"{_url(congress.dossier)}#trinh-duyet"


def _below(model: type[Page]) -> Callable[[CongressPage], str]:
    def leads_to(congress: CongressPage) -> str:
        page = model._default_manager.child_of(congress).live().first()
        return _url(page or congress)

    return leads_to
