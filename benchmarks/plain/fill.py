"""Write the content `benchmarks.plain.take` printed into the plain site.

Run by `benchmarks.pages` with the plain site's settings; a second run adds what is
missing.
"""

import json
import os
import sys
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import GroupPagePermission, Page, Site

from benchmarks.plain.models import (
    CongressPage,
    HomePage,
    PlanPage,
    SectionPage,
    UnitPage,
)


@transaction.atomic
def main() -> None:
    content = json.load(sys.stdin)
    home = HomePage.objects.first() or first_page(content)
    register, directory = (
        SectionPage.objects.filter(slug=section["slug"]).first()
        or home.add_child(instance=SectionPage(**section))
        for section in content["sections"]
    )
    units = {}
    known = {page.slug: page for page in UnitPage.objects.all()}
    for unit in content["units"]:
        page = known.get(unit["slug"]) or directory.add_child(
            instance=UnitPage(title=unit["title"], slug=unit["slug"])
        )
        units[unit["code"]] = page.pk
    for values in content["plans"]:
        congresses = values.pop("congresses")
        for stream in ("bases", "recipients", "rules", "awaited"):
            values[stream] = streamed(stream, values[stream])
        values["body"] = [tuple(block) for block in values["body"]]
        plan = PlanPage.objects.filter(slug=values["slug"]).first()
        if plan is None:
            plan = register.add_child(instance=PlanPage(**values))
        else:
            plan.awaited = values["awaited"]
            plan.save()
        add_congresses(plan, congresses, units)


def streamed(name: str, rows: list[Any]) -> list[tuple[str, Any]]:
    kinds = {"bases": "basis", "recipients": "recipient", "rules": "rule"}
    if name == "rules":
        for rule in rows:
            rule["facts"] = [
                {"label": label, "value": text} for label, text in rule["facts"]
            ]
    return [(kinds.get(name, "unit"), row) for row in rows]


def add_congresses(
    plan: Any, rows: list[dict[str, Any]], units: dict[str, int]
) -> None:
    pages = Page.objects.in_bulk(units.values())
    known = {page.slug: page for page in CongressPage.objects.child_of(plan)}
    for values in rows:
        if values["slug"] in known:
            page = known[values["slug"]]
            page.place = values["place"]
            page.save(update_fields=["place"])
            continue
        values["unit_page"] = pages[units[values.pop("code")]]
        values["invited"] = [("unit", pages[units[code]]) for code in values["invited"]]
        values["papers_total"] = len(values["papers"])
        values["papers"] = [("paper", paper) for paper in values["papers"]]
        plan.add_child(instance=CongressPage(plan=plan, **values))


def first_page(content: dict[str, Any]) -> Any:
    """Put the home page where Wagtail's is; make the people who sign in."""
    Page.objects.get(depth=2).delete()
    home = Page.get_first_root_node().add_child(
        instance=HomePage(title="Trang chủ", slug="home")
    )
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    users = get_user_model().objects
    password = os.environ["DEMO_PASSWORD"]
    users.create_user("doc", password=password, last_name="Người", first_name="Đọc")
    editor = users.create_user(
        "tinh", password=password, last_name="Cán bộ", first_name="Tỉnh Sóc Trăng"
    )
    group = Group.objects.create(name=content["province"])
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in ("add_page", "change_page", "publish_page"):
        GroupPagePermission.objects.create(
            group=group,
            page=home,
            permission=Permission.objects.get(
                codename=codename, content_type__app_label="wagtailcore"
            ),
        )
    editor.groups.add(group)
    return home
