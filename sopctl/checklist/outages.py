"""When an object was down, to the scrape, from its own raw samples.

Owns what a run of samples says of the time between them. Pure; times are seconds since the epoch.

Recorded minutes have the grain of an evaluation: an outage seen by every scrape may be told a minute too long or too
short. Here a sample speaks until the next one of its series, and counters of echoes tell an edge to the second.
What no sample speaks for (a missed scrape, a restart of what counts) is not known, and no outage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dcnet.catalogue import EVALUATION_INTERVAL_SECONDS
from sopctl.checklist.planned_time import LONGEST_PAUSE_SECONDS, Span, merge_spans, without

LONGEST_STEP = 1.5
"""Two samples farther apart than this many usual steps of their series have a missed scrape between them."""

Points = Sequence[tuple[float, float]]
"""(seconds since the epoch, value) of one series, in the order of time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one series, or all of an object's, saw: each list without overlaps, in order."""

    down: tuple[Span, ...]
    up: tuple[Span, ...]


def seen_by_samples(points: Points) -> Seen:
    """From a series that is 1 while all is well and 0 while not: a sample speaks until the next one."""
    step = _usual_step(points)
    down: list[Span] = []
    up: list[Span] = []
    ends = [*(at for at, _ in points[1:]), float("inf")]
    for (at, value), following in zip(points, ends, strict=False):
        end = following if following - at <= LONGEST_STEP * step else at + step
        (up if value > 0 else down).append(Span(at, end))
    return Seen(merge_spans(down), merge_spans(up))


def seen_by_echoes(sent: Points, received: Points) -> Seen:
    """From counters of echoes sent and received: down between two samples while echoes left and none came back."""
    answered = dict(received)
    both = [(at, count, answered[at]) for at, count in sent if at in answered]
    step = _usual_step([(at, count) for at, count, _ in both])
    shares: list[tuple[Span, float]] = []
    for (start, sent_before, received_before), (end, sent_after, received_after) in pairwise(both):
        went, came = sent_after - sent_before, received_after - received_before
        if end - start <= LONGEST_STEP * step and went > 0 and came >= 0:
            shares.append((Span(start, end), min(came / went, 1.0)))
    down: list[Span] = []
    up: list[Span] = []
    for place, (span, share) in enumerate(shares):
        if not share:
            down.append(span)
            continue
        first, last = span.start, span.end
        if place and not shares[place - 1][1] and shares[place - 1][0].end == span.start:
            first += (1 - share) * span.length
        if place + 1 < len(shares) and not shares[place + 1][1] and shares[place + 1][0].start == span.end:
            last -= (1 - share) * span.length
        if first >= last:
            # Between two dead stretches the lost part may lie on either side: half of it each.
            first = last = (span.start + span.end) / 2
            first, last = first - share * span.length / 2, last + share * span.length / 2
        down += [one for one in (Span(span.start, first), Span(last, span.end)) if one.length > 0]
        up.append(Span(first, last))
    return Seen(merge_spans(down), merge_spans(up))


def outages(series: Iterable[Seen]) -> tuple[Span, ...]:
    """When an object was down by all that tell of it: what any of them saw up is up."""
    every = list(series)
    down = merge_spans(span for one in every for span in one.down)
    return without(down, merge_spans(span for one in every for span in one.up)) if len(every) > 1 else down


def _usual_step(points: Points) -> float:
    """The usual distance of two samples, in seconds."""
    steps = [later - earlier for (earlier, _), (later, _) in pairwise(points)]
    near = [step for step in steps if step <= LONGEST_PAUSE_SECONDS]
    return median(near) if near else float(EVALUATION_INTERVAL_SECONDS)
