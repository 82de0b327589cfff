"""SOP step 4's evidence: ask a month, judge it, give the Data Check List Kinerja Sistem.

Owns the order of the questions. It must not know how they travel (the adapters do) or how they are
judged (`sopctl.checklist` does).
"""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from dcnet.catalogue import Catalogue, Component, Indicator, Severity
from dcnet.language import Words
from sopctl.checklist import queries
from sopctl.checklist.findings import Topology, find_findings
from sopctl.checklist.incidents import Degradation, find_incidents, read_degraded
from sopctl.checklist.judge import (
    Key,
    MonthEvidence,
    coverage_of,
    judge_month,
    natural_order,
)
from sopctl.checklist.month_window import evaluation_time, previous_month, require_over
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, read_windows
from sopctl.checklist.samples import EvidenceSource, RawSeries, Sample, label_of, member_of
from sopctl.errors import SopctlError
from sopctl.evidence import Checklist, InventoryObject, LinkContract, PlannedWork
from sopctl.model import Period
from sopctl.workflow.finding_series import fetch_series
from sopctl.workflow.month_values import fetch_values

Clock = Callable[[], datetime]
AN_HOUR = 3600


class NoEvidence(SopctlError):  # noqa: N818  # the question was answered: with nothing
    """Prometheus answered, and knows nothing of the month."""


def pull_checklist(
    client: EvidenceSource,
    catalogue: Catalogue,
    period: Period,
    clock: Clock,
    still_open: Mapping[Key, str] = MappingProxyType({}),
) -> Checklist:
    """Ask `client` for `period` and judge it. `still_open`: findings of earlier months, as `find_findings` takes them.

    Raises PeriodError while the month is not over, NoEvidence where the inventory was not recorded in it,
    and whatever PublicError the client raises.
    """
    now = clock()
    require_over(period, now)
    objects = _fetch_objects(client, period)
    carriers = {one.name: one.parent for one in objects if one.kind is Component.LINK}
    known = catalogue.by_id()
    counts = _ask(client, queries.recorded_counts(period.seconds), period)
    planned = _fetch_planned(client, catalogue, period)
    before = previous_month(period)
    evidence = MonthEvidence(
        period=period,
        objects=objects,
        recorded=_fetch_recorded(client, period, before),
        coverage={_key(sample): coverage_of(sample.value, period) for sample in counts},
        limits=_fetch_limits(client, queries.limits_in_force(period.seconds), period),
        month_limits=_fetch_limits(client, queries.month_limits(period.seconds), period),
        values=fetch_values(client, catalogue, period, planned, carriers),
        previous_values=fetch_values(client, catalogue, before, _fetch_planned(client, catalogue, before), carriers),
        degraded=_fetch_degraded(client, known, period, planned, carriers),
        planned=planned,
        life=_fetch_life(client, period),
    )
    rows = judge_month(catalogue, evidence)
    findings = find_findings(rows, catalogue, _fetch_topology(client, objects, period), still_open)
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
    )


def _ask(client: EvidenceSource, expression: str, period: Period) -> list[Sample]:
    return list(client.query_at(expression, evaluation_time(period.end.timestamp())))


def _fetch_recorded(client: EvidenceSource, period: Period, before: Period) -> dict[Key, str]:
    """The device of everything that was recorded in the month (the device that it had last), or the month before."""
    earlier = _ask(client, queries.objects_recorded_hourly(before.seconds), before)
    now = _ask(client, queries.recorded_objects(period.seconds), period)
    return {_key(one): one.labels.get("device", "") for one in (*earlier, *now)}


def _key(sample: Sample) -> Key:
    return label_of(sample.labels, "indicator"), label_of(sample.labels, "object")


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


def _fetch_life(client: EvidenceSource, period: Period) -> dict[str, float]:
    """The share of the month in which the inventory held each object; right to the hour.

    An object that was there when the first inventory of the month was recorded was there before, too: that nothing at
    all was recorded is time without data, not time without the object. So at the end.
    """
    start, end = period.start.timestamp(), period.end.timestamp()
    first, last = (
        {
            label_of(one.labels, "object"): one.value
            for one in _ask(client, queries.seen_at(period.seconds, first=way), period)
        }
        for way in (True, False)
    )
    begun, ended = min(first.values(), default=start), max(last.values(), default=end)
    life = {}
    for name, seen in first.items():
        came = start if seen <= begun + AN_HOUR else seen - AN_HOUR
        went = end if last.get(name, end) >= ended - AN_HOUR else last[name] + AN_HOUR
        life[name] = (min(went, end) - max(came, start)) / period.seconds
    return life


def _fetch_topology(client: EvidenceSource, objects: Iterable[InventoryObject], period: Period) -> Topology:
    ports = {
        label_of(one.labels, "link"): f"{one.labels.get('device', '')}:{one.labels.get('interface', '')}"
        for one in _ask(client, queries.link_ports(period.seconds), period)
    }
    return Topology({one.name: one.parent for one in objects}, ports)


def _fetch_limits(client: EvidenceSource, expression: str, period: Period) -> dict[tuple[str, str, Severity], float]:
    samples = _ask(client, expression, period)
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
    if not _ask(client, queries.sample_count(metric, period.seconds + 60 * minutes_before), period):
        return []
    start = period.start.timestamp() - 60 * minutes_before
    return list(client.fetch_samples(metric, start, period.end.timestamp()))


def _fetch_planned(client: EvidenceSource, catalogue: Catalogue, period: Period) -> PlannedTime:
    lookback = max((indicator.lookback_minutes for indicator in catalogue.indicators), default=0)
    month = Span(period.start.timestamp(), period.end.timestamp())
    return read_windows(_fetch_raw(client, "dcnet_maintenance", period, lookback), month)


def _fetch_degraded(
    client: EvidenceSource,
    known: Mapping[str, Indicator],
    period: Period,
    planned: PlannedTime,
    carriers: dict[str, str],
) -> dict[Key, Degradation]:
    found: dict[Key, Degradation] = {}
    for (identity, name), instants in read_degraded(_fetch_raw(client, "dcnet:degraded", period)).items():
        indicator = known.get(identity)
        if indicator is not None:
            spans = planned.spans_of(name, device_of(name, carriers), indicator.lookback_minutes)
            found[identity, name] = find_incidents(instants, spans, period)
    return found


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
    for name in ("availability_ratio", "latency_seconds", "loss_ratio"):
        for sample in _ask(client, queries.contract_figure(name, period.seconds), period):
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
