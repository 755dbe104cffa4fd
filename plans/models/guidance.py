"""Guidance under a plan: for whom it is, whether it still holds, who has read it."""

from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
)
from wagtail.models import Page, PageManager

from plans.paths import above

from .base import Row, page_policy
from .congresses import CongressPage
from .outcomes import LessonsPage
from .papers import ChangeNote, PaperPage, PaperPageForm, PaperQuerySet
from .units import Level, Unit, UnitQuerySet, place


def _addressed(guidance: Any, issuer_place: Any, day: Any) -> UnitQuerySet:
    """The units the guidance is addressed to: of those below its issuer.

    Those of today, and those that have ended since the day it is from, each with the
    unit of today in its place: `today`. The three are a key, a path and a date, or
    refer to what asks for the units. Of an issuer that has ended itself all units
    that stood below it count: the date is the first there is.
    """
    pilots = CongressPage.objects.filter(
        unit=OuterRef(OuterRef("pk")),
        is_pilot=True,
        plan__path=above(OuterRef("path"), 1, Page.steplen),
    )
    spares_pilots = GuidancePage.objects.filter(
        pk=guidance, remaining_only=True
    ).order_by()
    levels = GuidancePage.levels.through._default_manager.filter(guidancepage=guidance)
    named = Addressee.objects.filter(guidance=guidance)
    stands_at = ExpressionWrapper(OuterRef("place"), output_field=models.CharField())
    tops = named.filter(and_below=True).alias(place=stands_at, top=place("unit__"))
    # Whoever takes the place of a level that is no more is of another.
    ended = Unit.objects.filter(valid_to__gte=day, heir__level=F("level"))
    return (
        (Unit.objects.current() | ended)
        .annotate(today=Coalesce("heir", "pk"))
        .alias(place=place())
        .filter(place__startswith=issuer_place)
        .exclude(place=issuer_place)
        .filter(~Exists(spares_pilots.filter(Exists(pilots))))
        .filter(
            ~Exists(levels) & ~Exists(named)
            | Exists(levels.filter(level=OuterRef("level")))
            | Exists(named.filter(unit=OuterRef("pk")))
            | Exists(tops.filter(place__startswith=F("top")))
        )
    )


class GuidanceQuerySet(PaperQuerySet):
    def in_force(self) -> Self:
        """What is published, not withdrawn, and not replaced by what is published."""
        successors = GuidancePage.objects.live().filter(replaces=OuterRef("pk"))
        return self.live().filter(
            ~Exists(successors), withdrawal__isnull=True, alias_of__isnull=True
        )

    def for_units(self, units: Any) -> Self:
        """What is addressed to one of the units: keys, or a query of units."""
        return self._dated().filter(Exists(self._addressed_of(units)))

    def _dated(self) -> Self:
        """What `_addressed_of` asks of each: where its issuer stood, and since when."""
        return self.alias(
            issuer_place=place("issuer__"),
            from_day=Case(
                When(issuer__heir__isnull=False, then=Value(date.min)),
                default=Coalesce("issued_on", TruncDate("first_published_at")),
            ),
        )

    def unread_by(self, units: Any) -> Self:
        """What one of the units has yet to say it has read; the nearest day first."""
        version = ChangeNote.objects.filter(page=OuterRef("pk"), read_again=True)
        number = version.order_by().values("page").annotate(number=Count("pk"))
        return (
            self.in_force()
            ._dated()
            .filter(must_acknowledge=True)
            .alias(version=1 + Coalesce(Subquery(number.values("number")), 0))
            .filter(Exists(self._addressed_of(units).filter(~Exists(self._readings()))))
            .order_by(F("acknowledge_before").asc(nulls_last=True), "-pk")
        )

    def with_number_unread_by(self, units: Any) -> Self:
        """How many of the units have yet to confirm, as `number_unread`; after
        `unread_by`, which knows the reading that counts.
        """
        number = (
            self._addressed_of(units)
            .filter(~Exists(self._readings()))
            .order_by()
            .values(nothing=Value(1))
            .annotate(number=Count("today", distinct=True))
            .values("number")
        )
        return self.annotate(number_unread=Subquery(number))

    @staticmethod
    def _readings() -> models.QuerySet["Acknowledgement"]:
        """What a unit said of a guidance as it now reads, seen from both."""
        return Acknowledgement.objects.filter(
            guidance=OuterRef(OuterRef("pk")),
            unit=OuterRef("today"),
            version=OuterRef(OuterRef("version")),
        )

    @staticmethod
    def _addressed_of(units: Any) -> UnitQuerySet:
        addressed = _addressed(
            OuterRef(OuterRef("pk")), OuterRef("issuer_place"), OuterRef("from_day")
        )
        return addressed.filter(Q(pk__in=units, heir=None) | Q(heir__in=units))


class GuidancePageForm(PaperPageForm):
    """Lets a person issue in the name of those units alone for which he may."""

    of_a_change = PaperPageForm.of_a_change | {"read_again"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lessons: Any = self.fields.get("lessons")
        if lessons is not None:
            lessons.queryset = LessonsPage.objects.live().descendant_of(
                self.parent_page
            )
        issuer: Any = self.fields.get("issuer")
        if issuer is None or self.for_user is None:
            return
        issuer.queryset = page_policy(GuidancePage).issuers(self.for_user)
        issuer.error_messages["invalid_choice"] = _(
            "You may not issue guidance for this unit."
        )
        if self.instance.issuer_id is None:
            self.initial.setdefault("issuer", issuer.queryset.order_by("path").first())

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        issuer = values.get("issuer")
        formset = self.formsets.get("addressees")
        if issuer and formset and formset.is_valid():
            for form in formset.initial_forms + formset.extra_forms:
                unit = form.cleaned_data.get("unit")
                if unit and not unit.path.startswith(issuer.path):
                    message = _("This unit does not lie below the issuer.")
                    form.add_error("unit", message)
        return values


class GuidancePage(PaperPage):
    """Guidance ("hướng dẫn") under a plan, for the units it is addressed to."""

    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
        help_text=_("The guidance this one takes the place of."),
    )
    levels = ParentalManyToManyField(
        Level,
        blank=True,
        related_name="+",
        verbose_name=_("for every unit of these levels"),
    )
    remaining_only = models.BooleanField(
        _("only for the remaining units"),
        default=False,
        help_text=_("Not for those whose congress was a pilot under the plan."),
    )
    lessons = ParentalManyToManyField(
        LessonsPage,
        blank=True,
        related_name="cited_in",
        verbose_name=_("lessons it rests on"),
        help_text=_("Those published under the same plan."),
    )
    must_acknowledge = models.BooleanField(
        _("each unit confirms that it has read this"), default=False
    )
    acknowledge_before = models.DateField(
        _("to be confirmed before"),
        null=True,
        blank=True,
        help_text=_("Exclusive. The day before is the last."),
    )
    read_again = models.BooleanField(
        _("is to be read again"),
        default=False,
        help_text=_("The units are asked once more to confirm that they have read it."),
    )

    base_form_class = GuidancePageForm
    exclude_fields_in_copy = [
        *PaperPage.exclude_fields_in_copy,
        *("read_again", "acknowledge_before"),
    ]

    objects = PageManager.from_queryset(GuidanceQuerySet)()

    parent_page_types = ["plans.PlanPage"]
    subpage_types: list[str] = []
    content_panels = [
        MultiFieldPanel(
            [
                FieldPanel("change_note"),
                FieldPanel("read_again"),
                FieldPanel("tell_nobody"),
                HelpPanel(template="plans/admin/who_is_told.html"),
            ],
            heading=_("Change of an issued paper, and who is told"),
        ),
        *PaperPage.content_panels[1:3],
        FieldPanel("replaces"),
        MultiFieldPanel(
            [
                FieldPanel("levels"),
                InlinePanel("addressees", heading=_("Units"), label=_("Unit")),
                FieldPanel("remaining_only"),
            ],
            heading=_("Addressed to (empty: every unit below the issuer)"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [FieldPanel("must_acknowledge"), FieldPanel("acknowledge_before")]
                )
            ],
            heading=_("Confirming that it was read"),
        ),
        FieldPanel("lessons", widget=CheckboxSelectMultiple),
        *PaperPage.content_panels[3:],
    ]

    class Meta:
        verbose_name = _("guidance")
        verbose_name_plural = _("guidance")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number", "symbol", "issued_year"],
                name="plans_guidancepage_number",
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.replaces_id and self.replaces_id == self.pk:
            raise ValidationError({"replaces": _("Guidance cannot replace itself.")})
        if self.acknowledge_before and not self.must_acknowledge:
            raise ValidationError(
                {"must_acknowledge": _("Tick this, or leave the day empty.")}
            )

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        tester = self.permissions_for_user(request.user)
        asked = self.pk and self.must_acknowledge
        own = list(tester.own_readings()) if asked else []
        return super().get_context(request, *args, **kwargs) | {
            "own_readings": own,
            "asks_to_confirm": not all(unit.said_at for unit in own)
            and self.is_in_force,
            "sees_readers": tester.can_see_readers(),
            "may_withdraw": tester.can_withdraw(),
        }

    @property
    def successor(self) -> "GuidancePage | None":
        """The live guidance that took this one's place."""
        papers = GuidancePage.objects.live().filter(replaces=self.pk).as_register()
        return papers.order_by("-pk").first()

    @property
    def cited_lessons(self) -> list[LessonsPage]:
        """The lessons it rests on that can be read."""
        return [lessons for lessons in self.lessons.all() if lessons.live]

    @property
    def is_in_force(self) -> bool:
        return GuidancePage.objects.in_force().filter(pk=self.pk).exists()

    @property
    def addressed_units(self) -> UnitQuerySet:
        """The units of today it is addressed to, as it was last published."""
        if self.issuer is None:
            return Unit.objects.none()
        published = self.first_published_at or timezone.now()
        day = self.issued_on or timezone.localdate(published)
        if self.issuer.heir_id:
            day = date.min
        former = self.issuer.former_path or self.issuer.path
        addressed = _addressed(self.pk, former, day)
        here = Q(pk=OuterRef("pk"), heir=None) | Q(heir=OuterRef("pk"))
        return Unit.objects.current().filter(Exists(addressed.filter(here)))

    def addressed_units_with_reading(self) -> UnitQuerySet:
        """The same, each with who said that it has read it, and when: `said_by` and
        `said_at`, both None where nobody has.
        """
        return self.addressed_units.annotate(
            said=FilteredRelation(
                "acknowledgements",
                condition=Q(
                    acknowledgements__guidance=self.pk,
                    acknowledgements__version=self.reading_version,
                ),
            ),
            said_at=F("said__at"),
            said_by=F("said__user_name"),
        )

    def addressee_words(self) -> list[str]:
        """For whom it is, in words."""
        words = [
            gettext("every unit of level %s") % level for level in self.levels.all()
        ]
        words += [str(addressee) for addressee in self.addressees.all()]
        words = words or [gettext("every unit of %s") % (self.issuer or "–")]
        return [*words, gettext("without the pilots")] if self.remaining_only else words

    @cached_property
    def reading_version(self) -> int:
        """Which reading of the paper counts: from 1, one more with each call to read
        it again. Counted from the notes, so that no old revision brings an old number.
        """
        return 1 + self.change_notes.filter(read_again=True).count()

    def is_late(self, said_at: datetime | None) -> bool:
        """Whether a unit that said so then, or has not yet, is past the last day."""
        day = self.acknowledge_before
        said_on = timezone.localtime(said_at).date() if said_at else None
        return bool(day and (said_on or timezone.localdate()) >= day)


class Addressee(Row):
    """A unit the guidance is addressed to, alone or with all below it."""

    guidance = ParentalKey(
        GuidancePage, on_delete=models.CASCADE, related_name="addressees"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="+", verbose_name=_("unit")
    )
    and_below = models.BooleanField(_("and every unit below it"), default=False)

    panels = [FieldRowPanel([FieldPanel("unit"), FieldPanel("and_below")])]

    class Meta(Row.Meta):
        verbose_name = _("addressee")
        verbose_name_plural = _("addressees")

    def __str__(self) -> str:
        name = self.unit.qualified_name
        return gettext("%s and every unit below it") % name if self.and_below else name


class Withdrawal(models.Model):
    """Guidance taken back ("thu hồi"): it stays readable and holds no more.

    A row of its own: an old revision of the page that is published brings nothing back.
    """

    guidance = models.OneToOneField(
        GuidancePage, on_delete=models.CASCADE, related_name="withdrawal"
    )
    reason = models.CharField(_("reason"), max_length=500)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    user_name = models.CharField(_("by whom"), max_length=255)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")

    def __str__(self) -> str:
        return self.reason


class Acknowledgement(models.Model):
    """A unit has read the guidance: who said so for it, and which reading it was."""

    guidance = models.ForeignKey(
        GuidancePage, on_delete=models.CASCADE, related_name="acknowledgements"
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="acknowledgements",
        verbose_name=_("unit"),
    )
    version = models.PositiveIntegerField(_("reading"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    user_name = models.CharField(_("by whom"), max_length=255)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("confirmation of reading")
        verbose_name_plural = _("confirmations of reading")
        constraints = [
            models.UniqueConstraint(
                fields=["guidance", "unit", "version"],
                name="plans_acknowledgement_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.user_name}"
