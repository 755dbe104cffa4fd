"""What a page costs a person with rights on 1, 10, 100 and 1,000 pages.

    .venv/bin/python -m benchmarks.rights
    .venv/bin/python -m benchmarks.rights --postgres postgres://user:word@host/postgres

Builds the intranet with 1,060 pages of guidance and, with as many pages, the project in
`benchmarks/plain`; asks each for the same addresses as people who hold three rights on
each of so many pages, and as a superuser. It takes some minutes a database and leaves
nothing behind. With --postgres it does the same in databases made beside the one given.

What is compared is the shortest of many times of one address, asked for in turns, with
the same number of rows shown: against the person with one page; for the listing of the
granted pages themselves, against a person with rights on the one page above them; for a
search, against a superuser. The script ends with 1 where a person costs more queries
than another or more than 1.5 times the time. Plain Wagtail's numbers stand beside, and
bind nobody: rights on one page for one person are held there by a group for each
person.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from typing import Any, NamedTuple

from benchmarks.search import ROOT as FOLDER
from benchmarks.search import postgres_database

BOUND = 1.5
"""How many times the time of one grant many may take."""

SITES = {
    "ours": ("tests.settings", "benchmarks.rights_fill"),
    "plain": ("benchmarks.plain.settings", "benchmarks.plain.rights"),
}
Results = dict[str, dict[str, dict[str, Any]]]


class Comparison(NamedTuple):
    """An address, whose time is the measure, and who is measured against it."""

    address: str
    against: str
    people: tuple[str, ...]


MORE = ("10", "100", "1000")
COMPARISONS = (
    Comparison("explorer", "1", MORE),
    Comparison("explorer, granted pages", "whole", ("100", "1000")),
    Comparison("search", "root", ("1", *MORE)),
    Comparison("chooser", "1", MORE),
    Comparison("chooser, search", "root", ("1", *MORE)),
    Comparison("edit", "1", MORE),
    Comparison("admin's first page", "1", MORE),
    Comparison("home", "1", MORE),
    Comparison("page", "1", MORE),
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--without-plain", action="store_true")
    options = parser.parse_args()
    sites = ["ours"] if options.without_plain else list(SITES)
    broken: list[str] = []
    for database in ["SQLite", *(["PostgreSQL"] if options.postgres else [])]:
        for site in sites:
            with ExitStack() as stack:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                url = f"sqlite:///{folder}/db.sqlite3"
                if database == "PostgreSQL":
                    url = stack.enter_context(postgres_database(options.postgres))
                results = run(site, url, folder)
            faults = show(f"{site}, {database}", results)
            broken += faults if site == "ours" else []
    if broken:
        print("\nBroken bounds:", *broken, sep="\n  ")
    return 1 if broken else 0


def run(site: str, url: str, folder: str) -> Results:
    """Measure in a process of its own: each site has its own settings."""
    settings, module = SITES[site]
    code = (
        "import django; django.setup();"
        f"from benchmarks.rights_times import main; from {module} import build;"
        "main(build)"
    )
    environment = os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": folder,
        "DEBUG": "0",
        "SECRET_KEY": "for-the-benchmark-only",
        "ALLOWED_HOSTS": "testserver,127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        "DJANGO_SETTINGS_MODULE": settings,
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def show(title: str, results: Results) -> list[str]:
    """Print the comparisons; return those that break a bound."""
    print(f"\n{title}")
    print(f"{'address':26} {'pages':>6} {'rows':>5} {'queries':>8} {'ms':>8} ratio")
    broken = []
    for comparison in COMPARISONS:
        columns = results[comparison.address]
        base = columns[comparison.against]
        for person in (comparison.against, *comparison.people):
            taken = columns[person]
            faults = [] if taken is base else judge(base, taken)
            # A superuser is asked for no rights: that costs queries, once.
            few = columns["1"] if comparison.against == "root" else base
            if taken["queries"] > few["queries"]:
                faults.append("more queries")
            print(line(comparison, person, base, taken), *faults, flush=True)
            where = f"{title}: {comparison.address}, {person} pages"
            broken += [f"{where}: {fault}" for fault in faults]
    return broken


def judge(base: dict[str, Any], taken: dict[str, Any]) -> list[str]:
    if taken["failure"] or base["failure"]:
        return ["fails"]
    faults = []
    if taken["rows"] != base["rows"]:
        faults.append("shows another number of rows")
    if taken["ms"] > BOUND * base["ms"]:
        faults.append(f"over {BOUND} times the time")
    return faults


def line(
    comparison: Comparison, person: str, base: dict[str, Any], taken: dict[str, Any]
) -> str:
    start = f"{comparison.address:26} {person:>6}"
    if taken["failure"]:
        return f"{start} {taken['failure']}"
    ratio = "" if base["failure"] else f"{taken['ms'] / base['ms']:5.2f}"
    return f"{start} {taken['rows']:5} {taken['queries']:8} {taken['ms']:8.1f} {ratio}"


if __name__ == "__main__":
    sys.exit(main())
