"""Who works where: the truth from which rights follow."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .units import Unit


class PeriodQuerySet(models.QuerySet):
    """Rows with a first and a last day, either of which may be open."""

    def on(self, day: date) -> Self:
        return self.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=day),
            Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        )

    def current(self) -> Self:
        return self.on(timezone.localdate())

    def not_over(self) -> Self:
        """The rows that hold today or will hold later."""
        today = timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today))


def written_name(user: AbstractUser) -> str:
    """The person's name as Vietnamese write it, family name first; or the user name."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()


def name_parts(name: str) -> tuple[str, str]:
    """A name as Vietnamese write it, as last name (with the middle) and first name."""
    family, _space, given = name.rpartition(" ")
    return family, given


class Role(models.TextChoices):
    """What a person does in a unit. What a role may do: `plans.permissions`."""

    STAFF = "staff", _("staff")
    BOARD = "board", _("member of the Standing Board")
    HEAD = "head", _("head of the unit")
    EDITOR = "editor", _("editor of plans and guidance")


class Membership(models.Model):
    """A person in a unit, in a role, from a day until a day.

    Whoever has or had a role is not deleted: his account is closed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("person"),
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("unit"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(
        _("last day"),
        null=True,
        blank=True,
        help_text=_("The person's rights end by themselves after this day."),
    )

    manages_staff = models.BooleanField(
        _("manages the unit's people"),
        default=False,
        help_text=_(
            "Besides the role: keeps the list of people of the unit and those below."
        ),
    )

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["unit__path", "role", "user_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                name="plans_membership_once",
                violation_error_message=_("This person has this role there already."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="plans_membership_period",
                violation_error_message=_("The last day comes before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit}"

    @property
    def state(self) -> str:
        """Whether it holds today: "now", "later" or "over"."""
        today = timezone.localdate()
        if self.ends_on and self.ends_on < today:
            return "over"
        return "later" if self.starts_on and self.starts_on > today else "now"
