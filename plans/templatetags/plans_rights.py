"""How rights are called, in templates."""

from collections.abc import Iterable
from typing import Any

from django import template

from plans.actions.right_changes import RIGHT_NAMES
from plans.permissions.reasons import Place, Reason

register = template.Library()


@register.filter
def elsewhere(reason: Reason, page: Any) -> Place | None:
    return reason.elsewhere(page)


@register.filter
def right_names(rights: Iterable[str]) -> str:
    """The rights, by their keys, as the office calls them."""
    return ", ".join(str(RIGHT_NAMES[right]) for right in rights)
