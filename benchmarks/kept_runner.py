"""A test runner on a database that is there already, which tells its tests apart."""

import time
import unittest
from typing import Any

from coverage import Coverage
from django.test.runner import DiscoverRunner

BETWEEN = "between tests"
"""What coverage calls the time in which the data of the next tests is made."""


class TimedResult(unittest.TextTestResult):
    """Keeps what each test took, and tells coverage, where it measures, which runs."""

    runner: "KeptRunner"

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        if measuring := Coverage.current():
            measuring.switch_context(test.id())
        self.started = time.perf_counter()

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        self.runner.seconds[test.id()] = time.perf_counter() - self.started
        if measuring := Coverage.current():
            measuring.switch_context(BETWEEN)
        super().stopTest(test)


class KeptRunner(DiscoverRunner):
    """The tests of a process that uses the database at its path and nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(verbosity=0, interactive=False, **options)
        self.seconds: dict[str, float] = {}
        """What each test took, by its label."""
        self.failed: list[str] = []
        """The labels of tests, and the names of classes, that did not pass."""

    def get_resultclass(self) -> type[unittest.TextTestResult]:
        return type("Result", (TimedResult,), {"runner": self})

    def setup_databases(self, **kwargs: Any) -> list[Any]:
        return []

    def teardown_databases(self, old_config: list[Any], **kwargs: Any) -> None:
        pass

    def run_checks(self, databases: Any) -> None:
        pass

    def suite_result(self, suite: Any, result: Any, **kwargs: Any) -> int:
        wrong = [*result.failures, *result.errors]
        self.failed = [test.id() for test, _text in wrong]
        return len(wrong) + len(result.unexpectedSuccesses)
