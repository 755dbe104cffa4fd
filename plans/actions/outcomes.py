"""What comes after a congress: its lessons, its result report, and the receipt."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from plans.models import CongressPage, LessonsPage, ReportReceipt, ResultReportPage
from plans.models.memberships import written_name
from plans.permissions import may_register_reports

RECEIVED = "plans.report.receive"

Outcome = TypeVar("Outcome", LessonsPage, ResultReportPage)


def write_lessons(
    *,
    congress: CongressPage,
    user: Any,
    values: Mapping[str, Any],
    publish: bool,
) -> LessonsPage:
    """Write the congress's lessons, as a draft or published.

    `values` are fields of the page. Raises PermissionDenied, and ValidationError where
    the congress is not over yet, or a value is refused.
    """
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Lessons learned: %s") % congress.unit.qualified_name
    new = LessonsPage(title=title)
    return _write(congress, new, user, values, publish)


def write_report(
    *,
    congress: CongressPage,
    user: Any,
    values: Mapping[str, Any],
    publish: bool,
) -> ResultReportPage:
    """Write the congress's result report; published it is sent to the plan's issuer.

    Raises as `write_lessons` does.
    """
    new = ResultReportPage(issuer=congress.unit, doc_type="Báo cáo")
    if publish:
        values = {"sent_on": timezone.localdate(), **values}
    return _write(congress, new, user, values, publish)


def draft_of(congress: CongressPage, model: type[Outcome]) -> Outcome | None:
    """The congress's lessons or report as last saved, published or not; or None."""
    page = model.objects.child_of(congress).first()
    return page.get_latest_revision_as_object() if page else None


def _write(
    congress: CongressPage,
    new: Outcome,
    user: Any,
    values: Mapping[str, Any],
    publish: bool,
) -> Outcome:
    if not congress.permissions_for_user(user).can_write_outcomes():
        raise PermissionDenied
    if congress.stage != CongressPage.Stage.HELD:
        raise ValidationError(_("The congress is not over yet."))
    model = type(new)
    with transaction.atomic():
        # The congress's row is the lock: two who write at once make one page.
        parent = Page.objects.select_for_update().get(pk=congress.pk)
        page = draft_of(congress, model) or new
        lock = page.get_lock() if page.pk else None
        if lock and lock.for_user(user):
            raise ValidationError(lock.get_message(user))
        for name, value in values.items():
            setattr(page, name, value)
        if page.pk is None:
            page.live = False
            page.owner = user
            parent.add_child(instance=page)
        else:
            page.full_clean()
        revision = page.save_revision(user=user, log_action=True)
        if publish:
            revision.publish(user=user)
    return model.objects.get(pk=page.pk)


def as_paragraphs(text: str) -> str:
    """Typed text as the body of a paper: a paragraph for each line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return json.dumps([{"type": "paragraph", "value": line} for line in lines])


def register_report(
    *, report: ResultReportPage, user: Any, number: str, received_on: date
) -> ReportReceipt:
    """Enter the report in the register of the office it was sent to.

    Entered again it takes the place of the entry before; the history keeps both.
    Raises PermissionDenied for who does not work there or where nothing has been sent,
    and ValidationError for a day to come or before it was sent.
    """
    congress = report.get_parent().specific
    if not may_register_reports(user, congress.plan) or not report.live:
        raise PermissionDenied
    if received_on > timezone.localdate():
        raise ValidationError({"received_on": _("The day is still to come.")})
    if report.sent_on and received_on < report.sent_on:
        raise ValidationError({"received_on": _("It was sent after that day.")})
    with transaction.atomic():
        Page.objects.select_for_update().get(pk=report.pk)
        row, _created = ReportReceipt.objects.update_or_create(
            report=report,
            defaults={
                "number": number,
                "received_on": received_on,
                "user": user,
                "user_name": written_name(user),
            },
        )
        log(
            instance=report,
            action=RECEIVED,
            user=user,
            data={"number": number, "received_on": received_on.isoformat()},
        )
    return row
