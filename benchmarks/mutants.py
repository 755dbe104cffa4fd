"""Break the rules of permission and of reviews one at a time: does a test notice?

    .venv/bin/python -m benchmarks.mutants [--list] [--only TEXT] [--share 1/2]

The plugin's tests run once to learn which of them come by each line. Then each change
("mutant") is made in a copy of the project, and the tests that come by its line run on
it, the quick ones first; at last the matrix, where the change is one of permission.
What survives is printed, and is a missing test, unless the change alters nothing:
`docs/permissions.md` lists those with their reason. Takes some two hours on one core;
`--only` chooses, `--share` takes every second one, so that two may run at once.
"""

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage import CoverageData

ROOT = Path(__file__).resolve().parent.parent

WATCHERS = (
    *("tests.home", "tests.plans.notifications"),
    *(
        f"tests.plans.test_{name}"
        for name in (
            *("permissions", "rights", "right_changes", "people", "admin_doors"),
            *("attachments", "guidance", "reviews", "review_machine", "accounts"),
            *("preparing", "outcomes", "derivations", "openings", "personal_data"),
            *("moves", "shown", "board", "deadlines", "congresses", "agreement"),
        )
    ),
)
"""The tests of which those that come by a line are asked first."""

LAST = ("tests.matrix",)
"""The tests that are asked of a change of permission when all others pass."""

FIRST_BATCH = 20

MODULES: dict[str, tuple[str, ...]] = {
    **{
        f"plans/permissions/{name}.py": LAST
        for name in (
            *("roles", "units", "people", "testers", "policy"),
            *("giving", "reviews", "papers", "joined"),
        )
    },
    "plans/actions/submissions.py": (),
    "plans/actions/decisions.py": (),
}
"""What is broken, and what is asked last."""

OPPOSITES: dict[type[Any], type[Any]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
}

Edit = Callable[[Any], Any]
"""Changes a node in place, or returns what takes its place."""


@dataclass(frozen=True)
class Mutant:
    module: str
    number: int
    """The place of the node in `ast.walk`."""
    line: int
    what: str
    edit: Edit

    @property
    def name(self) -> str:
        return f"{self.module}:{self.line} {self.what}"

    def source(self) -> str:
        tree = ast.parse((ROOT / self.module).read_text("utf-8"))
        nodes = list(ast.walk(tree))
        node = nodes[self.number]
        new = self.edit(node)
        if new is not None:
            for parent in nodes:
                _replace(parent, node, new)
        return ast.unparse(ast.fix_missing_locations(tree))


def _replace(parent: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list):
            setattr(parent, name, [new if each is old else each for each in value])


def mutants(module: str) -> Iterator[Mutant]:
    tree = ast.parse((ROOT / module).read_text("utf-8"))
    for number, node in enumerate(ast.walk(tree)):
        line = getattr(node, "lineno", 0)
        for what, edit in _edits(node):
            short = " ".join(ast.unparse(node).split())[:70]
            yield Mutant(module, number, line, f"`{short}`: {what}", edit)


def _edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    for kind, edits in EDITS.items():
        if isinstance(node, kind):
            yield from edits(node)


def _of_comparison(node: ast.Compare) -> Iterator[tuple[str, Edit]]:
    for place, operator in enumerate(node.ops):
        if opposite := OPPOSITES.get(type(operator)):
            yield f"{opposite.__name__}", _setter("ops", opposite, place)


def _of_operator(node: ast.BoolOp | ast.BinOp) -> Iterator[tuple[str, Edit]]:
    if opposite := OPPOSITES.get(type(node.op)):
        yield opposite.__name__, _setter("op", opposite)


def _of_not(node: ast.UnaryOp) -> Iterator[tuple[str, Edit]]:
    if isinstance(node.op, ast.Not):
        yield "without not", lambda node: node.operand


def _of_constant(node: ast.Constant) -> Iterator[tuple[str, Edit]]:
    if isinstance(node.value, bool):
        value = not node.value
        yield str(value), _constant(value)
    elif isinstance(node.value, int):
        more = node.value + 1
        yield str(more), _constant(more)


def _of_collection(node: Any) -> Iterator[tuple[str, Edit]]:
    for place in range(len(node.elts)):
        yield f"without item {place + 1}", _dropper("elts", place)


def _of_dict(node: ast.Dict) -> Iterator[tuple[str, Edit]]:
    for place in range(len(node.keys)):
        yield f"without item {place + 1}", _dropper("keys", place, "values")


def _of_condition(node: ast.If | ast.IfExp) -> Iterator[tuple[str, Edit]]:
    for value in (True, False):
        yield f"if {value}", _test_setter(value)


def _of_call(node: ast.Call) -> Iterator[tuple[str, Edit]]:
    if not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr in ("current", "distinct", "order_by", "none"):
        yield f"without .{node.func.attr}()", lambda node: node.func.value
    if node.func.attr in ("filter", "exclude"):
        yield f"without .{node.func.attr}(…)", lambda node: node.func.value
        if len(node.keywords) + len(node.args) > 1:
            for place in range(len(node.keywords)):
                yield f"without term {place + 1}", _dropper("keywords", place)


EDITS: dict[Any, Callable[[Any], Iterator[tuple[str, Edit]]]] = {
    ast.Compare: _of_comparison,
    (ast.BoolOp, ast.BinOp): _of_operator,
    ast.UnaryOp: _of_not,
    ast.Constant: _of_constant,
    (ast.Set, ast.List): _of_collection,
    ast.Dict: _of_dict,
    (ast.If, ast.IfExp): _of_condition,
    ast.Call: _of_call,
}


def _setter(name: str, kind: type[Any], place: int | None = None) -> Edit:
    def edit(node: Any) -> None:
        if place is None:
            setattr(node, name, kind())
        else:
            getattr(node, name)[place] = kind()

    return edit


def _dropper(name: str, place: int, *others: str) -> Edit:
    def edit(node: Any) -> Any:
        new = copy.copy(node)
        for each in (name, *others):
            values = list(getattr(node, each))
            del values[place]
            setattr(new, each, values)
        if isinstance(new, ast.Set) and not new.elts:
            return ast.Call(ast.Name("set"), [], [])
        return new

    return edit


def _constant(value: int) -> Edit:
    def edit(node: ast.Constant) -> None:
        node.value = value

    return edit


def _test_setter(value: bool) -> Edit:
    def edit(node: Any) -> None:
        node.test = ast.Constant(value)

    return edit


class Field:
    """A copy of the project with a test database that stays."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "project"
        self.database = folder / "kept.sqlite3"
        self.untouched = folder / "untouched.sqlite3"
        self.coverage = folder / "coverage"
        self.times = folder / "times"
        shutil.copytree(
            ROOT,
            self.tree,
            ignore=lambda folder, names: {
                name
                for name in names
                if name in (".git", ".venv")
                or name.endswith("_cache")
                # What the site itself keeps.
                or (name == "data" and Path(folder) == ROOT)
            },
        )
        (self.tree / "tests" / "kept_settings.py").write_text(
            "from tests.settings import *\n"
            f'DATABASES["default"]["TEST"]["NAME"] = {str(self.untouched)!r}\n'
            'if "KEPT" in os.environ:\n'
            f'    DATABASES["default"]["NAME"] = {str(self.database)!r}\n'
            '    TEST_RUNNER = "benchmarks.kept_runner.KeptRunner"\n'
        )
        self.environment = {
            **{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
            "DJANGO_SETTINGS_MODULE": "tests.kept_settings",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def prepare(self) -> None:
        """Make the tables, and learn which tests come by which line."""
        self._run(["manage.py", "test", "--keepdb", "tests.home"])
        settings = self.tree / "measured.ini"
        settings.write_text(
            f"[run]\nsource = plans\ndata_file = {self.coverage}\ncore = ctrace\n"
        )
        measured = ["-m", "coverage", "run", f"--rcfile={settings}", "manage.py"]
        self._kept([*measured, "test", *WATCHERS], KEPT_TIMES=str(self.times))
        seconds: dict[str, float] = {}
        for line in self.times.read_text().splitlines():
            time, label = line.split()
            seconds[label] = float(time)
        data = CoverageData(str(self.coverage))
        data.read()
        self.by_line = {
            module: {
                line: sorted(
                    filter(None, labels), key=lambda label: seconds.get(label, 0)
                )
                for line, labels in data.contexts_by_lineno(
                    str(self.tree / module)
                ).items()
            }
            for module in MODULES
        }

    def survives(self, mutant: Mutant) -> bool:
        path = self.tree / mutant.module
        path.write_text(mutant.source(), "utf-8")
        try:
            return all(self._passes(labels) for labels in self._batches(mutant))
        finally:
            shutil.copyfile(ROOT / mutant.module, path)

    def _batches(self, mutant: Mutant) -> Iterator[Sequence[str]]:
        """First the quickest test of each class, then the others, then what is last."""
        lines = self.by_line[mutant.module]
        # A statement of several lines counts as its first.
        near = range(mutant.line, max(mutant.line - 12, 0), -1)
        labels = next((lines[line] for line in near if lines.get(line)), [])
        first: dict[str, str] = {}
        for label in labels:
            first.setdefault(label.rpartition(".")[0], label)
        chosen = list(first.values())[:FIRST_BATCH]
        if chosen:
            yield chosen
        rest = [label for label in labels if label not in set(chosen)]
        # What is read when the module is imported, every test comes by.
        yield rest if labels else WATCHERS
        if last := MODULES[mutant.module]:
            yield last

    def _passes(self, labels: Sequence[str]) -> bool:
        if not labels:
            return True
        try:
            self._kept(["manage.py", "test", "--failfast", *labels])
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False
        return True

    def _kept(self, command: list[str], **more: str) -> None:
        # Some tests empty all tables behind them.
        shutil.copyfile(self.untouched, self.database)
        self._run(command, KEPT="1", **more)

    def _run(self, command: list[str], **more: str) -> None:
        subprocess.run(
            [sys.executable, *command],
            cwd=self.tree,
            env=self.environment | more,
            capture_output=True,
            check=True,
            timeout=1800,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--only", default="", help="those whose name holds this text")
    parser.add_argument("--share", default="1/1", help="the first of two parts: 1/2")
    options = parser.parse_args()
    share, parts = map(int, options.share.split("/"))
    chosen = [
        mutant
        for module in MODULES
        for mutant in sorted(mutants(module), key=lambda mutant: mutant.line)
        if options.only in mutant.name
    ][share - 1 :: parts]
    if options.list:
        print("\n".join(mutant.name for mutant in chosen))
        return 0
    with tempfile.TemporaryDirectory(prefix="plans-mutants-") as folder:
        field = Field(Path(folder))
        try:
            field.prepare()
        except subprocess.CalledProcessError as error:
            print(error.stderr.decode(), file=sys.stderr)
            print("The tests fail as they stand.", file=sys.stderr)
            return 1
        survivors = 0
        for number, mutant in enumerate(chosen, 1):
            alive = field.survives(mutant)
            survivors += alive
            word = "SURVIVED" if alive else "killed"
            print(f"{number}/{len(chosen)} {word} {mutant.name}", flush=True)
    print(f"{len(chosen)} mutants, {survivors} survived")
    return 0


if __name__ == "__main__":
    sys.exit(main())
