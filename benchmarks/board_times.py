"""What `benchmarks.board` runs in a process of its own, for each database."""

import json
import os
import time
from datetime import date
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plans.actions import pages
from plans.actions.congresses import Opening, open_congresses
from plans.models import (
    CongressPage,
    DelegateSummary,
    Level,
    PlanPage,
    Role,
    Unit,
)
from plans.models.units import path_step
from tests.builders import make_plan, make_units, make_user, open_site

CHUNK = 1_000
COMMUNES_EACH = 15
ROUNDS = 3
SCREENS = {
    "first screen": "",
    "late only": "?tre=1",
    "not yet submitted": "?chua=submitted",
    "last page": "?trang=9999&nhom=9999",
    "to print": "?in=1",
    "table (CSV)": "?csv",
    "totals of delegates": "dai-bieu/",
}


def main() -> None:
    call_command("migrate", verbosity=0)
    index = open_site(make_units(districts=1, communes=1))
    found: dict[str, dict[int, tuple[int, int, float]]] = {}
    for number, size in enumerate(json.loads(os.environ["BOARD_SIZES"]), start=1):
        top, communes = tree(number, size)
        plan = make_plan(index, number=number, issuer=top)
        fill(plan, communes)
        user = make_user(f"board {size}", top.code, Role.BOARD)
        for screen, query in SCREENS.items():
            url = reverse("plans:board", args=[plan.pk]) + query
            found.setdefault(screen, {})[size] = measure(user, url)
    print(json.dumps(found))


def tree(number: int, size: int) -> tuple[Unit, list[Unit]]:
    """A unit with so many communes two levels below it."""
    levels = {level.code: level for level in Level.objects.all()}
    top = Unit.objects.create(
        code=f"T{number}", name="Tỉnh Lớn", kind="tỉnh", level=levels["province"]
    )
    districts = Unit.objects.bulk_create(
        Unit(
            code=f"{top.code}-{place}",
            name=f"Huyện {place}",
            kind="huyện",
            level=levels["district"],
            parent=top,
            path=top.path + path_step(place + 1),
        )
        for place in range(-(-size // COMMUNES_EACH))
    )
    communes = Unit.objects.bulk_create(
        Unit(
            code=f"{top.code}-{place}-x",
            name=f"Xã {place}",
            kind="xã",
            level=levels["commune"],
            parent=(upper := districts[place // COMMUNES_EACH]),
            path=upper.path + path_step(place % COMMUNES_EACH + 1),
        )
        for place in range(size)
    )
    return top, communes


def fill(plan: PlanPage, communes: list[Unit]) -> None:
    """Open their congresses, and have some of them further than others."""
    # What a search would find is not measured, and takes the longest to make.
    with mock.patch.object(pages, "_index"):
        for start in range(0, len(communes), CHUNK):
            openings = [Opening(unit=unit) for unit in communes[start : start + CHUNK]]
            open_congresses(plan=plan, openings=openings)
    congresses = CongressPage.objects.filter(plan=plan)
    congresses.filter(unit__code__contains="7").update(starts_on=date(2024, 1, 5))
    DelegateSummary.objects.bulk_create(
        (DelegateSummary(congress=each, summoned=100, women=40) for each in congresses),
        batch_size=500,
    )


def measure(user: Any, url: str) -> tuple[int, int, float]:
    """The queries, the bytes and the seconds of an address."""
    client = Client()
    client.force_login(user)
    client.get(url)
    # The log is as long as it may be since the tree was made.
    reset_queries()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url}: {response.status_code}")
    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        client.get(url)
        times.append(time.perf_counter() - start)
    return len(queries), len(response.content), min(times)
