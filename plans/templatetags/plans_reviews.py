"""How far the review of a dossier is, as one person sees it."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from plans.actions.submissions import gaps
from plans.forms.reviews import DecisionForm
from plans.models import PaperVerdict, Submission, SubmissionStep, SubmittedPaper
from plans.permissions import may_submit

register = template.Library()


@register.filter
def of(mapping: dict[Any, Any], key: Any) -> Any:
    """What the mapping holds for the key, or None."""
    return mapping.get(key)


@register.inclusion_tag("plans/includes/paper_fields.html")
def paper_fields(form: DecisionForm, paper: SubmittedPaper) -> dict[str, Any]:
    """The form's questions about one paper."""
    verdict, reason = form.fields_of(paper)
    return {"verdict": verdict, "reason": reason, "title": paper.title}


@register.simple_tag
def field_as(field: BoundField, suffix: Any) -> SafeString:
    """The field with a suffix to its id: the same form twice on a page."""
    return field.as_widget(attrs={"id": f"{field.id_for_label}-{suffix}"})


@dataclass(frozen=True)
class Review:
    """The dossier's submissions, the newest first, and what may be done now.

    `gaps` is what is missing before it can be submitted; `verdicts` is what the last
    submission's decisions say of the papers, by the key of the dossier paper.
    """

    submissions: list[Submission]
    steps: list[SubmissionStep]
    verdicts: dict[int | None, list[PaperVerdict]]
    gaps: list[str]
    may_submit: bool
    may_take_back: bool

    @property
    def last(self) -> Submission | None:
        return self.submissions[0] if self.submissions else None


@register.simple_tag(takes_context=True)
def review(context: template.Context) -> Review:
    dossier, user = context["page"], context["request"].user
    submissions = list(dossier.submissions.all()) if dossier.pk else []
    last = submissions[0] if submissions else None
    steps = last.steps.select_related("unit", "decision", "taken_from") if last else []
    may = bool(dossier.pk) and may_submit(user, dossier)
    is_open = bool(last and last.is_open)
    return Review(
        submissions=submissions,
        steps=list(steps),
        verdicts=_verdicts(last) if last else {},
        gaps=gaps(dossier) if may and not is_open else [],
        may_submit=may and not is_open,
        may_take_back=may and is_open and not any(step.is_decided for step in steps),
    )


def _verdicts(submission: Submission) -> dict[int | None, list[PaperVerdict]]:
    rows = PaperVerdict.objects.filter(decision__submission=submission)
    found: dict[int | None, list[PaperVerdict]] = {}
    for row in rows.select_related("paper", "decision__step__unit"):
        found.setdefault(row.paper.item_id, []).append(row)
    return found
