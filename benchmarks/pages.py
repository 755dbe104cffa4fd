"""The plan, congress and home page against the same pages of a plain Wagtail project.

    .venv/bin/python -m benchmarks.pages
    .venv/bin/python -m benchmarks.pages --postgres postgresql://user:word@host/postgres

Builds the intranet with its demo and the project in `benchmarks/plain` with the same
content in a temporary folder, serves both with gunicorn (gthread, one worker), signs
in over HTTP and asks for the pages in turns. It takes about three minutes, talks
to 127.0.0.1 only, and leaves nothing behind.

What is compared: CPU time of the worker process a request (user and system), which is
steady where other things run on the machine, and requests a second by wrk, where it
is installed, which is not. The plain project is what `wagtail start` gives, user bar
included, with page types whose templates show the same text; "same words" says how
much of the text of our page stands on the plain one. The plain one translates
nothing, hides nothing from anybody and knows no units.

With --postgres the two databases are made beside the one given, and dropped again.
"""

import argparse
import html
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[1]
ROUND = 6
"""Requests for one page of one site before it is the other's turn."""
PEOPLE = {"tinh": "editor", "doc": "reader"}


@dataclass
class Site:
    """One of the two sites: its settings, its folder, its server."""

    name: str
    settings: str
    login: str
    folder: Path
    database: str
    password: str
    port: int = 0
    worker: int = 0
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": self.settings,
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database,
            "DEMO_PASSWORD": self.password,
            "SECRET_KEY": self.password,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "0",
            "DEBUG": "0",
        }

    def run(self, *command: str, text: str = "") -> str:
        """The output of `python -m …` with the site's settings."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{self.name}: {' '.join(command)}\n{done.stderr}")
        return done.stdout

    def call(self, module: str, argument: str = "", text: str = "") -> str:
        """The output of the module's `main`, called with Django set up."""
        code = f"from {module} import main; main({argument})"
        return self.run("django", "shell", "--no-imports", "-c", code, text=text)

    def prepare(self) -> None:
        self.folder.mkdir()
        self.run("django", "migrate", "--verbosity=0")
        self.run("django", "collectstatic", "--noinput", "--verbosity=0")

    @contextmanager
    def serve(self) -> Iterator[None]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn"),
                *("--worker-class", "gthread", "--workers", "1", "--threads", "2"),
                *("--bind", f"127.0.0.1:{self.port}", "--log-level", "error"),
                *("--no-control-socket", "django.core.wsgi:get_wsgi_application()"),
            ],
            cwd=ROOT,
            env=self.environment,
        )
        try:
            self.worker = self._await_worker(server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)

    def _await_worker(self, server: subprocess.Popen) -> int:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        for _attempt in range(300):
            time.sleep(0.1)
            if server.poll() is not None:
                sys.exit(f"{self.name}: gunicorn ended")
            try:
                self.get(self.login)
                return int(children.read_text().split()[0])
            except (OSError, IndexError):
                continue
        sys.exit(f"{self.name}: no answer on port {self.port}")

    def _ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def get(self, path: str, person: str = "") -> str:
        status, _headers, text = self._ask(
            "GET", path, Cookie=self.cookies.get(person, "")
        )
        if status != http.HTTPStatus.OK:
            sys.exit(f"{self.name}: {path} answered {status}")
        return text

    def sign_in(self, person: str) -> None:
        _status, headers, text = self._ask("GET", self.login)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        cookies = jar(headers)
        body = urlencode(
            {
                "csrfmiddlewaretoken": token[1] if token else "",
                "username": person,
                "password": self.password,
                "next": "/",
            }
        )
        status, headers, _text = self._ask(
            "POST",
            self.login,
            body,
            **{
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": joined(cookies),
            },
        )
        if status != http.HTTPStatus.FOUND:
            sys.exit(f"{self.name}: signing in as {person} answered {status}")
        self.cookies[person] = joined(cookies | jar(headers))

    def cpu(self) -> float:
        """The seconds of CPU the worker has used, user and system, in all threads."""
        tasks = Path(f"/proc/{self.worker}/task")
        try:
            return (
                sum(
                    int((task / "schedstat").read_text().split()[0])
                    for task in tasks.iterdir()
                )
                / 1e9
            )
        except OSError:  # a kernel without it: in steps of 10 ms
            fields = Path(f"/proc/{self.worker}/stat").read_text().rsplit(")")[1]
            user, system = fields.split()[11:13]
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Row:
    """A page as one person asks for it."""

    label: str
    path: str
    person: str


def jar(headers: http.client.HTTPMessage) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for line in headers.get_all("Set-Cookie") or []:
        for name, morsel in SimpleCookie(line).items():
            cookies[name] = morsel.value
    return cookies


def joined(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def words(page: str) -> Counter[str]:
    """The words a reader sees."""
    page = re.sub(r"(?s)<(script|style|head|template)\b.*?</\1>", " ", page)
    return Counter(re.findall(r"\w+", html.unescape(re.sub(r"<[^>]*>", " ", page))))


def same_words(ours: str, plain: str) -> float:
    """The share of our page's words that the plain page has too."""
    wanted = words(ours)
    return (wanted & words(plain)).total() / wanted.total()


def cpu_of(site: Site, path: str, person: str) -> float:
    """Milliseconds of CPU a request."""
    before = site.cpu()
    for _number in range(ROUND):
        site.get(path, person)
    return (site.cpu() - before) / ROUND * 1000


def wrk(site: Site, path: str, person: str, seconds: int) -> float | None:
    """Requests a second over two connections, or None without wrk."""
    if not seconds or not shutil.which("wrk"):
        return None
    done = subprocess.run(
        [
            *("wrk", "-t1", "-c2", f"-d{seconds}s"),
            *("-H", f"Cookie: {site.cookies[person]}"),
            f"http://127.0.0.1:{site.port}{path}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout:
        sys.exit(f"{site.name}: wrk was refused {path}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    return float(rate[1]) if rate else None


def measure(
    sites: tuple[Site, Site], rows: list[Row], args: argparse.Namespace
) -> None:
    """Ask for the rows' pages in turns between the sites; print a line for each."""
    ours, plain = sites
    times: dict[Row, list[tuple[float, float]]] = {row: [] for row in rows}
    for number in range(args.rounds + 1):
        for row in rows:
            order = (0, 1) if number % 2 else (1, 0)
            taken = {
                index: cpu_of(sites[index], row.path, row.person) for index in order
            }
            if number:  # the first round warms up
                times[row].append((taken[0], taken[1]))
    for row in rows:
        ours_ms, plain_ms = (
            statistics.median(column) for column in zip(*times[row], strict=True)
        )
        ratio = statistics.median(mine / other for mine, other in times[row])
        rates = [wrk(site, row.path, row.person, args.seconds) for site in sites]
        shown = "  ".join(f"{rate:7.1f}" if rate else "      –" for rate in rates)
        same = same_words(
            ours.get(row.path, row.person), plain.get(row.path, row.person)
        )
        print(
            f"{row.label:<28} {PEOPLE[row.person]:<7} {ours_ms:7.1f}  {plain_ms:7.1f}"
            f"  {ratio:5.2f}   {shown}   {same:7.0%}",
            flush=True,
        )


@contextmanager
def postgres(url: str) -> Iterator[list[str]]:
    """Two empty databases on the server of the URL."""
    names = [f"bench_{site}_{os.getpid()}" for site in ("ours", "plain")]
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield [urlsplit(url)._replace(path=f"/{name}").geturl() for name in names]
        finally:
            for name in names:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def build(sites: tuple[Site, Site], congresses: int) -> dict[str, str]:
    """Bring both sites to the same content; return the addresses, the same in both."""
    ours, plain = sites
    content = ours.call("benchmarks.plain.take", str(congresses))
    plain.call("benchmarks.plain.fill", text=content)
    return {"home": "/", **json.loads(content)}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--postgres", metavar="URL", help="instead of SQLite")
    parser.add_argument(
        "--congresses", type=int, nargs="+", default=[12, 120], help="under the plan"
    )
    parser.add_argument("--people", nargs="+", default=list(PEOPLE), choices=PEOPLE)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--seconds", type=int, default=2, help="of wrk for a page; 0 for none"
    )
    return parser.parse_args()


def main() -> None:
    args = arguments()
    password = secrets.token_urlsafe(24)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = [f"sqlite:///{folder / name / 'db'}" for name in ("ours", "plain")]
        if args.postgres:
            databases = stack.enter_context(postgres(args.postgres))
        sites = (
            Site(
                name="ours",
                settings="intranet.settings",
                login="/dang-nhap/",
                folder=folder / "ours",
                database=databases[0],
                password=password,
            ),
            Site(
                name="plain",
                settings="benchmarks.plain.settings",
                login="/_util/login/",
                folder=folder / "plain",
                database=databases[1],
                password=password,
            ),
        )
        with ThreadPoolExecutor() as pool:
            list(pool.map(Site.prepare, sites))
        sites[0].run("django", "load_demo", "--even-in-production", "--known-password")
        print("                                     CPU ms a request       requests/s")
        print(
            "page                         person     ours    plain  ratio"
            "      ours    plain   same words"
        )
        for index, number in enumerate(sorted(args.congresses)):
            paths = build(sites, number)
            kinds = {f"plan, {number} congresses": paths["plan"]}
            if index == 0:
                kinds |= {kind: paths[kind] for kind in ("congress", "home")}
            with ExitStack() as served:
                for site in sites:
                    served.enter_context(site.serve())
                    for person in args.people:
                        site.sign_in(person)
                rows = [
                    Row(label, path, person)
                    for person in args.people
                    for label, path in kinds.items()
                ]
                measure(sites, rows, args)


if __name__ == "__main__":
    main()
