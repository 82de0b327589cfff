"""When devices and links were down in a month, to the scrape.

Owns which raw samples are fetched: only those of the days on which, and of the objects of which, an hour looks as if
there was an outage. What the samples say is `sopctl.checklist.outages`'.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import assert_never

from dcnet.catalogue import Catalogue, DeadEchoes, DownSamples, Indicator, object_of
from sopctl.checklist import queries
from sopctl.checklist.judge import Key
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.outages import Seen, outages, seen_by_echoes, seen_by_samples
from sopctl.checklist.planned_time import Span, merge_spans, within
from sopctl.checklist.samples import EvidenceSource, RawSeries
from sopctl.model import Period

HOUR, DAY = 3600, 86_400
BEFORE_SECONDS, AFTER_SECONDS = queries.HOUR_AND_A_STEP_SECONDS, 600
"""What is fetched around a suspicious hour's end: the hour, and enough on either side to see it begin and end."""

USUAL_STEP_SECONDS = 30
"""About how far apart raw samples are: how much is asked for at a time where a whole site was down hangs on it."""

Labels = tuple[tuple[str, str], ...]


def fetch_outages(client: EvidenceSource, catalogue: Catalogue, period: Period) -> dict[Key, tuple[Span, ...]]:
    """When each object was down within `period`, for the indicators whose month has `outages`.

    Every object with raw samples in the month is there, also one that was never down; what is not there is told by
    recorded samples alone.
    """
    found: dict[Key, tuple[Span, ...]] = {}
    for indicator in catalogue.indicators:
        if indicator.month.outages is not None:
            found |= {
                (indicator.id, name): spans
                for name, spans in _fetch_of(client, indicator, indicator.month.outages, period).items()
            }
    return found


def _fetch_of(
    client: EvidenceSource, indicator: Indicator, told_by: DownSamples | DeadEchoes, period: Period
) -> dict[str, tuple[Span, ...]]:
    month = Span(period.start.timestamp(), period.end.timestamp())
    asked = client.query_at(queries.told_by_raw(indicator, told_by, period.seconds), evaluation_time(month.end))
    labels = {object_of(indicator.component, one.labels): one.labels for one in asked}
    seen: dict[str, list[Seen]] = {name: [] for name in labels}
    for names, stretch in _suspicious(client, indicator, told_by, month):
        selected = queries.raw_selector(indicator, [labels[name] for name in names if name in labels])
        for name, one in _read(partial(_fetch_stretch, client, stretch, len(names), selected), indicator, told_by):
            seen.setdefault(name, []).append(one)
    return {name: within(merge_spans(outages(many)), month) for name, many in seen.items()}


def _suspicious(
    client: EvidenceSource, indicator: Indicator, told_by: DownSamples | DeadEchoes, month: Span
) -> Iterator[tuple[list[str], Span]]:
    """The objects that may have been down, and the stretch to look at, a day each."""
    hours: dict[int, dict[str, list[float]]] = {}
    # The hour that holds the month's last samples ends after it where the zone is not a whole hour off.
    for one in client.fetch_hourly(queries.suspicious_hours(indicator, told_by), month.start, month.end + HOUR):
        for at, _value in one.points:
            own = hours.setdefault(int((at - 1) // DAY), {})
            own.setdefault(object_of(indicator.component, one.labels), []).append(at)
    for _day, objects in sorted(hours.items()):
        ends = [at for many in objects.values() for at in many]
        first, last = min(ends) - BEFORE_SECONDS, max(ends) + AFTER_SECONDS
        yield sorted(objects), Span(max(first, month.start - AFTER_SECONDS), min(last, month.end + AFTER_SECONDS))


def _fetch_stretch(
    client: EvidenceSource, stretch: Span, objects: int, selected: str, series: str
) -> Sequence[RawSeries]:
    """The raw samples of `series` that tell of so many objects, which `selected` selects."""
    about = objects * stretch.length / USUAL_STEP_SECONDS
    return client.fetch_samples(queries.narrowed(series, selected), stretch.start, stretch.end, about)


def _read(
    fetch: Callable[[str], Sequence[RawSeries]], indicator: Indicator, told_by: DownSamples | DeadEchoes
) -> Iterable[tuple[str, Seen]]:
    """What each series of a stretch saw, by object; `fetch` gives a metric's series of that stretch."""
    match told_by:
        case DownSamples():
            for one in fetch(told_by.series):
                yield object_of(indicator.component, one.labels), seen_by_samples(one.points)
        case DeadEchoes():
            received = {_own(one.labels): one.points for one in fetch(told_by.received)}
            for one in fetch(told_by.sent):
                answered = received.get(_own(one.labels), ())
                yield object_of(indicator.component, one.labels), seen_by_echoes(one.points, answered)
        case _:
            assert_never(told_by)


def _own(labels: Mapping[str, str]) -> Labels:
    """What tells two series of one metric apart."""
    return tuple(sorted((name, value) for name, value in labels.items() if name != "__name__"))
