"""SOP step 4's evidence: ask a month, judge it, give the Data Check List Kinerja Sistem.

Owns the order of the questions. It must not know how they travel (the adapters do) or how they are
judged (`sopctl.checklist` does).
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from dcnet.catalogue import Catalogue, Component, Severity
from dcnet.language import Words
from sopctl.checklist import queries
from sopctl.checklist.incidents import Degradation, find_incidents, read_degraded
from sopctl.checklist.judge import (
    Key,
    MonthEvidence,
    RecordedObject,
    coverage_of,
    find_findings,
    judge_month,
    natural_order,
)
from sopctl.checklist.month_window import evaluation_time, previous_month, require_over
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, read_windows
from sopctl.checklist.samples import EvidenceSource, RawSeries, Sample
from sopctl.errors import SopctlError
from sopctl.model import Checklist, InventoryObject, LinkContract, Period, PlannedWork
from sopctl.workflow.month_values import fetch_values

Clock = Callable[[], datetime]


class NoEvidence(SopctlError):  # noqa: N818  # the question was answered: with nothing
    """Prometheus answered, and knows nothing of the month."""


def pull_checklist(client: EvidenceSource, catalogue: Catalogue, period: Period, clock: Clock) -> Checklist:
    """Ask `client` for `period` and judge it.

    Raises PeriodError while the month is not over, NoEvidence where the inventory was not recorded in it,
    and whatever PublicError the client raises.
    """
    now = clock()
    require_over(period, now)
    objects = _fetch_objects(client, period)
    carriers = {one.name: one.parent for one in objects if one.kind is Component.LINK}
    counts = _ask(client, queries.recorded_counts(period.seconds), period)
    known = catalogue.by_id()
    counts = [sample for sample in counts if sample.labels.get("indicator") in known]
    planned = _fetch_planned(client, period)
    before = previous_month(period)
    evidence = MonthEvidence(
        period=period,
        objects=objects,
        recorded=frozenset(
            RecordedObject(one.labels["object"], one.labels.get("device", ""), Component(one.labels["component"]))
            for one in counts
        ),
        coverage={_key(sample): coverage_of(sample.value, period) for sample in _smallest_first(counts)},
        limits=_fetch_limits(client, period),
        values=fetch_values(client, catalogue, period, planned, carriers),
        previous_values=fetch_values(client, catalogue, before, _fetch_planned(client, before), carriers),
        degraded=_fetch_degraded(client, period, planned, carriers),
        planned=planned,
    )
    rows = judge_month(catalogue, evidence)
    return Checklist(
        period=period,
        pulled_at=now,
        source=client.source,
        objects=objects,
        rows=rows,
        findings=find_findings(rows),
        planned_work=_planned_work(planned, period),
        contracts=_fetch_contracts(client, period),
        # Last: every question above may have added to them.
        warnings=client.warnings,
    )


def _ask(client: EvidenceSource, expression: str, period: Period) -> list[Sample]:
    return list(client.query_at(expression, evaluation_time(period.end.timestamp())))


def _key(sample: Sample) -> Key:
    return sample.labels["indicator"], sample.labels["object"]


def _smallest_first(samples: Iterable[Sample]) -> list[Sample]:
    """So that the best covered series of an object is the one that stays in a dict."""
    return sorted(samples, key=lambda sample: sample.value)


def _fetch_objects(client: EvidenceSource, period: Period) -> tuple[InventoryObject, ...]:
    """The inventory of the month; an object described in two ways is taken as it stood longest."""
    found: dict[str, InventoryObject] = {}
    for sample in _smallest_first(_ask(client, queries.seen_objects(period.seconds), period)):
        labels = sample.labels
        found[labels["object"]] = InventoryObject(
            name=labels["object"],
            kind=Component(labels["kind"]),
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


def _fetch_limits(client: EvidenceSource, period: Period) -> dict[tuple[str, str, Severity], float]:
    samples = _ask(client, queries.limits_in_force(period.seconds), period)
    return {(*_key(sample), Severity(sample.labels["severity"])): sample.value for sample in samples}


def _fetch_raw(client: EvidenceSource, metric: str, period: Period) -> list[RawSeries]:
    """The month's raw samples of `metric`, asked for only where there are any: most months have none."""
    if not _ask(client, queries.sample_count(metric, period.seconds), period):
        return []
    return list(client.fetch_samples(metric, period.start.timestamp(), period.end.timestamp()))


def _fetch_planned(client: EvidenceSource, period: Period) -> PlannedTime:
    month = Span(period.start.timestamp(), period.end.timestamp())
    return read_windows(_fetch_raw(client, "dcnet_maintenance", period), month)


def _fetch_degraded(
    client: EvidenceSource, period: Period, planned: PlannedTime, carriers: dict[str, str]
) -> dict[Key, Degradation]:
    series = _fetch_raw(client, "dcnet:degraded", period)
    component_of = {one.labels["object"]: Component(one.labels["component"]) for one in series}
    return {
        (indicator, name): find_incidents(
            instants, planned.spans_of(name, device_of(component_of[name], name, carriers)), period
        )
        for (indicator, name), instants in read_degraded(series).items()
    }


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
            link = sample.labels["link"]
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
