"""What of a congress each reader sees of the people who come to it."""

from collections.abc import Iterable
from typing import Any

from django import template

from plans.models import DelegateSummary, GuestGroup
from plans.models.programmes import guest_shares
from plans.models.small_groups import Share
from plans.permissions import may_follow

register = template.Library()


@register.simple_tag(takes_context=True)
def follows_units(context: template.Context) -> bool:
    """Whether the reader has a board to look at."""
    return may_follow(context["request"].user)


@register.simple_tag
def delegate_groups(
    summary: DelegateSummary, in_full: bool
) -> list[tuple[str, list[Share]]]:
    """The delegates by each question, for a reader who may see all, or not."""
    return summary.groups(in_full=in_full)


@register.simple_tag
def delegate_ages(summary: DelegateSummary, in_full: bool) -> list[tuple[str, Any]]:
    """The ages that are known, with their names, for the same reader."""
    names = summary.ages(in_full=in_full)
    return [(summary.label(name), getattr(summary, name)) for name in names]


@register.simple_tag
def guest_list(
    groups: Iterable[GuestGroup], in_full: bool
) -> dict[str, int | list[tuple[Share, str]]]:
    """The groups of guests and their total; names are for who may see all."""
    rows = list(groups)
    told = guest_shares(rows, in_full=in_full)
    names = [row.names if in_full else "" for row in rows]
    return {
        "total": sum(row.number for row in rows),
        "groups": list(zip(told, names, strict=True)),
    }
