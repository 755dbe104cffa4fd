"""Break the rules of permission and of reviews one at a time: does a test notice?

    .venv/bin/python -m benchmarks.mutants [--list] [--only TEXT] [--jobs 2]

The plugin's tests run once to learn which of them come by each line. Then each change
("mutant") is made in a process of its own, and the tests that come by its line run on
it, first those that noticed most changes in the least time; at last the matrix, where
the change is one of permission. What survives is printed, and is a missing test, unless
the change alters nothing: `docs/permissions.md` lists those with their reason.

A change within functions is made in a process that has loaded all tests already, by
giving the functions their new code; any other in one that loads the changed module.
"""

import argparse
import ast
import gc
import importlib.abc
import importlib.machinery
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import django
import hypothesis
from coverage import Coverage, CoverageData
from django.apps import apps
from django.db import connections

from .kept_runner import BETWEEN, KeptRunner
from .mutations import ROOT, Mutant, mutants

WATCHERS = (
    *(
        f"tests.plans.test_{name}"
        for name in (
            *(
                "roles",
                "permissions",
                "rights",
                "right_changes",
                "people",
                "admin_doors",
            ),
            *("attachments", "guidance", "reviews", "review_machine", "accounts"),
            *("preparing", "outcomes", "derivations", "openings", "personal_data"),
            *("moves", "shown", "board", "deadlines", "congresses", "agreement"),
        )
    ),
    *("tests.plans.notifications", "tests.home"),
)
"""The tests of which those that come by a line are asked first."""

LAST = ("tests.matrix",)
"""The tests that are asked of a change of permission when all others pass."""

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

hypothesis.settings.register_profile(
    # That an example fails is enough: none is made smaller, or kept.
    "mutants",
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    database=None,
)

FIRST = 2
"""How many of the watchers are asked before the others."""

FIRST_BATCH = 15
"""How many tests are asked before all others that come by a line."""

MAKING = 1.0
"""Seconds that making the data of a class of tests takes, about."""

PATIENCE = 600
"""Seconds after which a changed program counts as noticed: it does not end."""

Change = Callable[[], None]
"""Makes the change in the process that calls it."""

Code = dict[tuple[str, int], CodeType]
"""Functions by their name within the module and their first line."""


def functions(code: CodeType) -> Code:
    """The functions of a module's code and of its classes, not those within them."""
    found: Code = {}
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_flags & 1:  # CO_OPTIMIZED: a function's, not a class's.
                found[each.co_qualname, each.co_firstlineno] = each
            else:
                found |= functions(each)
    return found


def at_import(code: CodeType) -> list[Any]:
    """What the module does when it is loaded, for comparison."""
    seen: list[Any] = [code.co_code, code.co_names]
    for each in code.co_consts:
        if not isinstance(each, CodeType):
            seen.append((type(each), each))
        elif not each.co_flags & 1:
            seen.append(at_import(each))
    return seen


def compiled(module: str, tree: ast.Module) -> CodeType:
    return compile(tree, str(ROOT / module), "exec")


def new_functions(mutant: Mutant) -> Code | None:
    """The functions that the change alters; none where it alters what loading does."""
    old = compiled(mutant.module, ast.parse((ROOT / mutant.module).read_text("utf-8")))
    new = compiled(mutant.module, mutant.tree())
    if at_import(old) != at_import(new):
        return None
    before = functions(old)
    return {key: code for key, code in functions(new).items() if before[key] != code}


class Field:
    """What is learnt beforehand, in a folder: an untouched database, who comes by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.untouched = folder / "untouched.sqlite3"

    def prepare(self, jobs: int) -> None:
        """Make the tables, and learn which tests come by which line."""
        subprocess.run(
            [sys.executable, "manage.py", "test", "--keepdb", "tests.home.test_home"],
            cwd=ROOT,
            env=os.environ | {"TEST_DATABASE": str(self.untouched)},
            check=True,
            capture_output=True,
        )
        shares = [WATCHERS[share::jobs] for share in range(jobs)]
        if any(in_parallel(self._measure, list(enumerate(shares)))):
            raise SystemExit("The tests fail as they stand.")

    def learn(self) -> None:
        self.seconds: dict[str, float] = {}
        for times in self.folder.glob("times*"):
            self.seconds |= json.loads(times.read_text())
        data = CoverageData(no_disk=True)
        for lines in self.folder.glob("lines*"):
            part = CoverageData(str(lines))
            part.read()
            data.update(part)
        self.by_line = {
            module: data.contexts_by_lineno(str(ROOT / module)) for module in MODULES
        }

    def _measure(self, share: int, labels: Sequence[str]) -> int:
        measuring = Coverage(
            data_file=str(self.folder / f"lines{share}"),
            include=[str(ROOT / module) for module in MODULES],
            config_file=False,
        )
        measuring.set_option("run:core", "ctrace")
        measuring.start()
        django.setup()
        KeptRunner().build_suite(list(labels))
        measuring.switch_context(BETWEEN)
        runner, failures = self.run(labels)
        measuring.stop()
        measuring.save()
        (self.folder / f"times{share}").write_text(json.dumps(runner.seconds))
        print("\n".join(runner.failed), end="", flush=True)
        return failures

    def run(self, labels: Sequence[str], **options: Any) -> tuple[Any, int]:
        """Run tests in this process, which is for them alone, on their own database."""
        if not apps.ready:  # Done twice, it would silence the loggers that tests hear.
            django.setup()
        database = self.folder / f"{os.getpid()}.sqlite3"
        shutil.copyfile(self.untouched, database)
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = str(database)
        runner = KeptRunner(**options)
        try:
            return runner, runner.run_tests(list(labels))
        finally:
            for path in self.folder.glob(f"{os.getpid()}.sqlite3*"):
                path.unlink()

    def covering(self, mutant: Mutant) -> tuple[list[str], bool]:
        """The tests that come by the line, and whether loading the module does, too.

        No tests where only the making of their data comes by it.
        """
        lines = self.by_line[mutant.module]
        # A statement of several lines counts as its first.
        near = range(mutant.line, max(mutant.line - 12, 0), -1)
        labels = next((lines[line] for line in near if lines.get(line)), [])
        return [label for label in labels if label not in ("", BETWEEN)], "" in labels


class Judge:
    """Asks the tests of one mutant after the other."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.kills: Counter[str] = Counter()

    def tell(self, mutant: Mutant, change: Change) -> None:
        word = "SURVIVED" if self.survives(mutant, change) else "killed"
        print(f"{word} {mutant.name}", flush=True)

    def survives(self, mutant: Mutant, change: Change) -> bool:
        labels, at_loading = self.field.covering(mutant)
        # Every test comes by what is done when a module is loaded.
        parts = [WATCHERS[:FIRST], WATCHERS[FIRST:]]
        everyone = parts if at_loading or not labels else []
        last = MODULES[mutant.module]
        for batch in [*self._batches(labels), *everyone, last]:
            if batch and not self._passes(batch, change):
                return False
        return True

    def _batches(self, labels: Sequence[str]) -> Iterator[Sequence[str]]:
        """First the tests that notice most in the least time, then all others."""
        labels = sorted(labels, key=self._cost)
        first, rest = labels[:FIRST_BATCH], labels[FIRST_BATCH:]
        yield by_class(first)
        yield by_class(rest)

    def _cost(self, label: str) -> float:
        seconds = MAKING + self.field.seconds.get(label, 0)
        return seconds / (1 + self.kills[label])

    def _passes(self, labels: Sequence[str], change: Change) -> bool:
        told = self.field.folder / f"failed{os.getpid()}"
        told.unlink(missing_ok=True)

        def ask() -> int:
            signal.alarm(PATIENCE)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            change()
            runner, failures = self.field.run(labels, failfast=True)
            told.write_text("\n".join(runner.failed))
            return failures

        failures = in_fork(ask)
        if told.exists():
            self.kills.update(told.read_text().split("\n"))
        return not failures


def by_class(labels: Sequence[str]) -> list[str]:
    """The labels, those of one class together: its data is made once."""
    classes = list(dict.fromkeys(label.rpartition(".")[0] for label in labels))
    return sorted(labels, key=lambda label: classes.index(label.rpartition(".")[0]))


def in_fork(work: Callable[[], int]) -> int:
    """Do the work in a copy of this process: 0 where it succeeds."""
    sys.stdout.flush()
    if child := os.fork():
        return os.waitpid(child, 0)[1]
    try:
        failures = work()
    except BaseException:  # noqa: BLE001 - Nothing may return into the caller's copy.
        traceback.print_exc()
        failures = 1
    os._exit(bool(failures))


def in_parallel(work: Callable[..., Any], many: Sequence[tuple[Any, ...]]) -> list[int]:
    """Do the work with each set of arguments at once; the exit codes."""
    context = multiprocessing.get_context("fork")

    def end(*arguments: Any) -> None:
        sys.exit(work(*arguments))

    processes = [context.Process(target=end, args=arguments) for arguments in many]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode or 0 for process in processes]


class ChangedFinder(importlib.abc.MetaPathFinder):
    """Loads one module from a changed tree."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.module.removesuffix(".py").replace("/", ".")

    def find_spec(
        self, name: str, path: Any, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = None
        if name == self.name:
            spec = importlib.machinery.PathFinder.find_spec(name, path, target)
            assert spec and spec.loader
            spec.loader.exec_module = self.exec_module  # type: ignore[method-assign]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(compiled(self.mutant.module, self.mutant.tree()), module.__dict__)


def judge(field: Field, chosen: Sequence[Mutant]) -> None:
    """Ask the tests of all these mutants and print what they say."""
    asked = Judge(field)
    cold: list[Mutant] = []
    warm: list[tuple[Mutant, Code]] = []
    for mutant in chosen:
        new = new_functions(mutant)
        if new is None or field.covering(mutant)[1]:
            cold.append(mutant)
        else:
            warm.append((mutant, new))

    def give_codes() -> int:
        loaded = loaded_functions()
        for mutant, new in warm:
            file = str(ROOT / mutant.module)
            pairs = [
                (function, code)
                for (name, line), code in new.items()
                for function in loaded[file, name, line]
            ]
            asked.tell(mutant, partial(give_code, pairs))
        return 0

    # In its own process: this one must load nothing of the project.
    in_fork(give_codes)
    for mutant in cold:
        asked.tell(mutant, partial(sys.meta_path.insert, 0, ChangedFinder(mutant)))


Loaded = dict[tuple[str, str, int], list[FunctionType]]
"""Functions by the file, the name in it and the line their code says."""


def loaded_functions() -> Loaded:
    """Load the project with all tests; all its functions."""
    django.setup()
    KeptRunner().build_suite([*WATCHERS, *LAST])
    loaded: Loaded = {}
    for each in gc.get_objects():
        if type(each) is FunctionType:  # Lazy objects would be woken by isinstance.
            code = each.__code__
            key = (code.co_filename, code.co_qualname, code.co_firstlineno)
            loaded.setdefault(key, []).append(each)
    return loaded


def give_code(pairs: Sequence[tuple[FunctionType, CodeType]]) -> None:
    for function, code in pairs:
        function.__code__ = code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--only", default="", help="those whose name holds this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="a folder for what is learnt, to be used again")
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
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    hypothesis.settings.load_profile("mutants")
    with tempfile.TemporaryDirectory(prefix="plans-mutants-") as folder:
        field = Field(Path(options.keep or folder))
        if not field.untouched.exists():
            field.folder.mkdir(exist_ok=True)
            field.prepare(options.jobs)
        field.learn()
        print(f"{len(chosen)} mutants", flush=True)
        jobs = range(options.jobs)
        return max(
            in_parallel(judge, [(field, chosen[job :: len(jobs)]) for job in jobs])
        )


if __name__ == "__main__":
    sys.exit(main())
