"""SOP step 4's evidence: ask a month, judge it, give the Data Check List Kinerja Sistem.

Owns the order of the questions. It must not know how they travel (the adapters do) or how they are
judged (`sopctl.checklist` does).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from dcnet.catalogue import DAY_DELAY_SECONDS, Catalogue, Component, Indicator, Severity, owner_of
from dcnet.language import Words
from sopctl.checklist import queries
from sopctl.checklist.findings import Topology, find_findings
from sopctl.checklist.incidents import BadTime, find_incidents, read_degraded
from sopctl.checklist.judge import (
    Key,
    MonthEvidence,
    coverage_of,
    judge_month,
    natural_order,
)
from sopctl.checklist.month_window import evaluation_time, previous_month, require_over
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, read_windows
from sopctl.checklist.rollups import Rollups, read_rollups
from sopctl.checklist.samples import EvidenceSource, RawSeries, Sample, key_of, label_of, member_of
from sopctl.errors import SopctlError
from sopctl.evidence import Checklist, Finding, InventoryObject, LinkContract, PlannedWork
from sopctl.model import Period
from sopctl.workflow.finding_series import fetch_series
from sopctl.workflow.month_outages import fetch_outages
from sopctl.workflow.month_values import Recorded, fetch_figures

Clock = Callable[[], datetime]
Limits: TypeAlias = dict[tuple[str, str, Severity], float]
"""By (indicator, object, severity)."""

HOUR = 3600


class NoEvidence(SopctlError):  # noqa: N818  # the question was answered: with nothing
    """Prometheus answered, and knows nothing of the month."""


def pull_checklist(
    client: EvidenceSource,
    catalogue: Catalogue,
    period: Period,
    clock: Clock,
    *,
    still_open: Mapping[Key, Finding] = MappingProxyType({}),
    shortest_pause_minutes: float = 0.0,
    month_before: Checklist | None = None,
) -> Checklist:
    """Ask `client` for `period` and judge it. `still_open`: findings of earlier months, as `find_findings` takes them.

    `month_before`: that month's checklist, from which its values are taken; without it they are asked for.
    Incidents of one object and indicator with a shorter pause between them than `shortest_pause_minutes` are one.

    Raises PeriodError while the month is not over, NoEvidence where the inventory was not recorded in it,
    and whatever PublicError the client raises.
    """
    now = clock()
    require_over(period, now)
    objects = _fetch_objects(client, period)
    carriers = {one.name: one.parent for one in objects if one.kind is Component.LINK}
    known = catalogue.by_id()
    rollups = _fetch_rollups(client, period)
    planned = _fetch_planned(client, catalogue, period)
    before = _reported(month_before) if month_before else _asked(client, catalogue, previous_month(period), carriers)
    outages = fetch_outages(client, catalogue, period)
    month = fetch_figures(client, catalogue, period, planned, carriers, outages=outages, rollups=rollups)
    end = _fetch_end(client, period, rollups, (*before.recorded, *month.counts))
    limits = end.limits
    evidence = MonthEvidence(
        period=period,
        objects=objects,
        recorded=end.recorded,
        coverage={key: coverage_of(count, period) for key, count in month.counts_by_object.items()},
        limits=limits,
        month_limits=end.month_limits,
        values=month.values,
        previous_values=before.values,
        degraded={
            key: find_incidents(
                bad,
                planned.spans_of(key[1], device_of(key[1], carriers), 0 if key in outages else _lookback(known, key)),
                period,
                shortest_pause_minutes * 60,
            )
            for key, bad in _fetch_bad_time(client, known, period, limits, outages).items()
        },
        planned=planned,
        life=_fetch_life(client, period, objects),
    )
    rows = judge_month(catalogue, evidence)
    findings = find_findings(rows, catalogue, _fetch_topology(client, objects, period), still_open, period)
    return Checklist(
        period=period,
        pulled_at=now,
        source=client.source,
        objects=objects,
        rows=rows,
        findings=findings,
        planned_work=_planned_work(planned, period),
        contracts=_fetch_contracts(client, period),
        series=fetch_series(client, known, findings, period),
        # Last: every question above may have added to them.
        warnings=client.warnings,
        shortest_pause_minutes=shortest_pause_minutes,
    )


def _ask(client: EvidenceSource, expression: str, period: Period) -> list[Sample]:
    return list(client.query_at(expression, evaluation_time(period.end.timestamp())))


def _fetch_rollups(client: EvidenceSource, period: Period) -> Rollups:
    start, end, about = period.start.timestamp(), period.end.timestamp(), period.seconds / HOUR
    # The day that ends with the month is told a while after it.
    days = client.fetch_samples("dcnet:day", start, end + DAY_DELAY_SECONDS, about)
    return read_rollups(client.fetch_samples("dcnet:hour", start, end, about), days)


@dataclass(frozen=True, slots=True)
class _MonthBefore:
    """What a month's judgement needs of the month before."""

    values: Mapping[Key, float]
    recorded: Sequence[Recorded]


def _reported(checklist: Checklist) -> _MonthBefore:
    """As its own checklist told it."""
    return _MonthBefore(
        {(row.indicator, row.object): row.value for row in checklist.rows if row.value is not None},
        tuple((row.indicator, row.device, row.object) for row in checklist.rows if row.coverage > 0),
    )


def _asked(client: EvidenceSource, catalogue: Catalogue, period: Period, carriers: Mapping[str, str]) -> _MonthBefore:
    """As the source tells it now."""
    rollups = _fetch_rollups(client, period)
    # Without rollups a month is asked for its values only: who was recorded is known from the hours alone.
    figures = fetch_figures(
        *(client, catalogue, period, _fetch_planned(client, catalogue, period), carriers),
        outages=fetch_outages(client, catalogue, period),
        rollups=rollups,
        count_samples=False,
    )
    return _MonthBefore(figures.values, tuple(figures.counts) or _recorded_hourly(client, period))


def _recorded_hourly(client: EvidenceSource, period: Period) -> tuple[Recorded, ...]:
    """What has hourly rollups in the month."""
    asked = _ask(client, queries.objects_recorded_hourly(period.seconds), period)
    return tuple((key_of(one)[0], one.labels.get("device", ""), key_of(one)[1]) for one in asked)


@dataclass(frozen=True, slots=True)
class _MonthEnd:
    """What held at the month's end."""

    recorded: Mapping[Key, str]
    """The device of everything that was recorded in the month (the device that it had last), or in the one before."""

    limits: Limits
    """Of the moment; of what was not recorded at the end any more, the last ones."""

    month_limits: Limits


def _fetch_end(
    client: EvidenceSource, period: Period, rollups: Rollups, ever_recorded: Iterable[Recorded]
) -> _MonthEnd:
    at = evaluation_time(period.end.timestamp())
    limits_asked = queries.LIMITS_NOW if rollups.hours else queries.limits_in_force(period.seconds)
    lately, now, limits_told, month_limits = client.query_all(
        [
            (queries.recorded_lately(rollups=bool(rollups.hours)), at),
            (queries.RECORDED_NOW, at),
            (limits_asked, at),
            (queries.month_limits(period.seconds), at),
        ]
    )
    recorded = {(indicator, name): device for indicator, device, name in ever_recorded}
    recorded |= {key_of(one): one.labels.get("device", "") for one in (*lately, *now)}
    limits = _read_limits(limits_told)
    if rollups.hours:
        known = {(indicator, name) for indicator, name, _severity in limits}
        owners = sorted({owner_of(name) for indicator, name in recorded if (indicator, name) not in known})
        if owners:
            limits = _read_limits(_ask(client, queries.limits_in_force(period.seconds, owners), period)) | limits
    return _MonthEnd(recorded, limits, _read_limits(month_limits))


def _smallest_first(samples: Iterable[Sample]) -> list[Sample]:
    """So that the best covered series of an object is the one that stays in a dict."""
    return sorted(samples, key=lambda sample: sample.value)


def _fetch_objects(client: EvidenceSource, period: Period) -> tuple[InventoryObject, ...]:
    """The inventory of the month; an object described in two ways is taken as it stood longest."""
    found: dict[str, InventoryObject] = {}
    for sample in _smallest_first(_ask(client, queries.seen_objects(period.seconds), period)):
        labels = sample.labels
        name = label_of(labels, "object")
        found[name] = InventoryObject(
            name=name,
            kind=member_of(labels, "kind", Component, among=(Component.DEVICE, Component.LINK)),
            site=labels.get("site", ""),
            role=labels.get("role", ""),
            parent=labels.get("parent", ""),
        )
    if not found:
        raise NoEvidence(
            Words(
                f"{client.source} tidak mempunyai dcnet_inventory_info untuk {period.name}: tidak diketahui apa yang"
                " seharusnya diukur; periksa alamat Prometheus, masa simpan data dan pengumpulan /metrics exporter",
                f"{client.source} has no dcnet_inventory_info in {period.name}: what should have been measured is not"
                " known; check the Prometheus address, its retention and the scrape of the exporter's /metrics",
            )
        )
    return tuple(sorted(found.values(), key=lambda one: (tuple(Component).index(one.kind), natural_order(one.name))))


def _fetch_life(client: EvidenceSource, period: Period, objects: Iterable[InventoryObject]) -> dict[str, float]:
    """The share of the month in which the inventory held each object; right to the hour. Left out: all of it.

    An object that was there when the first inventory of the month was recorded was there before, too: that nothing at
    all was recorded is time without data, not time without the object. So at the end. Only those that are missing in
    the month's first or last inventory are asked for.
    """
    start, end = period.start.timestamp(), period.end.timestamp()

    def hours(expression: str) -> dict[str, list[float]]:
        # A value at an hour tells of the hour before; the month's last may end after it.
        found = client.fetch_hourly(expression, start + 1, end + HOUR)
        return {one.labels.get("object", ""): [at for at, _value in one.points] for one in found}

    of_any = hours(queries.ANY_SEEN).get("", [])
    if not of_any:
        return {}
    begun, ended = min(of_any), max(of_any)
    at_both = [
        {label_of(one.labels, "object") for one in client.query_at(queries.seen_hourly(), at)}
        for at in (begun, evaluation_time(min(ended, end)))
    ]
    partly = sorted({one.name for one in objects} - (at_both[0] & at_both[1]))
    life = {}
    for name, seen in (hours(queries.seen_hourly(partly)) if partly else {}).items():
        came = start if min(seen) <= begun else min(seen) - HOUR
        went = end if max(seen) >= ended else max(seen)
        life[name] = (min(went, end) - max(came, start)) / period.seconds
    return life


def _fetch_topology(client: EvidenceSource, objects: Iterable[InventoryObject], period: Period) -> Topology:
    ports = {
        label_of(one.labels, "link"): f"{one.labels.get('device', '')}:{one.labels.get('interface', '')}"
        for one in _ask(client, queries.link_ports(period.seconds), period)
    }
    return Topology({one.name: one.parent for one in objects}, ports)


def _read_limits(samples: Iterable[Sample]) -> Limits:
    # An empty label is no label to Prometheus: the site's own limits come without `object`.
    return {
        (
            label_of(one.labels, "indicator"),
            one.labels.get("object", ""),
            member_of(one.labels, "severity", Severity),
        ): one.value
        for one in samples
        # NaN and Inf are no limits: what comes next in the order of limits holds.
        if math.isfinite(one.value)
    }


def _fetch_raw(client: EvidenceSource, metric: str, period: Period, minutes_before: int = 0) -> list[RawSeries]:
    """The raw samples of `metric` in the month and so long before it, asked for only where there are any."""
    count = _ask(client, queries.sample_count(metric, period.seconds + 60 * minutes_before), period)
    if not count:
        return []
    start = period.start.timestamp() - 60 * minutes_before
    return list(client.fetch_samples(metric, start, period.end.timestamp(), count[0].value))


def _fetch_planned(client: EvidenceSource, catalogue: Catalogue, period: Period) -> PlannedTime:
    lookback = max((indicator.lookback_minutes for indicator in catalogue.indicators), default=0)
    month = Span(period.start.timestamp(), period.end.timestamp())
    return read_windows(_fetch_raw(client, "dcnet_maintenance", period, lookback), month)


def _fetch_bad_time(
    client: EvidenceSource,
    known: Mapping[str, Indicator],
    period: Period,
    limits: Limits,
    outages: Mapping[Key, tuple[Span, ...]],
) -> dict[Key, BadTime]:
    """When each object was past its limits: by its raw outages where they are told, else as it was recorded."""
    recorded = read_degraded(_fetch_raw(client, "dcnet:degraded", period))
    found = {key: bad for key, bad in recorded.items() if key[0] in known and key not in outages}
    for key, down in outages.items():
        of, usual = known[key[0]], known[key[0]].limits
        is_bad = of.is_past(0.0, limits.get((*key, Severity.WARNING), usual.warning))
        is_critical = of.is_past(0.0, limits.get((*key, Severity.CRITICAL), usual.critical))
        found[key] = BadTime(down if is_bad or is_critical else (), down if is_critical else ())
    return found


def _lookback(known: Mapping[str, Indicator], key: Key) -> int:
    return known[key[0]].lookback_minutes


def _planned_work(planned: PlannedTime, period: Period) -> tuple[PlannedWork, ...]:
    zone = period.start.tzinfo
    return tuple(
        PlannedWork(
            one.object,
            one.name,
            datetime.fromtimestamp(one.span.start, zone),
            datetime.fromtimestamp(one.span.end, zone),
        )
        for one in planned.windows
    )


def _fetch_contracts(client: EvidenceSource, period: Period) -> tuple[LinkContract, ...]:
    figures: dict[str, dict[str, float]] = {}
    providers: dict[str, str] = {}
    names = ("availability_ratio", "latency_seconds", "loss_ratio")
    at = evaluation_time(period.end.timestamp())
    told = client.query_all([(queries.contract_figure(name, period.seconds), at) for name in names])
    for name, samples in zip(names, told, strict=True):
        for sample in samples:
            link = label_of(sample.labels, "link")
            if not math.isfinite(sample.value):
                continue
            figures.setdefault(link, {})[name] = sample.value
            providers[link] = sample.labels.get("provider", "")
    return tuple(
        LinkContract(
            link=link,
            provider=providers[link],
            availability=given.get("availability_ratio"),
            latency_seconds=given.get("latency_seconds"),
            loss=given.get("loss_ratio"),
        )
        for link, given in sorted(figures.items(), key=lambda item: natural_order(item[0]))
    )
