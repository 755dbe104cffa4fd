"""Open congresses in the intranet and print what its pages say, as JSON.

Run by `benchmarks.pages` with the intranet's settings.
"""

import json
import sys
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import translation

from plans.actions.congresses import Opening, open_congresses
from plans.models import PlanIndexPage, PlanPage, Unit, UnitIndexPage, UnitPage

PILOT = "31519"
"""The code of the unit whose congress page is measured."""


@translation.override("vi")
def main(congresses: int) -> None:
    plans = list(PlanPage.objects.order_by("pk"))
    grow(plans[-1], congresses)
    province = Unit.objects.get(parent=None)
    content = {
        "plan": plans[-1].get_url(),
        "congress": plans[-1].congresses.get(unit__code=PILOT).get_url(),
        "sections": [
            {"title": page.title, "slug": page.slug}
            for page in (PlanIndexPage.objects.get(), UnitIndexPage.objects.get())
        ],
        "units": [
            {"code": page.unit.code, "title": page.title, "slug": page.slug}
            for page in UnitPage.objects.select_related("unit")
        ],
        "province": province.qualified_name,
        "plans": [taken(plan) for plan in plans],
    }
    json.dump(content, sys.stdout, cls=DjangoJSONEncoder, ensure_ascii=False)


def grow(plan: Any, number: int) -> None:
    """Open congresses under the plan until it has so many."""
    present = plan.congresses.values("unit")
    units = Unit.objects.exclude(pk__in=present).exclude(parent=None)
    missing = units.select_related("parent", "level")[
        : max(0, number - plan.congresses.count())
    ]
    open_congresses(plan=plan, openings=[Opening(unit=unit) for unit in missing])


def taken(plan: Any) -> dict[str, Any]:
    outlined = set()
    entries = list(plan.outline)
    while entries:
        entry = entries.pop()
        outlined.add(entry.anchor)
        entries += entry.children
    return {
        "title": plan.title,
        "slug": plan.slug,
        "doc_type": plan.doc_type,
        "reference": plan.reference,
        "issuer": str(plan.issuer),
        "issuer_lines": plan.issuer_lines,
        "issued_place": plan.issued_place,
        "issued_on": plan.issued_on,
        "term": plan.term,
        "bases": [basis.text for basis in plan.bases.all()],
        "preamble": plan.preamble,
        "body": [block(item, outlined) for item in plan.items],
        "recipients": [
            f"Lưu: {recipient.name}." if recipient.is_file_copy else f"{recipient};"
            for recipient in plan.recipients.all()
        ],
        "signer_authority": plan.signer_authority,
        "signer_title": plan.signer_title,
        "signer_name": plan.signer_name,
        "closing": plan.closing,
        "rules": [rule_taken(rule) for rule in plan.rules_with_parts()],
        "awaited": [
            {"unit": unit.name, "level": unit.awaited_level}
            for unit in plan.upper_units_to_choose()
        ],
        "congresses": [
            congress_taken(congress, place)
            for place, congress in enumerate(
                plan.congresses.in_tree_order().select_related("unit__parent", "level")
            )
        ],
    }


def block(item: Any, outlined: set[str]) -> tuple[str, Any]:
    if item.kind == "paragraph":
        return "paragraph", item.text
    value = {"marker": item.marker, "heading": item.heading, "text": item.text}
    if item.anchor not in outlined:
        return "clause", value
    return "subtitle" if item.depth else "title", value


def rule_taken(rule: Any) -> dict[str, Any]:
    pilots = [f"{rule.pilots_per_parent} cho mỗi đơn vị cấp trên"]
    pilots = pilots if rule.pilots_per_parent else []
    pilots += [str(pilot) for pilot in rule.named_pilots.all()]
    pilots.append(
        "do: " + ", ".join(str(level) for level in rule.chosen_by.all()) + " chọn"
    )
    steps = " → ".join(str(step.level) for step in rule.review_steps.all())
    deadline = rule.review_before
    return {
        "level": str(rule.level),
        "facts": [
            (
                "Hạn duyệt",
                f"trước {deadline:%d/%m/%Y}" if deadline else "chưa quy định",
            ),
            ("Thời gian", rule.window_text or "chưa quy định"),
            ("Thời lượng", duration(rule)),
            ("Đơn vị điểm", "\n".join(pilots)),
            ("Duyệt", steps + ("\nhọp duyệt chung" if rule.joint_review else "")),
            ("Mời thêm", rule.get_extra_guests_display()),
        ],
        "papers": papers(rule.requirements.all()),
        "conditions": [condition.text for condition in rule.conditions.all()],
    }


def congress_taken(congress: Any, place: int) -> dict[str, Any]:
    unit = congress.unit
    chosen = [str(by) for by in (congress.selected_by, congress.selected_with) if by]
    return {
        "title": congress.title,
        "slug": congress.slug,
        "place": place,
        "code": unit.code,
        "unit": unit.name,
        "upper_unit": unit.parent.name if unit.parent else "",
        "level": str(congress.level),
        "is_pilot": congress.is_pilot,
        "starts_on": congress.starts_on,
        "window_text": congress.rule.window_text,
        "duration": duration(congress.rule),
        "review_before": congress.review_before,
        "chosen_by": ", cùng với ".join(chosen),
        "chosen_on": congress.selected_on,
        "papers": papers(congress.dossier.items.all()),
        "invited": [unit.code for unit in congress.invited_units()],
    }


def papers(rows: Any) -> list[dict[str, Any]]:
    return [{"title": row.title, "personal": row.holds_personal_data} for row in rows]


def duration(rule: Any) -> str:
    return f"không quá {rule.max_days} ngày" if rule.max_days else "chưa quy định"
