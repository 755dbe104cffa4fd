"""The main navigation: the sections under the site's home page."""

from dataclasses import dataclass

from django import template
from django.http import HttpRequest
from wagtail.models import Page, Site

register = template.Library()

SECTIONS = 5
"""How many sections the navigation holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; `current` is the value of `aria-current`."""

    title: str
    url: str
    current: str


@register.simple_tag(takes_context=True)
def main_pages(context: template.Context) -> list[Entry]:
    """The sections of the site: the first live pages under its root."""
    request: HttpRequest | None = context.get("request")
    site = Site.find_for_request(request) if request else None
    if site is None:
        return []
    here = getattr(context.get("page"), "path", "")
    return [
        Entry(page.title, page.get_url(request) or "", _current(page, here))
        for page in site.root_page.get_children().live()[:SECTIONS]
    ]


def _current(page: Page, here: str) -> str:
    if here == page.path:
        return "page"
    return "true" if here.startswith(page.path) else ""
