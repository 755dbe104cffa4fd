"""Administrative units and their levels: data, of any depth, with dates."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from plans.paths import lineage
from plans.text import fold

STEP = 4
"""Characters of the path a level of the tree takes."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def path_step(number: int) -> str:
    """The path's characters for the child with this number, from 1."""
    digits = ""
    for _position in range(STEP):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits


def step_number(path: str) -> int:
    """The number of the child at the end of the path: the inverse of `path_step`."""
    return int(path[-STEP:], len(_ALPHABET))


def place(unit: str = "") -> Coalesce:
    """Where a unit stands in the order of its time: `unit` leads to it, as "unit__"."""
    former = NullIf(F(f"{unit}former_path"), Value(""))
    return Coalesce(former, F(f"{unit}path"))


class Level(models.Model):
    """A level of government, as the plans name it: "xã", "huyện", "tỉnh"."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    order = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("From the top: the province is 1.")
    )

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("level")
        verbose_name_plural = _("levels")

    def __str__(self) -> str:
        return self.name


class UnitQuerySet(models.QuerySet["Unit"]):
    def on(self, day: date) -> Self:
        """The units that exist on the day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )

    def current(self) -> Self:
        return self.on(timezone.localdate())

    def with_inherited(self) -> "UnitQuerySet":
        """These, and the units that ended and left what they had to one of these."""
        keys = self.order_by().values("pk")
        return Unit.objects.filter(Q(pk__in=keys) | Q(heir__in=keys))

    def linked(self) -> Self:
        """What a list of units shows: their names, and where their pages are."""
        return self.select_related("page").only(
            "name", "path", "level", "parent", "page__url_path"
        )

    def below(self, unit: "Unit", *, inclusive: bool = False) -> Self:
        """The units under the unit, at any depth."""
        units = self.filter(path__startswith=unit.path)
        return units if inclusive else units.exclude(pk=unit.pk)

    def above(self, unit: "Unit", *, inclusive: bool = False) -> Self:
        """The unit's ancestors, from the top."""
        paths = unit.lineage if inclusive else unit.lineage[:-1]
        return self.filter(path__in=paths).order_by("path")


class Unit(index.Indexed, models.Model):
    """An administrative unit, in force from a day until a day.

    Codes and names repeat and change their meaning (code 31510 was "Phường 2" and is
    "Phường Phú Lợi"), so a unit is known by its code together with its period, and
    is never looked up by name alone. `path` is the unit's place in the tree: the
    unit and all below it are the paths that start with its own.

    A unit that ended may have an `heir`, the successor that answers for what it left:
    it then stands in the tree below its heir, and whoever is above the heir is above
    it. `parent` and `former_path` tell where it stood. An heir is always in force, so
    an heir that ends leaves what it answered for to its own.
    """

    code = models.CharField(_("code"), max_length=20, db_index=True)
    name = models.CharField(_("name"), max_length=200)
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="units", verbose_name=_("level")
    )
    kind = models.CharField(
        _("kind"), max_length=60, help_text=_("For example: phường, xã, thị trấn.")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("direct upper unit"),
    )
    path = models.CharField(max_length=120, unique=True, editable=False)
    former_path = models.CharField(max_length=120, blank=True, editable=False)
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_to = models.DateField(_("last day in force"), null=True, blank=True)
    successors = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successors"),
    )
    heir = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="inherited",
        verbose_name=_("successor that answers for it"),
    )

    objects = UnitQuerySet.as_manager()

    search_fields = [
        index.SearchField("name"),
        index.SearchField("code"),
        index.SearchField("folded_text"),
        index.AutocompleteField("name"),
        index.AutocompleteField("folded_text"),
        index.FilterField("id"),
    ]

    class Meta:
        ordering = ["path"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(valid_to__isnull=True),
                name="plans_unit_code_in_force",
                violation_error_message=_("A unit in force has this code already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="plans_unit_period",
                violation_error_message=_("The last day comes before the first."),
            ),
        ]
        permissions = [
            ("submit_dossier", "Can submit the unit's dossiers"),
            ("review_dossier", "Can review dossiers of the units below"),
            ("view_dossier", "Can read dossiers of the unit and those below"),
            ("choose_pilot", "Can choose the unit's pilot"),
            ("issue_guidance", "Can issue guidance to the units below"),
            ("manage_staff", "Can manage the unit's people"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        if not self.path:
            self.path = self.next_path(self.upper)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        upper = self.upper.path if self.upper else ""
        if self.path and self.path[:-STEP] != upper:
            # Everything below would have to move with it.
            raise ValidationError(
                {"parent": _("A unit is moved by loading the units again.")}
            )

    @classmethod
    def next_path(cls, upper: "Unit | None") -> str:
        """The path of the next unit directly under this one (or of the next tree)."""
        under = Q(parent=upper, heir=None)
        if upper:
            under |= Q(heir=upper)
        last = cls.objects.filter(under).order_by("path").values("path").last()
        number = step_number(last["path"]) + 1 if last else 1
        return (upper.path if upper else "") + path_step(number)

    @property
    def answering(self) -> "Unit":
        """The unit whose people answer for it: itself, or its heir."""
        return self.heir or self

    @property
    def upper(self) -> "Unit | None":
        """What stands directly above it in the tree."""
        return self.heir or self.parent

    @property
    def lineage(self) -> list[str]:
        """The paths of the unit's ancestors and its own, from the top."""
        return lineage(self.path, STEP)

    @property
    def depth(self) -> int:
        """1 for the top of a tree."""
        return len(self.path) // STEP

    @property
    def folded_text(self) -> str:
        return f"{fold(self.name)} {self.code}"

    @property
    def qualified_name(self) -> str:
        """The name with the direct upper unit's: "Phường 3, Thành phố Sóc Trăng"."""
        return f"{self.name}, {self.parent.name}" if self.parent else self.name

    def siblings(self, day: date | None = None) -> UnitQuerySet:
        """The other units of its level under the same direct upper unit.

        Those in force on the day, or today; where the unit ended before, on its last
        day.
        """
        day = day or timezone.localdate()
        if self.valid_to:
            day = min(day, self.valid_to)
        return (
            Unit.objects.on(day)
            .filter(parent=self.parent_id, level=self.level_id)
            .exclude(pk=self.pk)
        )
