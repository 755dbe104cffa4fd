"""What followers cost whoever publishes, and how fast their mails go out.

    .venv/bin/python -m benchmarks.notices

Builds the province in a temporary SQLite database (or the one of DATABASE_URL, which
must be empty) and publishes changes of two plans in turn: one that nobody follows and
one with 10,000 followers. Then it sends the mails of one change by the worker, and the
very same mails by Django's own `send_messages`, in turn, over one connection each, to a
mail server on this machine. It fails where publishing costs more than 1.2 times as
much, or the worker sends fewer than 80 % as many a second.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "BENCHMARK_INSIDE"

FOLLOWERS = 10_000
PUBLICATIONS = 15
ROUNDS = 8
MAILS = 500
"""Mails of one round, sent by each."""

MOST_PUBLISHING = 1.2
LEAST_DELIVERY = 0.8


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "DATA_DIR": folder, "DEBUG": "1", INSIDE: "1"}
        env |= {"DJANGO_SETTINGS_MODULE": "intranet.settings"}
        manage = [sys.executable, "manage.py"]
        for args in (["migrate", "-v0"], ["load_demo", "-v0"]):
            subprocess.run(
                [*manage, *args],
                cwd=ROOT,
                env=env,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        code = "import benchmarks.notices as b; b.measure()"
        done = subprocess.run(
            [*manage, "shell", "-v0", "-c", code], cwd=ROOT, env=env, check=False
        )
    sys.exit(done.returncode)


def measure() -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    from tests.smtp_sink import Sink  # noqa: PLC0415

    plans = make_plans()
    publishing = compare_publishing(*plans)
    print(f"{FOLLOWERS} followers, {connection.vendor}")
    with Sink() as sink, override_settings(PLANS_BURST_SECONDS=0, **sink.settings):
        delivery = compare_delivery()
    if publishing > MOST_PUBLISHING or delivery < LEAST_DELIVERY:
        print("A bound is broken.")
        sys.exit(1)


def make_plans() -> tuple:
    """A plan that nobody follows, and one that all the people do."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415

    from plans.models import Event, PlanIndexPage, PlanPage, Subscription  # noqa: PLC0415

    user = get_user_model()
    people = user.objects.bulk_create(
        user(username=f"p{number}", email=f"p{number}@example.vn")
        for number in range(FOLLOWERS)
    )
    index = PlanIndexPage.objects.get()
    made = []
    for number in (901, 902):
        plan = PlanPage(
            title=f"Kế hoạch thử {number}",
            doc_type="Kế hoạch",
            issuer=index.unit,
            number=number,
            symbol="KH-MTTQ-BTT",
        )
        index.add_child(instance=plan)
        plan.save_revision().publish()
        made.append(PlanPage.objects.get(pk=plan.pk))
    Subscription.objects.bulk_create(
        Subscription(user=person, page=made[1].page_ptr) for person in people
    )
    Event.objects.all().delete()
    return tuple(made)


def compare_publishing(alone, followed) -> float:
    times: dict = {alone.pk: [], followed.pk: []}
    for turn in range(PUBLICATIONS):
        for plan in (alone, followed):
            plan.change_note = f"Lần {turn}."
            revision = plan.save_revision()
            start = time.process_time()
            revision.publish()
            times[plan.pk].append(time.process_time() - start)
            plan.refresh_from_db()
    none, many = (statistics.median(times[plan.pk]) for plan in (alone, followed))
    print(
        f"publishing: nobody follows {none * 1000:.0f} ms,"
        f" {FOLLOWERS} do {many * 1000:.0f} ms CPU   ratio {many / none:.2f}"
    )
    return many / none


def compare_delivery() -> float:
    from django.core.mail import get_connection  # noqa: PLC0415

    from plans.models import Event, Notice  # noqa: PLC0415
    from plans.notifications.delivery import deliver  # noqa: PLC0415
    from plans.notifications.letters import write  # noqa: PLC0415
    from plans.notifications.telling import tell  # noqa: PLC0415

    event = Event.objects.filter(page__title__endswith="902").first()
    start = time.perf_counter()
    tell(event)
    number = Notice.objects.count()
    print(f"fan-out: {number} notices in {time.perf_counter() - start:.2f} s")
    keys = list(Notice.objects.order_by("pk").values_list("pk", flat=True))
    Notice.objects.update(due_at=None)
    own, bare = [], []
    for turn in range(ROUNDS):
        rows = Notice.objects.filter(pk__in=keys[turn * MAILS : (turn + 1) * MAILS])
        letters = write(rows.select_related("event", "user"))
        rows.update(due_at=event.at)
        start = time.perf_counter()
        assert deliver() == MAILS
        own.append(time.perf_counter() - start)
        connection = get_connection()
        start = time.perf_counter()
        connection.send_messages([letter.mail for letter in letters])
        bare.append(time.perf_counter() - start)
    ratio = statistics.median(b / o for b, o in zip(bare, own, strict=True))
    print(
        f"delivery: worker {MAILS * ROUNDS / sum(own):.0f} mails/s,"
        f" send_messages {MAILS * ROUNDS / sum(bare):.0f} mails/s   ratio {ratio:.2f}"
    )
    return ratio


if __name__ == "__main__" and not os.environ.get(INSIDE):
    main()
