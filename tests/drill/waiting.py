"""Waiting for a condition instead of sleeping for a time."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.1


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 60) -> float:
    """Wait until `condition` holds; how many seconds it took. Raises AssertionError after `seconds`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began
