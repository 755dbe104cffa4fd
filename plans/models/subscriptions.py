"""What people follow by their own choice, and what they do not want to hear of.

What a person follows besides, because of his unit or his role, is not kept: it is asked
for when something happens (`plans.notifications.followers`).
"""

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from .units import Unit

_EMPTY = {"page": None, "unit": None, "paper_kind": "", "search": ""}


def _nothing_but(name: str) -> Q:
    """The condition that of all a person can follow, a row names this alone."""
    others = {key: value for key, value in _EMPTY.items() if key != name}
    return Q(**others) & ~Q(**{name: _EMPTY[name]})


class Subscription(models.Model):
    """What a person follows, or wants to hear nothing of: one page, unit, kind of paper
    or search.

    A row on a page holds for the pages below it too, where `and_below`; of the rows
    above a page, the nearest counts.
    """

    class PaperKind(models.TextChoices):
        """The kinds of page one may follow wherever they are, by their model's name."""

        PLAN = "planpage", _("plans")
        GUIDANCE = "guidancepage", _("guidance")
        CONGRESS = "congresspage", _("congresses")
        LESSONS = "lessonspage", _("lessons learned")
        REPORT = "resultreportpage", _("result reports")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="subscriptions",
        verbose_name=_("person"),
    )
    page = models.ForeignKey(
        Page,
        on_delete=models.CASCADE,
        null=True,
        related_name="subscriptions",
        verbose_name=_("page"),
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.CASCADE,
        null=True,
        related_name="subscriptions",
        verbose_name=_("unit"),
    )
    paper_kind = models.CharField(
        _("kind of paper"), max_length=40, blank=True, choices=PaperKind
    )
    search = models.CharField(_("search"), max_length=200, blank=True)
    and_below = models.BooleanField(_("and all below"), default=True)
    is_muted = models.BooleanField(_("nothing is told"), default=False)
    by_mail = models.BooleanField(_("by e-mail too"), default=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page"], name="plans_subscription_page"
            ),
            models.UniqueConstraint(
                fields=["user", "unit"], name="plans_subscription_unit"
            ),
            models.UniqueConstraint(
                fields=["user", "paper_kind"],
                condition=~Q(paper_kind=""),
                name="plans_subscription_kind",
            ),
            models.UniqueConstraint(
                fields=["user", "search"],
                condition=~Q(search=""),
                name="plans_subscription_search",
            ),
            models.CheckConstraint(
                condition=reduce(or_, map(_nothing_but, _EMPTY)),
                name="plans_subscription_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(is_muted=False) | Q(page__isnull=False, and_below=True),
                name="plans_subscription_muted_page",
            ),
        ]

    def __str__(self) -> str:
        kind = self.get_paper_kind_display()
        return str(self.page or self.unit or kind or f"“{self.search}”")
