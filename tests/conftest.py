"""What all tests share: the switches of a run."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden` and `--seeds`."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files with what comes out now")
    parser.addoption("--seeds", type=int, default=0, help="how many months the truth test makes (default: a few)")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))
