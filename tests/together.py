"""Doing several things at the same moment, as a TransactionTestCase can."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from django.db import connections


def run_together(*calls: Callable[[], Any]) -> list[Exception]:
    """Call each in a thread with a connection of its own; what some of them raised."""
    errors = []

    def run(call: Callable[[], Any]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - reported to the test
            errors.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
