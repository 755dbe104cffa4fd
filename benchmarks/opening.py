"""Opening the congresses of a whole province, against Wagtail's plain way.

    .venv/bin/python -m benchmarks.opening

Builds the province in a temporary SQLite database and opens 120 congresses with their
dossiers twice under two like plans: by `open_congresses`, with papers, history and
people's rights, and by `add_child` and `publish` in a loop with a group permission for
each unit, which is what a plain Wagtail project does. Prints seconds and the ratio.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "BENCHMARK_INSIDE"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "DATA_DIR": folder, "DEBUG": "1", INSIDE: "1"}
        env.pop("DATABASE_URL", None)
        manage = [sys.executable, "manage.py"]
        for args in (["migrate", "-v0"], ["load_demo", "-v0"]):
            subprocess.run(
                [*manage, *args],
                cwd=ROOT,
                env=env,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        subprocess.run(
            [
                *manage,
                "shell",
                "-v0",
                "-c",
                "import benchmarks.opening as b; b.measure()",
            ],
            cwd=ROOT,
            env=env,
            check=True,
        )


def measure() -> None:
    from django.contrib.auth.models import Group  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415
    from wagtail.models import GroupPagePermission, Page  # noqa: PLC0415

    from plans.actions.congresses import Opening, open_congresses  # noqa: PLC0415
    from plans.models import (  # noqa: PLC0415
        CongressPage,
        DossierPage,
        Level,
        LevelRule,
        PlanIndexPage,
        PlanPage,
        Requirement,
        Unit,
    )

    index = PlanIndexPage.objects.get()
    units = list(Unit.objects.exclude(parent=None).select_related("parent"))

    def plan(number: int) -> PlanPage:
        page = PlanPage(
            title=f"Plan {number}",
            doc_type="Kế hoạch",
            issuer=index.unit,
            number=number,
        )
        for level in Level.objects.exclude(code="province"):
            rule = LevelRule(level=level)
            for paper in range(4):
                rule.requirements.add(Requirement(title=f"Paper {paper}"))
            page.level_rules.add(rule)
        index.add_child(instance=page)
        page.save_revision().publish()
        return PlanPage.objects.get(pk=page.pk)

    ours, plain = plan(1), plan(2)

    start = time.perf_counter()
    open_congresses(plan=ours, openings=[Opening(unit=unit) for unit in units])
    own = time.perf_counter() - start

    start = time.perf_counter()
    with transaction.atomic():
        for unit in units:
            congress = CongressPage(
                title=f"Congress {unit.code}", plan=plain, unit=unit, level=unit.level
            )
            plain.add_child(instance=congress)
            congress.save_revision().publish()
            dossier = DossierPage(title="Dossier", congress=congress, unit=unit)
            congress.add_child(instance=dossier)
            dossier.save_revision()
            group, _created = Group.objects.get_or_create(name=f"unit {unit.code}")
            GroupPagePermission.objects.create(
                group=group,
                page=Page.objects.get(pk=congress.pk),
                permission_type="change",
            )
    stock = time.perf_counter() - start
    print(f"{len(units)} congresses with dossiers, SQLite")
    print(f"open_congresses   {own:6.1f} s")
    print(f"add_child in turn {stock:6.1f} s   ratio {own / stock:.2f}")


if __name__ == "__main__" and not os.environ.get(INSIDE):
    main()
