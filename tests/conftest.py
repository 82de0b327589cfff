"""What all tests share: the switch that rewrites golden files, and sizes of long runs."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden` and `--ssh-devices`."""
    parser.addoption("--ssh-devices", default=25, type=int, help="devices visited over SSH at once (100: the long run)")
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files with what comes out now")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))
