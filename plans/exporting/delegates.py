"""The totals of delegates as tables: of one congress, and of many summed up."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from plans.models import DelegateSummary
from plans.models.delegates import Share

HIDDEN = "×"
"""Stands for a number that is not told."""


def summary_header() -> list[str]:
    return [_("What"), _("Group"), _("Number"), "%"]


def summary_rows(summary: DelegateSummary, *, in_full: bool) -> Iterator[list[Any]]:
    """The totals of one congress as a reader sees them who may see all, or not."""
    whole = _("All delegates")
    yield [whole, _("summoned"), summary.summoned, ""]
    if summary.present is not None:
        yield [whole, _("present"), summary.present, summary.present_percent]
    for title, groups in summary.groups(in_full=in_full):
        for share in groups:
            yield [title, share.label, *_cells(share)]
    for name in summary.ages(in_full=in_full):
        yield [_("Age"), summary.label(name), getattr(summary, name), ""]


def _cells(share: Share) -> list[Any]:
    if share.is_hidden:
        return [HIDDEN, HIDDEN]
    return [share.number, share.percent]
