"""After a congress: writing its lessons and its report, and receiving reports."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Page

from plans.actions import outcomes as actions
from plans.actions.heads import issuer_lines, place_of
from plans.exporting.tables import csv_response
from plans.forms.outcomes import LessonsForm, OutcomeForm, ReceiptForm, ReportForm
from plans.models import (
    CongressPage,
    LessonsPage,
    PlanPage,
    ResultReportPage,
    WorkingDays,
)
from plans.models.deadlines import OutcomeRow, outcome_rows
from plans.permissions import may_register_reports, may_watch_units

from .attachments import keep_each
from .refusals import told_on

ROWS_PER_PAGE = 120

SYMBOL = "BC-MTTQ-BTT"
"""The symbol a report of a standing board bears, to begin with."""


def _congress(request: HttpRequest, page_id: int) -> CongressPage:
    """The congress, for who may write what comes after it."""
    congresses = CongressPage.objects.visible_to(request.user).select_related(
        "plan__issuer", "unit__parent", "rule"
    )
    congress = get_object_or_404(congresses, pk=page_id)
    if not congress.permissions_for_user(request.user).can_write_outcomes():
        raise Http404
    return congress


def lessons(request: HttpRequest, page_id: int) -> HttpResponse:
    """Write the lessons of a congress, keep them as a draft, or publish them."""
    congress = _congress(request, page_id)
    draft = actions.draft_of(congress, LessonsPage)
    names = LessonsForm.base_fields.keys() - {"uploads", "change_note"}
    initial = {"held_on": congress.last_day} | _values(draft, names)
    form = LessonsForm(request.POST or None, request.FILES or None, initial=initial)
    return _write(request, congress, form, draft, actions.write_lessons)


def report(request: HttpRequest, page_id: int) -> HttpResponse:
    """Write the result report of a congress, keep it as a draft, or send it."""
    congress = _congress(request, page_id)
    draft = actions.draft_of(congress, ResultReportPage)
    names = ReportForm.base_fields.keys() - {"uploads", "change_note", "body"}
    initial = {
        "title": _("Results of the %s")
        % (congress.title[:1].lower() + congress.title[1:]),
        "symbol": SYMBOL,
        "issued_place": place_of(congress.unit),
        "issued_on": timezone.localdate(),
    } | _values(draft, names)
    # What has headings and levels is edited where those can be seen.
    plain = draft is None or all(
        block.block_type == "paragraph" for block in draft.body
    )
    if draft and plain:
        initial["body"] = "\n".join(block.value for block in draft.body)
    form = ReportForm(
        request.POST or None,
        request.FILES or None,
        initial=initial,
        has_files=bool(draft and draft.attachments.current().exists()),
        body=plain,
        is_issued=bool(draft and draft.first_published_at),
    )
    return _write(request, congress, form, draft, actions.write_report)


def _values(draft: Any, names: Any) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in names} if draft else {}


def _write(
    request: HttpRequest,
    congress: CongressPage,
    form: OutcomeForm,
    draft: Any,
    action: Any,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        values = form.values()
        if isinstance(form, ReportForm):
            values = _as_paper(congress, values)
        with told_on(form):
            page = action(
                congress=congress,
                user=request.user,
                values=values,
                publish=form.publishes,
            )
            keep_each(request, page, {"uploads": form.uploaded()})
            messages.success(
                request,
                _("“%s” is published.") % page
                if form.publishes
                else _(
                    "The draft is kept. Nobody else sees it before it is published."
                ),
            )
            return redirect((page if form.publishes else congress).get_url(request))
    return render(
        request,
        "plans/write_outcome.html",
        {
            "congress": congress,
            "draft": draft,
            "form": form,
            "is_report": isinstance(form, ReportForm),
            "is_over": congress.stage == CongressPage.Stage.HELD,
        },
        status=422 if form.is_bound else 200,
    )


def _as_paper(congress: CongressPage, values: dict[str, Any]) -> dict[str, Any]:
    """What was typed, with the rest of the paper's head as the plan has it."""
    if "body" in values:
        values["body"] = actions.as_paragraphs(values["body"])
    plan = congress.plan
    return {
        "issuer_lines": issuer_lines(congress.unit, like=plan),
        "signer_authority": plan.signer_authority,
        **values,
    }


def receive(request: HttpRequest, page_id: int) -> HttpResponse:
    """Enter a report in the register. 404 for who does not work where it was sent."""
    reports = ResultReportPage.objects.visible_to(request.user)
    shown = get_object_or_404(reports.select_related("receipt"), pk=page_id)
    congress: CongressPage = get_object_or_404(
        CongressPage.objects.select_related("plan__issuer", "unit__parent"),
        path=shown.path[: -Page.steplen],
    )
    if not may_register_reports(request.user, congress.plan):
        raise Http404
    receipt = getattr(shown, "receipt", None)
    initial = {
        "number": receipt.number if receipt else "",
        "received_on": receipt.received_on if receipt else timezone.localdate(),
    }
    form = ReceiptForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            actions.register_report(
                report=shown, user=request.user, **form.cleaned_data
            )
            messages.success(request, _("The report is entered in the register."))
            return redirect(shown.get_url(request))
    return render(
        request,
        "plans/receive_report.html",
        {"report": shown, "congress": congress, "receipt": receipt, "form": form},
        status=422 if form.is_bound else 200,
    )


@require_safe
def of_plan(request: HttpRequest, page_id: int) -> HttpResponse:
    """The lessons and reports of all congresses under a plan, what is late first;
    `?csv` as a table. 404 for who does not watch over the plan's units.
    """
    plans = PlanPage.objects.visible_to(request.user).select_related("issuer")
    plan = get_object_or_404(plans, pk=page_id)
    if not may_watch_units(request.user, plan):
        raise Http404
    rows = outcome_rows(plan, WorkingDays())
    if "csv" in request.GET:
        return _as_csv(plan, rows)
    return render(
        request,
        "plans/outcomes.html",
        {
            "plan": plan,
            "pages": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("trang")),
            "late": sum(bool(row.late) for row in rows),
            "waiting": sum(bool(row.report) and not row.receipt for row in rows),
            "registers": may_register_reports(request.user, plan),
        },
    )


def _as_csv(plan: PlanPage, rows: list[OutcomeRow]) -> HttpResponse:
    def day(value: Any) -> str:
        return f"{value:%d/%m/%Y}" if value else ""

    return csv_response(
        f"bao-cao-{plan.slug}-{timezone.localdate():%Y%m%d}.csv",
        [
            *(_("Code"), _("Unit"), _("Direct upper unit"), _("Last day")),
            *(_("Lessons before"), _("Lessons published")),
            *(_("Report before"), _("Report sent"), _("Received on")),
            _("Number in the register"),
        ],
        (
            (
                row.congress.unit.code,
                row.congress.unit.name,
                row.congress.unit.parent.name if row.congress.unit.parent else "",
                day(row.congress.last_day),
                day(row.lessons_before),
                _("yes") if row.lessons else "",
                day(row.report_before),
                day(row.report.sent_on or row.report.issued_on) if row.report else "",
                day(row.receipt.received_on) if row.receipt else "",
                row.receipt.number if row.receipt else "",
            )
            for row in rows
        ),
    )
