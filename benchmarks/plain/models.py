"""The same content as the plugin's pages, in text fields and StreamFields."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.models import Page

SHOWN = 8


class ItemBlock(blocks.StructBlock):
    marker = blocks.CharBlock(required=False)
    heading = blocks.CharBlock(required=False)
    text = blocks.TextBlock(required=False)


class BodyBlock(blocks.StreamBlock):
    title = ItemBlock()
    subtitle = ItemBlock()
    clause = ItemBlock()
    paragraph = blocks.TextBlock()


class FactBlock(blocks.StructBlock):
    label = blocks.CharBlock()
    value = blocks.TextBlock()


class PaperBlock(blocks.StructBlock):
    title = blocks.TextBlock()
    personal = blocks.BooleanBlock(required=False)


class RuleBlock(blocks.StructBlock):
    level = blocks.CharBlock()
    facts = blocks.ListBlock(FactBlock())
    papers = blocks.ListBlock(PaperBlock())
    conditions = blocks.ListBlock(blocks.TextBlock())


class AwaitedBlock(blocks.StructBlock):
    unit = blocks.CharBlock()
    level = blocks.CharBlock()


class HomePage(Page):
    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().get_context(request, *args, **kwargs) | {
            "congresses": CongressPage.objects.live()
            .select_related("plan")
            .order_by(F("review_before").asc(nulls_last=True), "place")[:SHOWN],
            "plans": PlanPage.objects.live().order_by("-issued_on", "-pk")[:SHOWN],
        }


class SectionPage(Page):
    """The register of plans and the directory of units."""


class UnitPage(Page):
    text = models.TextField(blank=True)


class PlanPage(Page):
    doc_type = models.CharField(max_length=100)
    reference = models.CharField(max_length=80)
    issuer = models.CharField(max_length=200)
    issuer_lines = models.TextField(blank=True)
    issued_place = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField()
    term = models.CharField(max_length=20, blank=True)
    bases = StreamField([("basis", blocks.TextBlock())], blank=True)
    preamble = models.TextField(blank=True)
    body = StreamField(BodyBlock(), blank=True)
    recipients = StreamField([("recipient", blocks.CharBlock())], blank=True)
    signer_authority = models.CharField(max_length=120, blank=True)
    signer_title = models.CharField(max_length=120, blank=True)
    signer_name = models.CharField(max_length=120, blank=True)
    closing = models.TextField(blank=True)
    rules = StreamField([("rule", RuleBlock())], blank=True)
    awaited = StreamField([("unit", AwaitedBlock())], blank=True)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        congresses = CongressPage.objects.child_of(self).live()
        return super().get_context(request, *args, **kwargs) | {
            "congresses": congresses.order_by("place")
        }


class CongressPage(Page):
    plan = models.ForeignKey(
        PlanPage, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    place = models.PositiveSmallIntegerField(default=0)
    unit = models.CharField(max_length=200)
    upper_unit = models.CharField(max_length=200, blank=True)
    unit_page = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    level = models.CharField(max_length=60)
    is_pilot = models.BooleanField(default=False)
    starts_on = models.DateField(null=True, blank=True)
    window_text = models.CharField(max_length=200, blank=True)
    duration = models.CharField(max_length=100, blank=True)
    review_before = models.DateField(null=True, blank=True)
    chosen_by = models.CharField(max_length=255, blank=True)
    chosen_on = models.DateField(null=True, blank=True)
    papers_total = models.PositiveSmallIntegerField(default=0)
    papers = StreamField([("paper", PaperBlock())], blank=True)
    invited = StreamField([("unit", blocks.PageChooserBlock())], blank=True)

    @property
    def last_review_day(self) -> Any:
        return self.review_before and self.review_before - timedelta(days=1)

    @property
    def state(self) -> str:
        return "đã định ngày" if self.starts_on else "đang chuẩn bị"

    @property
    def lateness(self) -> str:
        late = self.review_before and self.review_before <= timezone.localdate()
        return "đã qua từ lâu" if late else ""
