"""How dates, deadlines and the way to a page are shown."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.inspection import allowed_types
from plans.models import Attachment
from plans.models.memberships import written_name
from plans.models.shown import keep
from plans.permissions import may_manage_some

register = template.Library()
register.filter("written_name", written_name)

SOON = 7
"""Days before a deadline from which it is shown as near."""
LONG_AGO = 90
"""Days after a deadline up to which they are counted."""


@register.filter
def decree_date(day: date | None) -> str:
    """The date as papers print it: a 0 before days below 10 and months 1 and 2 only.

    Decree 30/2020, Appendix I. The words are the paper's, in every language.
    """
    if day is None:
        return "ngày      tháng      năm"
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


@register.simple_tag
def due(before: date | None, calm: bool = False) -> SafeString:
    """A deadline in words; `before` is exclusive, so the day before is the last.

    With `calm` it is stated, without how near it is.
    """
    if before is None:
        return _due("none", _("not laid down"))
    text = _("before %(day)s") % {"day": before.strftime("%d/%m/%Y")}
    left = (before - timezone.localdate()).days - 1
    if calm:
        return _due("", text)
    if left < -LONG_AGO:
        return _due("bad", text, _("long past"))
    if left < 0:
        late = ngettext("%(days)s day late", "%(days)s days late", -left)
        return _due("bad", text, late % {"days": -left})
    if left == 0:
        return _due("warn", text, _("today is the last day"))
    words = ngettext("%(days)s day left", "%(days)s days left", left)
    return _due("warn" if left <= SOON else "", text, words % {"days": left})


def _due(tone: str, *parts: str) -> SafeString:
    spans = format_html_join(" · ", "<span>{}</span>", ((part,) for part in parts))
    return format_html('<span class="due" data-tone="{}">{}</span>', tone, spans)


@register.simple_tag(takes_context=True)
def enters_admin(context: template.Context) -> bool:
    """Whether links to the admin are shown. The admin asks for itself."""
    request = context["request"]
    user = request.user
    if not user.is_authenticated:
        return False
    return keep(
        request,
        f"enters {user.pk}",
        lambda: user.has_perm("wagtailadmin.access_admin"),
    )


@register.simple_tag(takes_context=True)
def manages_people(context: template.Context) -> bool:
    """Whether the link to the lists of people is shown. These ask for themselves."""
    request = context["request"]
    if not request.user.is_authenticated:
        return False
    return keep(
        request,
        f"manages {request.user.pk}",
        lambda: may_manage_some(request.user),
    )


@register.inclusion_tag("plans/includes/breadcrumbs.html", takes_context=True)
def breadcrumbs(context: template.Context, here: str) -> dict[str, Any]:
    """The pages above this one, from the site's first page down; the way to edit it."""
    request, page = context["request"], context["page"]

    def read() -> list[dict[str, Any]]:
        above = page.get_ancestors().filter(depth__gt=1)
        return [{"title": up.title, "url": up.get_url(request)} for up in above]

    edit_url = ""
    # A page that is previewed before it is first saved has no address yet.
    # Who does not enter the admin edits nothing: readers cost no look at their rights.
    if (
        page.pk
        and enters_admin(context)
        and page.permissions_for_user(request.user).can_edit()
    ):
        edit_url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return {
        "here": here,
        "page": page,
        "request": request,
        "crumbs": keep(request, f"crumbs {page.pk}", read) if page.pk else read(),
        "edit_url": edit_url,
        "rights_url": reverse("plans:rights", args=[page.pk]) if page.pk else "",
    }


@dataclass(frozen=True)
class Shelf:
    """The files of a page as one person sees them.

    `files` count now, `former` are their history, newest first; both are attached to
    the page itself, not to a paper of the dossier. `readable` are the keys of the files
    the person may open, those of papers too.
    """

    files: list[Attachment]
    former: list[Attachment]
    readable: set[int]
    may_attach: bool
    lock_message: str


@register.simple_tag(takes_context=True)
def shelf(context: template.Context) -> Shelf:
    page, user = context["page"], context["request"].user
    files = list(page.attachments.all()) if page.pk else []
    own = [file for file in files if file.item_id is None]
    may_attach = page.permissions_for_user(user).can_attach()
    lock = page.get_lock() if may_attach else None
    return Shelf(
        files=[file for file in own if file.is_current],
        former=[file for file in own if not file.is_current][::-1],
        readable=set(page.attachments.visible_to(user).values_list("pk", flat=True))
        if files
        else set(),
        may_attach=may_attach and not (lock and lock.for_user(user)),
        lock_message=lock.get_message(user) if lock else "",
    )


@register.simple_tag
def accepted_files() -> str:
    """What a file input lets a person choose."""
    types = allowed_types()
    accepted = [f".{file_type.extension}" for file_type in types]
    if any(file_type.family == "image" for file_type in types):
        # Phones offer their camera for this word only.
        accepted.append("image/*")
    return ",".join(accepted)


@register.simple_tag
def leaf(before: date | None) -> SafeString:
    """The last day before an exclusive deadline as a calendar leaf."""
    if before is None:
        return format_html(
            '<span class="leaf"><b>–</b><span>{}</span></span>', _("no date")
        )
    last = before - timedelta(days=1)
    return format_html(
        '<time class="leaf" datetime="{}"><b>{}</b><span>{}</span></time>',
        last.isoformat(),
        f"{last.day:02d}",
        last.strftime("%m/%Y"),
    )


@register.simple_tag
def papers(done: object, total: int | None) -> SafeString:
    """How many of the papers are there: in words and as a bar."""
    if not total:
        return SafeString("–")
    if not isinstance(done, int):
        return format_html("{}", total)
    return format_html(
        '<span class="count"><progress value="{0}" max="{1}" aria-label="{2}">'
        "</progress>{0}/{1}</span>",
        done,
        total,
        _("%(done)s of %(total)s papers") % {"done": done, "total": total},
    )
