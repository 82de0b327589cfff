"""What all tests share: the switches of a run."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`, `--rounds` and `--seeds`."""
    parser.addoption(
        "--rounds",
        choices=["share", "full"],
        default="share",
        help="a share of each ordeal, or all of it",
    )
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files with what comes out now")
    parser.addoption("--seeds", type=int, default=0, help="how many months the truth test makes (default: a few)")


def pytest_configure() -> None:
    """Take signals that whoever started the run ignores (`nohup`, a job in the background) as a terminal's run does.

    What tests start would ignore them too.
    """
    for one, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(one) is signal.SIG_IGN:
            signal.signal(one, usual)


LONG = ("end_to_end", "drill", "truth", "ordeal")
"""Folders whose tests take longest: begun first, they end beside the others and not after them."""


ALONE = "exporter"
"""The folder of the tests marked `alone`: `make test` looks for them nowhere else."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest; refuse a mark that `make test` would pass over."""
    for item in items:
        if item.get_closest_marker("alone") and ALONE not in item.path.relative_to(Path(__file__).parent).parts[:1]:
            raise pytest.UsageError(f"{item.nodeid} is marked alone outside tests/{ALONE}: make test would not run it")
    items.sort(key=lambda item: LONG.index(item.path.parent.name) if item.path.parent.name in LONG else len(LONG))


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def share(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """How many rounds: the share of every day, or with `--rounds full` all."""
    full = request.config.getoption("--rounds") == "full"
    return lambda daily, whole: whole if full else daily
