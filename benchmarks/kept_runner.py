"""A test runner on a database that is there already, which tells its tests apart.

For `benchmarks.mutants`: the settings name the database, KEPT_TIMES a file that gets a
line a test: seconds, and the test's label.
"""

import os
import time
import unittest
from pathlib import Path
from typing import Any

from coverage import Coverage
from django.test.runner import DiscoverRunner


class TimedResult(unittest.TextTestResult):
    """Tells coverage, where it measures, which test the lines are run by."""

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        if measuring := Coverage.current():
            measuring.switch_context(test.id())
        self.started = time.perf_counter()

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        seconds = time.perf_counter() - self.started
        if measuring := Coverage.current():
            measuring.switch_context("")
        if times := os.environ.get("KEPT_TIMES"):
            with Path(times).open("a") as file:
                file.write(f"{seconds:.3f} {test.id()}\n")
        super().stopTest(test)


class KeptRunner(DiscoverRunner):
    def get_resultclass(self) -> type[unittest.TextTestResult]:
        return TimedResult

    def setup_databases(self, **kwargs: Any) -> list[Any]:
        return []

    def teardown_databases(self, old_config: list[Any], **kwargs: Any) -> None:
        pass
