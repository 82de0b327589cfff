"""How an event's time is written."""

from datetime import UTC, datetime

import pytest

from sopctl.chain.event import time_as_text, time_from_text


def test_a_time_reads_back_as_it_was_written() -> None:
    """Whole seconds in UTC come back the same."""
    time = datetime(2026, 11, 1, 2, 12, tzinfo=UTC)
    assert time_as_text(time) == "2026-11-01T02:12:00Z"
    assert time_from_text("2026-11-01T02:12:00Z") == time


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-11-01T02:12:00", id="no zone"),
        pytest.param("2026-11-01T02:12:00+00:00", id="UTC as an offset"),
        pytest.param("2026-11-01T09:12:00+07:00", id="another zone"),
        pytest.param("2026-11-01T02:12:00.5Z", id="part of a second"),
        pytest.param("20261101T021200Z", id="basic form"),
        pytest.param("2026-W44-7T02:12:00Z", id="by week"),
        pytest.param("2026-11-01 02:12:00Z", id="a space between"),
        pytest.param("2026-11-01", id="a day only"),
        pytest.param("2026-11-1T2:12:0Z", id="without leading zeros"),
        pytest.param("2026-13-01T02:12:00Z", id="no such month"),
        pytest.param("0001-01-01T00:00:00Z", id="the calendar's first year"),
        pytest.param("9999-12-31T23:59:59Z", id="the calendar's last year"),
        pytest.param("", id="nothing"),
    ],
)
def test_any_other_form_of_a_time_is_refused(text: str) -> None:
    """The ledger's form is the only one, though ISO 8601 knows many."""
    with pytest.raises(ValueError, match=r"."):
        time_from_text(text)
