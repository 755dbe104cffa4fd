"""The dossier of a congress and the papers it must hold."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.locks import BaseLock
from wagtail.models import PageManager
from wagtail.url_routing import RouteResult

from .base import OpenedPage, VisiblePageQuerySet
from .congresses import CongressPage, under_review_message
from .rules import Requirement
from .units import Level, Unit

if TYPE_CHECKING:
    from .attachments import Attachment


class UnderReviewLock(BaseLock):
    """Nobody, superusers included, changes a dossier while it is decided on."""

    def for_user(self, user: Any) -> bool:
        return True

    def get_message(self, user: Any) -> str:
        return under_review_message()

    def get_icon(self, user: Any) -> str:
        return "lock"


class DossierQuerySet(VisiblePageQuerySet):
    def by_deadline(self) -> "DossierQuerySet":
        """The nearest deadline first, none last; annotates `due_before`."""
        return self.annotate(
            due_before=Coalesce("review_before", "congress__rule__review_before")
        ).order_by(models.F("due_before").asc(nulls_last=True), "unit__path")

    def with_state(self) -> "DossierQuerySet":
        """Reads how far each dossier is with it; annotates `last_state`."""
        submissions = apps.get_model("plans", "Submission")._default_manager
        last = submissions.filter(dossier=models.OuterRef("pk")).order_by("-number")
        return self.annotate(last_state=models.Subquery(last.values("state")[:1]))


class DossierState(models.TextChoices):
    """How far a dossier is: its last submission says so."""

    PREPARING = "preparing", _("in preparation")
    UNDER_REVIEW = "under_review", _("under review")
    RETURNED = "returned", _("returned")
    APPROVED = "approved", _("approved")
    CHANGED = "changed", _("changed after the approval")


class DossierPage(OpenedPage):
    """The dossier ("hồ sơ") a unit prepares for its congress.

    It is never published by hand: `plans.permissions` takes that right away.
    """

    congress = models.OneToOneField(
        CongressPage,
        on_delete=models.RESTRICT,
        related_name="dossier",
        editable=False,
        verbose_name=_("congress"),
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="dossiers",
        editable=False,
        verbose_name=_("unit"),
    )
    review_before = models.DateField(
        _("own review deadline"),
        null=True,
        blank=True,
        help_text=_("Exclusive. Empty: as the plan says."),
    )
    note = models.TextField(_("note for the reviewers"), blank=True)
    keep_until = models.DateField(
        _("personal data is kept until"),
        null=True,
        blank=True,
        help_text=_("Empty: as long after the congress as the office has laid down."),
    )

    WRITTEN = ("title", "slug", "search_description", "note")
    """What the unit itself writes on the page: its text, which is submitted."""

    is_creatable = False
    parent_page_types = ["plans.CongressPage"]
    subpage_types: list[str] = []

    content_panels = [
        FieldPanel("title"),
        FieldPanel("note"),
    ]

    objects = PageManager.from_queryset(DossierQuerySet)()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        rule = self.congress.rule
        tester = self.permissions_for_user(request.user)
        return super().get_context(request, *args, **kwargs) | {
            "congress": self.congress,
            "reads_personal_data": tester.can_read_personal_data(),
            "sets_terms": tester.can_set_terms(),
            "items": self.items.prefetch_related("attachments"),
            "review_steps": rule.review_steps.select_related("level") if rule else [],
        }

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """A dossier is read on the site before it is published, by those who may."""
        if path_components:
            return super().route(request, path_components)
        own = DossierPage.objects.filter(pk=self.pk)
        if not own.visible_to(request.user).exists():
            raise Http404
        return RouteResult(self)

    def get_lock(self) -> BaseLock | None:
        if self.open_submission:
            return UnderReviewLock(self)
        return super().get_lock()

    @property
    def open_submission(self) -> Any:
        """The submission that is under review, or None."""
        return self.submissions.filter(closed_at=None).first()

    def reviewing_units(self) -> list[tuple[Level, Unit]]:
        """The units that decide on the dossier, in their order, each with its level.

        The level rule names levels; the unit of each is the one above the dossier's own
        that is in force today. A level that has no unit there any more falls away.
        """
        rule = self.congress.rule
        if rule is None:
            return []
        above = {
            unit.level_id: unit
            for unit in Unit.objects.current().above(self.unit).select_related("level")
        }
        return [
            (step.level, above[step.level_id])
            for step in rule.review_steps.select_related("level")
            if step.level_id in above
        ]

    @cached_property
    def reviewing_paths(self) -> frozenset[str]:
        """The paths of the units that decide on the dossier, under review or once it
        is, and of those above them: a unit above may decide in another's place."""
        submission = self.open_submission
        units = [unit for _level, unit in self.reviewing_units()]
        if submission:
            units = [step.unit for step in submission.steps.select_related("unit")]
        return frozenset(path for unit in units for path in unit.lineage)

    @property
    def deadline(self) -> date | None:
        """The day before which it must be approved: its own, or the plan's; or None."""
        return self.review_before or self.congress.review_before

    @property
    def state(self) -> DossierState:
        """How far it is; read from `last_state` where a query annotated that."""
        if "last_state" not in self.__dict__:
            states = self.submissions.values_list("state", flat=True)
            self.last_state = states.first()
        last = self.last_state
        if last in {DossierState.UNDER_REVIEW, DossierState.RETURNED}:
            return DossierState(last)
        if not self.live:
            return DossierState.PREPARING
        changed = self.has_unpublished_changes
        return DossierState.CHANGED if changed else DossierState.APPROVED

    def with_content_json(self, content: Any) -> "DossierPage":
        """Its dates are set for the dossier, and are no part of what is approved."""
        page = super().with_content_json(content)
        page.review_before, page.keep_until = self.review_before, self.keep_until
        return page

    @property
    def kept_until(self) -> date | None:
        """The last day its personal data is kept, or None while that is not known.

        Its own, or the setting's number of days after the congress.
        """
        held = self.congress.ends_on or self.congress.starts_on
        if self.keep_until or not held:
            return self.keep_until
        days = getattr(settings, "PLANS_PERSONAL_DATA_DAYS", 2 * 365)
        return held + timedelta(days=days)

    @property
    def last_review_day(self) -> date | None:
        """The last day on which an approval is in time, or None."""
        return self.deadline - timedelta(days=1) if self.deadline else None

    @property
    def is_overdue(self) -> bool:
        return bool(self.deadline and timezone.localdate() >= self.deadline)


class DossierItem(models.Model):
    """A paper the dossier must hold, as the plan worded it when it was opened."""

    dossier = models.ForeignKey(
        DossierPage, on_delete=models.CASCADE, related_name="items"
    )
    requirement = models.ForeignKey(
        Requirement, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    title = models.TextField(_("paper"))
    holds_personal_data = models.BooleanField(_("holds personal data"), default=False)
    may_be_absent = models.BooleanField(
        _("may be left out with a reason"), default=False
    )
    absence_reason = models.CharField(
        _("why it is left out"), max_length=300, blank=True
    )
    is_party_record = models.BooleanField(
        _("record of the Party committee"),
        default=False,
        help_text="That the Party committee of the unit's level passed the dossier.",
    )
    number = models.CharField(_("number and symbol"), max_length=60, blank=True)
    dated = models.DateField(_("date"), null=True, blank=True)
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("dossier paper")
        verbose_name_plural = _("dossier papers")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "requirement"], name="plans_dossieritem_once"
            ),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=models.Q(is_party_record=True),
                name="plans_dossieritem_one_party_record",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_in(self) -> bool:
        """Whether nothing is missing: a file that counts, or a reason for none.

        A record of the Party committee needs its number and date too.
        """
        if self.is_party_record and not (self.number and self.dated):
            return False
        return bool(self.absence_reason or self.current_files)

    @cached_property
    def current_files(self) -> list["Attachment"]:
        return [file for file in self.attachments.all() if file.is_current]

    @cached_property
    def former_files(self) -> list["Attachment"]:
        """What was replaced or taken back, the newest first."""
        return [file for file in self.attachments.all() if not file.is_current][::-1]
