"""The main navigation: the sections under the site's home page."""

from dataclasses import dataclass

from django import template
from django.http import HttpRequest
from wagtail.models import Site

from plans.models.shown import keep

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
    if request is None or site is None:
        return []
    here = getattr(context.get("page"), "path", "")

    def read() -> list[tuple[str, str, str]]:
        pages = site.root_page.get_children().live()[:SECTIONS]
        return [(page.title, page.get_url(request) or "", page.path) for page in pages]

    return [
        Entry(title, url, _current(path, here))
        for title, url, path in keep(request, f"sections {site.pk}", read)
    ]


def _current(path: str, here: str) -> str:
    if here == path:
        return "page"
    return "true" if here.startswith(path) else ""
