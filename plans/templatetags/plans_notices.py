"""The bell, and the way to follow a page."""

from typing import Any

from django import template

from plans.models import Notice
from plans.notifications.followed import count_reasons, nearest_choice, would_be_told
from plans.permissions import audible

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: template.Context) -> int:
    """How many notices the person has yet to read; 0 for who has not signed in."""
    user = context["request"].user
    if not user.is_authenticated:
        return 0
    unread = Notice.objects.unread()
    # Every page asks; mostly there is nothing whose page's rights need asking.
    if not unread.filter(user=user.pk).exists():
        return 0
    return audible(unread, user).count()


@register.simple_tag
def told_by_reason(page: Any) -> list[tuple[Any, int]]:
    """How many people would hear of the page's publication, by reason."""
    return count_reasons(would_be_told(page)) if page and page.pk else []


@register.inclusion_tag("plans/includes/follow_button.html", takes_context=True)
def follow_button(context: template.Context, page: Any) -> dict[str, Any]:
    """A button that follows the page; where something is chosen, what it is."""
    user = context["request"].user
    shown = bool(page and page.pk and page.live and user.is_authenticated)
    return {
        "page": page if shown else None,
        "choice": nearest_choice(user, page) if shown else None,
    }
