"""When something was down, from raw samples: right to one scrape, and to the second where echoes are counted."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopctl.checklist.outages import Seen, outages, seen_by_echoes, seen_by_samples
from sopctl.checklist.planned_time import Span

LONG = 14_400
Pairs = list[tuple[float, float]]


def up_at(times: Sequence[float], *down: Span) -> Pairs:
    return [(at, 0.0 if any(span.holds(at) for span in down) else 1.0) for at in times]


def echoes(times: Sequence[float], *down: Span, start: float = 0.0) -> tuple[Pairs, Pairs]:
    """Counters of one echo a second since `start`, as they stand at `times`."""

    def dead(until: float) -> float:
        return sum(max(0.0, min(span.end, until) - max(span.start, start)) for span in down)

    return [(at, float(int(at - start))) for at in times], [(at, float(int(at - start - dead(at)))) for at in times]


def scrapes(step: float, phase: float = 0.0, until: float = LONG) -> list[float]:
    return [round(phase + number * step, 3) for number in range(int(until / step))]


def test_a_sample_speaks_until_the_next() -> None:
    """Down from the first check without an answer to the next with one."""
    seen = seen_by_samples(up_at(scrapes(30, until=600), Span(100, 200)))
    assert seen.down == (Span(120, 210),)


@pytest.mark.parametrize("step", [15, 30, 60])
@settings(deadline=None)
@given(st.integers(600, 1200), st.integers(61, 4000), st.floats(0, 14.9))
def test_an_outage_is_right_to_one_scrape(step: int, start: int, length: int, phase: float) -> None:
    """Whenever it begins and whenever it is looked at, by samples and by echoes."""
    down = Span(start, start + length)
    times = scrapes(step, phase)
    sampled = outages([seen_by_samples(up_at(times, down))])
    assert abs(sum(span.length for span in sampled) - length) <= step
    if length >= 2 * step:
        counted = outages([seen_by_echoes(*echoes(times, down))])
        assert sum(span.length for span in counted) == pytest.approx(length, abs=4)
        assert len(counted) == 1


def test_what_was_not_scraped_is_not_down() -> None:
    """A missed scrape in an outage is no part of it: the sample before speaks for one step only."""
    times = [at for at in scrapes(30, until=900) if not 290 < at < 410]
    assert outages([seen_by_samples(up_at(times, Span(100, 700)))]) == (Span(120, 300), Span(420, 720))
    assert outages([seen_by_echoes(*echoes(times, Span(90, 690)))]) == (Span(90, 270), Span(420, 690))


def test_two_that_watch_have_to_agree() -> None:
    """What one exporter sees up, or one target answers, is up."""
    first, second = up_at(scrapes(30), Span(3600, 7200)), up_at(scrapes(30, 7.5), Span(5400, 9000))
    (span,) = outages([seen_by_samples(first), seen_by_samples(second)])
    assert (span.start, span.end) == pytest.approx((5400, 7200), abs=31)
    apart = [seen_by_echoes(*echoes(scrapes(30), one)) for one in (Span(3600, 7200), Span(8000, 9000))]
    assert outages(apart) == ()


def test_a_restarted_counter_is_no_outage() -> None:
    """After a restart both counters begin anew: that step says nothing, and what follows does."""
    before, after = echoes(scrapes(30, until=600)), echoes(scrapes(30, 600, until=900), Span(900, 1200), start=590)
    (span,) = outages([seen_by_echoes(before[0] + after[0], before[1] + after[1])])
    assert (span.start, span.end) == pytest.approx((900, 1200), abs=4)


def test_while_nothing_is_sent_nothing_is_known() -> None:
    """An exporter that is kept from sending makes no outage."""
    times = scrapes(30, until=600)
    assert outages([seen_by_echoes([(at, 5.0) for at in times], [(at, 5.0) for at in times])]) == ()


def test_loss_is_no_outage() -> None:
    """Nine of ten echoes lost: the link is bad, and alive."""
    times = scrapes(30, until=600)
    assert outages([seen_by_echoes([(at, at) for at in times], [(at, at // 10) for at in times])]) == ()


def test_nothing_seen_is_no_outage() -> None:
    """Without a sample nothing is said; with a single one, one evaluation's time."""
    assert seen_by_samples([]) == Seen((), ())
    assert seen_by_echoes([], []) == Seen((), ())
    assert seen_by_samples([(100.0, 0.0)]).down == (Span(100.0, 160.0),)
