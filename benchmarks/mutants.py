"""Break the rules of permission and of reviews one at a time: does a test notice?

    .venv/bin/python -m benchmarks.mutants [--list] [--only TEXT]

Each change ("mutant") is made in a copy of the project and the module's tests run on
it, the quick ones first. What survives is printed, and is a missing test, unless the
change alters nothing: `docs/permissions.md` lists those with their reason. Takes some
hours on one core; `--only` chooses.
"""

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Suite = tuple[tuple[str, ...], ...]
"""Labels of tests, run one group after the other until one fails."""

PERMISSIONS: Suite = (
    ("tests.plans.test_permissions",),
    ("tests.plans.test_admin_doors", "tests.plans.test_attachments"),
    ("tests.matrix",),
)
REVIEWS: Suite = (("tests.plans.test_reviews",), ("tests.plans.test_review_machine",))
MODULES: dict[str, Suite] = {
    "plans/permissions.py": PERMISSIONS,
    "plans/page_policy.py": PERMISSIONS,
    "plans/actions/submissions.py": REVIEWS,
    "plans/actions/decisions.py": REVIEWS,
}
"""What is broken, and the tests that should notice."""

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
        shutil.copytree(
            ROOT,
            self.tree,
            ignore=shutil.ignore_patterns(".git", ".venv", "data", "*_cache"),
        )
        (self.tree / "tests" / "kept_settings.py").write_text(
            "from tests.settings import *\n"
            f'DATABASES["default"]["TEST"]["NAME"] = {str(self.database)!r}\n'
        )
        self.environment = {
            **{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
            "DJANGO_SETTINGS_MODULE": "tests.kept_settings",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def passes(self, labels: tuple[str, ...]) -> bool:
        command = [sys.executable, "manage.py", "test", "--keepdb", "--failfast"]
        # Some tests empty all tables behind them.
        if self.untouched.exists():
            shutil.copyfile(self.untouched, self.database)
        try:
            result = subprocess.run(
                [*command, *labels],
                cwd=self.tree,
                env=self.environment,
                capture_output=True,
                check=False,
                timeout=1200,
            )
        except subprocess.TimeoutExpired:
            return False
        return result.returncode == 0

    def survives(self, mutant: Mutant) -> bool:
        path = self.tree / mutant.module
        path.write_text(mutant.source(), "utf-8")
        try:
            return all(self.passes(labels) for labels in MODULES[mutant.module])
        finally:
            shutil.copyfile(ROOT / mutant.module, path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--only", default="", help="those whose name holds this text")
    options = parser.parse_args()
    chosen = [
        mutant
        for module in MODULES
        for mutant in sorted(mutants(module), key=lambda mutant: mutant.line)
        if options.only in mutant.name
    ]
    if options.list:
        print("\n".join(mutant.name for mutant in chosen))
        return 0
    with tempfile.TemporaryDirectory(prefix="plans-mutants-") as folder:
        field = Field(Path(folder))
        field.passes(PERMISSIONS[0])
        shutil.copyfile(field.database, field.untouched)
        suites = {MODULES[mutant.module] for mutant in chosen}
        if not all(field.passes(labels) for suite in suites for labels in suite):
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
