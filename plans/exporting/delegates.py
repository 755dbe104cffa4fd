"""The totals of delegates as tables: of one congress, and of many summed up."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from plans.delegate_totals import DelegateTotal
from plans.models import DelegateSummary
from plans.models.delegates import PARTITIONS, Partition
from plans.models.small_groups import Share

AGES = ("average_age", "youngest", "oldest")

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


def totals_header() -> list[str]:
    """The columns of the totals by upper unit: each group's number, then its share."""
    groups = [
        f"{partition.title}: {DelegateSummary.label(name)}"
        for partition, name in _asked()
    ]
    return [
        *(_("Unit"), _("Congresses"), _("Congresses with numbers")),
        *(_("Summoned"), _("Present"), "%"),
        *(cell for group in groups for cell in (group, "%")),
        *(DelegateSummary.label(name) for name in AGES),
    ]


def totals_rows(totals: Iterable[DelegateTotal]) -> Iterator[list[Any]]:
    for total in totals:
        yield [
            *(total.name, total.congresses, total.summaries),
            *(total.summoned, total.known_present, total.present_percent),
            *(
                cell
                for _partition, name in _asked()
                for cell in (total.number(name), total.percent(name))
            ),
            *(total.average_age, total.youngest, total.oldest),
        ]


def _asked() -> list[tuple[Partition, str]]:
    return [(partition, name) for partition in PARTITIONS for name in partition.parts]
