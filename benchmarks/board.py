"""What the board of a plan costs for 12, 120 and 10,599 units.

    .venv/bin/python -m benchmarks.board
    .venv/bin/python -m benchmarks.board --postgres postgres://user:word@host/postgres

Makes a database with a tree of that many communes, each with a congress and its dossier
opened under one plan, and asks for the board as a member of the top unit's board: its
first screen, one upper unit, what is late, the page to print, the table to take away,
the totals of delegates. Prints queries, kB and the shortest of several times in ms.
It fails where the queries differ with the number of units, or a screen is over 100 kB.
10,599 congresses take some minutes to open.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.search import postgres_database

ROOT = Path(__file__).resolve().parents[1]
SIZES = (12, 120, 10_599)
MOST_BYTES = 100_000
INSIDE = (
    "import django; django.setup(); from benchmarks.board_times import main; main()"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.postgres:
            with postgres_database(options.postgres) as url:
                fine = show("PostgreSQL", run(url, folder, options.sizes))
        else:
            url = f"sqlite:///{folder}/db.sqlite3"
            fine = show("SQLite", run(url, folder, options.sizes))
    sys.exit(0 if fine else 1)


def run(url: str, folder: str, sizes: list[int]) -> dict[str, dict[str, list[float]]]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": folder,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "BOARD_SIZES": json.dumps(sizes),
    }
    command = [sys.executable, "-c", INSIDE]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def show(database: str, found: dict[str, dict[str, list[float]]]) -> bool:
    """Print the table; answers whether every bound holds."""
    fine = True
    print(f"\n{database:24} {'units':>8} {'queries':>8} {'kB':>8} {'ms':>8}")
    for screen, by_size in found.items():
        for size, (queries, size_of_it, seconds) in by_size.items():
            print(
                f"{screen:24} {size:>8} {queries:8.0f} {size_of_it / 1000:8.1f}"
                f" {seconds * 1000:8.0f}"
            )
            too_large = size_of_it > MOST_BYTES and not screen.startswith("table")
            fine = fine and not too_large
        fine = fine and len({queries for queries, *_more in by_size.values()}) == 1
    print("every bound holds" if fine else "a bound does not hold")
    return fine


if __name__ == "__main__":
    main()
