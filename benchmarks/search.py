"""The search backend against Wagtail's own, on the same pages in the same run.

    .venv/bin/python -m benchmarks.search
    .venv/bin/python -m benchmarks.search --postgres postgres://user:word@host/postgres

Makes a database with 2,000 guidance pages of about 3 KB, in which three words stand in
100, 400 and 1,600 of them, has each backend index them, and asks each for the words
as a reader of the site: how many there are, and the first twenty. It takes about two
minutes a database and leaves nothing behind. With --postgres it does the same in a
database made beside the one given.

What is compared: the shortest of several times of one search, in milliseconds. The
words are asked for without marks: the stock backend finds nothing else in a body.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[1]
INSIDE = (
    "import django; django.setup(); from benchmarks.search_times import main; main()"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--postgres", metavar="URL")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show("SQLite", run(f"sqlite:///{folder}/db.sqlite3", folder))
        if options.postgres:
            with postgres_database(options.postgres) as url:
                show("PostgreSQL", run(url, folder))


@contextmanager
def postgres_database(url: str) -> Iterator[str]:
    """A database beside the one given, for as long as it is used."""
    name = f"search_benchmark_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(url: str, folder: str) -> list[dict[str, float]]:
    """Measure in a process of its own: the index's models follow from the database."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": folder,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", INSIDE]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def show(database: str, times: list[dict[str, float]]) -> None:
    print(f"\n{database:26} {'stock ms':>10} {'own ms':>10} {'stock/own':>10}")
    stock, own = times
    for name in stock:
        ratio = stock[name] / own[name]
        print(f"{name:26} {stock[name]:10.1f} {own[name]:10.1f} {ratio:10.1f}")


if __name__ == "__main__":
    main()
