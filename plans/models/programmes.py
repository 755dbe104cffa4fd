"""The programme of a congress, and the guests its unit invites."""

from collections.abc import Iterable, Sequence
from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .congresses import CongressPage
from .small_groups import Share, shares

SAMPLE = (
    ("07:00", "07:30", "Đón tiếp đại biểu, ổn định tổ chức, văn nghệ"),
    ("07:30", "07:45", "Chào cờ, tuyên bố lý do, giới thiệu đại biểu"),
    ("07:45", "07:55", "Cử Đoàn Chủ tịch, Đoàn Thư ký"),
    ("07:55", "08:10", "Thông qua chương trình, quy chế làm việc"),
    ("08:10", "08:50", "Báo cáo tổng kết nhiệm kỳ và kiểm điểm của Ủy ban"),
    ("08:50", "09:40", "Thảo luận"),
    ("09:40", "10:10", "Hiệp thương cử Ủy ban khóa mới"),
    ("10:10", "10:30", "Hiệp thương cử đại biểu dự đại hội cấp trên"),
    ("10:30", "10:50", "Thông qua nghị quyết"),
    ("10:50", "11:00", "Bế mạc"),
)
"""The usual course of a congress, in the language of its papers: a draft to start from.
"""


class ProgrammeItem(models.Model):
    """A timed item: what happens when, and who does it.

    Its day is counted from the first: it moves with the congress. Without an end it
    lasts until the next item begins.
    """

    congress = models.ForeignKey(
        CongressPage, on_delete=models.CASCADE, related_name="programme"
    )
    day = models.PositiveSmallIntegerField(
        _("day of the congress"), default=1, validators=[MinValueValidator(1)]
    )
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"), null=True, blank=True)
    content = models.CharField(_("content"), max_length=500)
    who = models.CharField(_("carried out by"), max_length=200, blank=True)

    class Meta:
        ordering = ["day", "starts_at", "pk"]
        verbose_name = _("item of the programme")
        verbose_name_plural = _("items of programmes")
        constraints = [
            models.CheckConstraint(
                condition=Q(day__gte=1), name="plans_programmeitem_day"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="plans_programmeitem_times",
                violation_error_message=_("It ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.content

    def clean(self) -> None:
        super().clean()
        # A form that was filled in wrongly has no start.
        start: time | None = self.starts_at
        if start is not None and self.ends_at and self.ends_at <= start:
            raise ValidationError({"ends_at": _("It ends before it begins.")})


def sample_programme() -> list[ProgrammeItem]:
    """The usual items, of no congress yet."""
    return [
        ProgrammeItem(
            starts_at=time.fromisoformat(start),
            ends_at=time.fromisoformat(end),
            content=content,
        )
        for start, end, content in SAMPLE
    ]


def in_order(items: Iterable[ProgrammeItem]) -> list[ProgrammeItem]:
    return sorted(items, key=lambda item: (item.day, item.starts_at))


def overlaps(
    items: Iterable[ProgrammeItem],
) -> list[tuple[ProgrammeItem, ProgrammeItem]]:
    """The items that begin while an earlier one of the day lasts, each with that."""
    found = []
    longest: ProgrammeItem | None = None
    for item in in_order(items):
        if longest is None or item.day != longest.day:
            longest = item
            continue
        lasts_until = longest.ends_at or longest.starts_at
        if item.starts_at < lasts_until or item.starts_at == longest.starts_at:
            found.append((longest, item))
        if (item.ends_at or item.starts_at) > lasts_until:
            longest = item
    return found


def programme_warnings(congress: CongressPage) -> list[str]:
    """What there is to say about the programme, though nothing of it is refused."""
    items = list(congress.programme.all())
    warnings = [
        gettext("“%(later)s” begins at %(at)s, while “%(earlier)s” still lasts.")
        % {"later": later, "earlier": earlier, "at": f"{later.starts_at:%H:%M}"}
        for earlier, later in overlaps(items)
    ]
    days = congress.number_of_days
    if items and items[-1].day > days:
        warnings.append(
            gettext("The programme has a day %(day)s; the congress lasts %(days)s.")
            % {"day": items[-1].day, "days": days}
        )
    return warnings


class GuestGroup(models.Model):
    """Guests the unit invites by itself, counted.

    The chairs of other units come besides (`CongressPage.invited_units`).
    """

    congress = models.ForeignKey(
        CongressPage, on_delete=models.CASCADE, related_name="guests"
    )
    name = models.CharField(_("group"), max_length=200)
    number = models.PositiveSmallIntegerField(
        _("how many"), validators=[MinValueValidator(1)]
    )
    names = models.TextField(
        _("names"),
        blank=True,
        help_text=_("May be left out. Erased with the dossier's personal data."),
    )
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("group of guests")
        verbose_name_plural = _("groups of guests")
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1), name="plans_guestgroup_number"
            ),
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="plans_guestgroup_once",
                violation_error_message=_("This group stands in the list already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def guest_shares(groups: Sequence[GuestGroup], *, in_full: bool) -> list[Share]:
    """The groups as a reader sees them who may see all, or not; their sum is told."""
    total = sum(group.number for group in groups)
    numbers = [(group.name, group.number) for group in groups]
    return shares(numbers, total, in_full=in_full)
