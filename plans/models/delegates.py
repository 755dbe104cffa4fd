"""The delegates of a congress as totals: who they are, never which person is what.

The columns are those of the report that verifies the delegates' standing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .congresses import CongressPage
from .small_groups import SMALL, Share, percent, shares

AGES = (MinValueValidator(16), MaxValueValidator(120))


@dataclass(frozen=True)
class Partition:
    """A question that divides all delegates; `rest` names those in none of its parts.

    Without a `rest` the parts must together be all of them.
    """

    title: str | Promise
    parts: tuple[str, ...]
    rest: str | Promise = ""


PARTITIONS = (
    Partition(_("How they became delegates"), ("ex_officio", "elected", "appointed")),
    Partition(_("Sex"), ("men", "women")),
    Partition(_("Party"), ("party_members",), _("not in the Party")),
    Partition(_("Ethnicity"), ("ethnic_minority",), _("Kinh")),
    Partition(_("Religion"), ("religious",), _("without religion")),
    Partition(
        _("Professional training"),
        ("untrained", "vocational", "college", "university", "postgraduate"),
    ),
    Partition(
        _("Political theory"),
        ("theory_none", "theory_basic", "theory_middle", "theory_high"),
    ),
)
"""What is asked about the delegates. To ask more is an entry here and its fields."""

COUNTS = tuple(name for partition in PARTITIONS for name in partition.parts)
"""The fields that count some of the delegates."""


def count_field(label: Any, **terms: Any) -> Any:
    terms = {"null": True, "blank": True} | terms
    return models.PositiveSmallIntegerField(label, **terms)


class DelegateSummary(models.Model):
    """How many delegates, and how many of them are what; empty is not known."""

    class Counted(models.TextChoices):
        SUMMONED = "summoned", _("those summoned")
        PRESENT = "present", _("those present")

    congress = models.OneToOneField(
        CongressPage, on_delete=models.CASCADE, related_name="delegates"
    )
    summoned = count_field(_("summoned"), null=False, blank=False)
    present = count_field(
        _("present"), help_text=_("Empty until the congress is held.")
    )
    counted = models.CharField(
        _("the groups are counted among"),
        max_length=10,
        choices=Counted,
        default=Counted.SUMMONED,
    )
    ex_officio = count_field(_("ex officio"))
    elected = count_field(_("sent by the level below"))
    appointed = count_field(_("appointed"))
    men = count_field(_("men"))
    women = count_field(_("women"))
    party_members = count_field(_("Party members"))
    ethnic_minority = count_field(_("ethnic minorities"))
    religious = count_field(_("of a religion"))
    untrained = count_field(_("general education only"))
    vocational = count_field(_("vocational training"))
    college = count_field(_("college"))
    university = count_field(_("university"))
    postgraduate = count_field(_("postgraduate"))
    theory_none = count_field(_("not trained in it"))
    theory_basic = count_field(_("elementary"))
    theory_middle = count_field(_("intermediate"))
    theory_high = count_field(_("advanced"))
    average_age = models.DecimalField(
        _("average age"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=AGES,
    )
    youngest = count_field(_("age of the youngest"), validators=AGES)
    oldest = count_field(_("age of the oldest"), validators=AGES)

    class Meta:
        verbose_name = _("summary of delegates")
        verbose_name_plural = _("summaries of delegates")
        constraints = [
            models.CheckConstraint(
                condition=Q(present__isnull=True) | Q(present__lte=F("summoned")),
                name="plans_delegatesummary_present",
                violation_error_message=_("More are present than were summoned."),
            ),
            models.CheckConstraint(
                condition=~Q(counted="present", present__isnull=True),
                name="plans_delegatesummary_counted",
                violation_error_message=_("Say how many are present first."),
            ),
            models.CheckConstraint(
                condition=Q(youngest__isnull=True)
                | Q(oldest__isnull=True)
                | Q(oldest__gte=F("youngest")),
                name="plans_delegatesummary_ages",
                violation_error_message=_("The oldest is younger than the youngest."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.congress}: {self.summoned}"

    @property
    def whole(self) -> int | None:
        """How many delegates the groups are counted among."""
        if self.counted == self.Counted.PRESENT:
            return self.present
        return self.summoned

    def clean(self) -> None:
        super().clean()
        if errors := dict(self._refused()):
            raise ValidationError(errors)

    def _refused(self) -> Iterator[tuple[str, str]]:
        """What cannot be: the field, and why. The constraints say the rest."""
        whole = self.whole
        if whole is not None:
            for partition in PARTITIONS:
                yield from self._refused_parts(partition, whole)
        if self.average_age is not None:
            if self.youngest is not None and self.average_age < self.youngest:
                yield "average_age", gettext("Lower than the age of the youngest.")
            if self.oldest is not None and self.average_age > self.oldest:
                yield "average_age", gettext("Higher than the age of the oldest.")

    def _refused_parts(
        self, partition: Partition, whole: int
    ) -> Iterator[tuple[str, str]]:
        numbers = [getattr(self, name) for name in partition.parts]
        total = sum(number for number in numbers if number is not None)
        values = {"sum": total, "whole": whole, "title": partition.title}
        if total > whole:
            message = gettext(
                "%(title)s: %(sum)s is more than all %(whole)s delegates."
            )
            yield partition.parts[-1], message % values
        elif total < whole and not partition.rest and None not in numbers:
            message = gettext(
                "%(title)s: the parts make %(sum)s and must make %(whole)s."
            )
            yield partition.parts[-1], message % values

    def warnings(self) -> list[str]:
        """What there is to say about it, though nothing of it is refused."""
        warnings = []
        for partition in PARTITIONS:
            numbers = [getattr(self, name) for name in partition.parts]
            if None in numbers:
                message = gettext("%(title)s: not all is filled in.")
                warnings.append(message % {"title": partition.title})
        begins = self.congress.starts_on
        is_to_come = begins is None or begins > timezone.localdate()
        if self.present is not None and is_to_come:
            warnings.append(
                gettext("Delegates are counted as present before the congress.")
            )
        return warnings

    def groups(self, *, in_full: bool) -> list[tuple[str, list[Share]]]:
        """Each partition's title and its groups, for a reader who may see all, or not.

        Partitions of which nothing is known are left out.
        """
        found = []
        for partition in PARTITIONS:
            numbers = [
                (self.label(name), getattr(self, name)) for name in partition.parts
            ]
            if all(number is None for _label, number in numbers):
                continue
            if partition.rest and self.whole is not None:
                counted = sum(number or 0 for _label, number in numbers)
                numbers.append((str(partition.rest), self.whole - counted))
            found.append(
                (str(partition.title), shares(numbers, self.whole, in_full=in_full))
            )
        return found

    def ages(self, *, in_full: bool) -> list[str]:
        """The ages that are known and may be told: the youngest is one person."""
        names = ["average_age", *(["youngest", "oldest"] if in_full else [])]
        tells = in_full or (self.whole or 0) >= SMALL
        return [name for name in names if tells and getattr(self, name) is not None]

    @classmethod
    def label(cls, name: str) -> str:
        """What the field is called."""
        return str(cls._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

    @property
    def present_percent(self) -> Decimal | None:
        return percent(self.present, self.summoned)
