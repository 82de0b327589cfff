"""A real Prometheus that holds one synthetic October, written by hand so that every figure is known."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dcnet.catalogue import Catalogue
from lab.backfill import serving
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.checklist.month_window import parse_month
from sopctl.evidence import Checklist
from sopctl.settings import PrometheusSettings
from sopctl.workflow.pull_checklist import pull_checklist

WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
MINUTE = 60

LOOKBACK = {"utilisation": 5, "loss": 5, "latency": 5}
EXPECTED = {"availability", "loss", "latency"}
MINUTES_TOLERATED = {"tolerated_degraded_minutes": 60}
PARTS: list[tuple[str, str, str, str, tuple[float, float | None], dict[str, Any]]] = [
    ("cpu", "processor", "ratio", "above", (0.8, 0.95), {"summary": {"method": "maximum"}, **MINUTES_TOLERATED}),
    ("light", "optic", "dbm", "below", (-20, -25), {"summary": {"method": "minimum"}, **MINUTES_TOLERATED}),
    (
        *("flaps", "bgp_peer", "count", "above", (1, 5)),
        {
            "summary": {"method": "count", "events": "changes(dcnet_bgp_peer_established[$window])"},
            **MINUTES_TOLERATED,
        },
    ),
    ("battery", "ups", "state", "above", (0.001, None), {"summary": {"method": "average"}, **MINUTES_TOLERATED}),
    (
        *("certificate", "probe", "seconds", "below", (14 * 86400, 3 * 86400)),
        {"summary": {"method": "last"}, **MINUTES_TOLERATED},
    ),
]
CATALOGUE = Catalogue.model_validate(
    {
        "indicators": [
            {
                "id": identity,
                "component": component,
                "team": "jaringan",
                "expected": identity in EXPECTED,
                "title": {"id": identity, "en": identity},
                "explanation": {"id": "-", "en": "-"},
                "action": {"id": "-", "en": "-"},
                "unit": unit,
                "direction": direction,
                "expression": "vector(0)",
                "limits": {"warning": limits[0], "critical": limits[1]},
                "lookback_minutes": LOOKBACK.get(identity, 0),
                "alert_after": "5m",
                "month": {"minimum_coverage": 0.5, **month},
            }
            for identity, component, unit, direction, limits, month in [
                (
                    "availability",
                    "device",
                    "ratio",
                    "below",
                    (1, 1),
                    {
                        "summary": {"method": "mean", "series": "dcnet_up"},
                        "limits": {"warning": 0.9995, "critical": 0.99},
                        "tolerated_degraded_minutes": 15,
                    },
                ),
                (
                    "utilisation",
                    "interface",
                    "ratio",
                    "above",
                    (0.7, 0.9),
                    {"summary": {"method": "quantile", "quantile": 0.999}, "tolerated_degraded_minutes": 60},
                ),
                (
                    "loss",
                    "link",
                    "ratio",
                    "above",
                    (0.01, 0.05),
                    {
                        "summary": {
                            "method": "ratio",
                            "numerator": "sum by (link) (increase(dcnet_link_probe_sent_total[$window]))"
                            " - sum by (link) (increase(dcnet_link_probe_received_total[$window]))",
                            "denominator": "sum by (link) (increase(dcnet_link_probe_sent_total[$window]))",
                        },
                        "limits": {"warning": 0.005, "critical": 0.02},
                        "tolerated_degraded_minutes": 30,
                    },
                ),
                (
                    "latency",
                    "link",
                    "seconds",
                    "above",
                    (0.1, 0.25),
                    {
                        "summary": {
                            "method": "histogram",
                            "quantile": 0.95,
                            "buckets": "sum by (link, le) (increase(dcnet_link_rtt_seconds_bucket[$window]))",
                        },
                        "tolerated_degraded_minutes": 120,
                    },
                ),
                *PARTS,
            ]
        ]
    }
)


def wib(day: int, hour: int = 0, minute: int = 0, *, month: int = 10) -> int:
    """Seconds since the epoch of a time in 2026 in western Indonesia."""
    return int(datetime(2026, month, day, hour, minute, tzinfo=WIB).timestamp())


START, END = wib(1), wib(1, month=11)
DOWN = (wib(5, 10), wib(5, 10, 40))
PLANNED = (wib(10, 22), wib(11, 2))
SILENT = (wib(12), wib(13))
LOSSY = (wib(20, 8), wib(20, 10))
MOVED = wib(16)
Times = range
Value = Callable[[int], float | None]


def within(at: int, span: tuple[int, int]) -> bool:
    return span[0] <= at < span[1]


def october_series() -> Iterator[tuple[str, str, str, Times, Value]]:
    """(type, metric, labels, times, value at a time) of every series; None is no sample."""
    minutes = range(START, END, MINUTE)
    fives = range(START, END, 5 * MINUTE)
    # The last ten minutes of September and the first ten of November belong to no October.
    around = range(START - 10 * MINUTE, END + 10 * MINUTE, MINUTE)

    for name, kind, role, parent in [
        ("core-1", "device", "core_switch", ""),
        ("core-2", "device", "core_switch", "core-1"),
        ("core-3", "device", "core_switch", "core-1"),
        ("core-4", "device", "core_switch", "core-1"),
        ("isp-a", "link", "internet_link", "core-2"),
        ("isp-b", "link", "internet_link", "core-2"),
    ]:
        labels = f'object="{name}",kind="{kind}",site="dc",role="{role}",parent="{parent}"'
        yield "gauge", "dcnet_inventory_info", labels, fives, lambda _at: 1

    def core_1_up(at: int) -> float:
        if at < START:
            return 1.0 if at < START - 5 * MINUTE else 0.0
        return 0.0 if at >= END or within(at, DOWN) else 1.0

    def core_2_up(at: int) -> float | None:
        return (0.0 if within(at, PLANNED) else 1.0) if START <= at < END else None

    def core_4_up(at: int) -> float | None:
        return None if within(at, SILENT) or not START <= at < END else 1.0

    up: dict[str, Value] = {"core-1": core_1_up, "core-2": core_2_up, "core-4": core_4_up}
    for name, value in up.items():
        yield "gauge", "dcnet_up", f'instance="{name}"', around, value
        recorded = f'indicator="availability",component="device",device="{name}",object="{name}"'
        yield "gauge", "dcnet:indicator", recorded, around, value
        for severity in ("warning", "critical"):
            labels = (
                f'indicator="availability",component="device",severity="{severity}",device="{name}",object="{name}"'
            )
            yield (
                "gauge",
                "dcnet:degraded",
                labels,
                around,
                lambda at, value=value: 1 if value(at) == 0.0 else None,  # type: ignore[misc]
            )

    use = 'indicator="utilisation",component="interface",device="{0}",object="{0}:{1}"'
    yield (
        "gauge",
        "dcnet:indicator",
        use.format("core-2", "Gi1/0/1"),
        minutes,
        lambda at: 0.95 if within(at, PLANNED) else 0.2,
    )
    yield "gauge", "dcnet:indicator", use.format("core-4", "Gi1"), minutes, lambda _at: 0.3
    for severity, limit in (("warning", 0.25), ("critical", 0.8)):
        labels = f'indicator="utilisation",severity="{severity}",device="core-4",object="core-4:Gi1"'
        # Tightened in the middle of the month: the limit in force at its end counts.
        yield (
            "gauge",
            "dcnet:indicator_threshold",
            labels,
            fives,
            lambda at, limit=limit: limit if at >= SILENT[0] else 0.7,  # type: ignore[misc]
        )

    sent = received = slow = 0
    counts: dict[int, tuple[int, int, int]] = {}
    for at in minutes:
        counts[at] = (sent, received, slow)
        sent += 60
        received += 0 if within(at, PLANNED) else 30 if within(at, LOSSY) else 60
        slow += 0 if within(at, PLANNED) else 6
    link = 'link="isp-a",provider="PT Contoh",probe="gateway",target="192.0.2.1"'
    yield "counter", "dcnet_link_probe_sent", link, minutes, lambda at: counts[at][0]
    yield "counter", "dcnet_link_probe_received", link, minutes, lambda at: counts[at][1]
    # Nine of ten echoes within 10 ms, the tenth within 100 ms: the 95th percentile lies half-way between.
    buckets: dict[str, Value] = {
        "0.01": lambda at: 9 * counts[at][2],
        "0.1": lambda at: 10 * counts[at][2],
        "+Inf": lambda at: 10 * counts[at][2],
    }
    for bound, value in buckets.items():
        yield "untyped", "dcnet_link_rtt_seconds_bucket", f'{link},le="{bound}"', minutes, value
    recorded = 'indicator="loss",component="link",device="core-2",object="isp-a"'
    yield (
        "gauge",
        "dcnet:indicator",
        recorded,
        minutes,
        lambda at: 1.0 if within(at, PLANNED) else 0.5 if within(at, LOSSY) else 0.0,
    )
    for severity in ("warning", "critical"):
        labels = f'indicator="loss",component="link",severity="{severity}",device="core-2",object="isp-a"'
        yield (
            "gauge",
            "dcnet:degraded",
            labels,
            minutes,
            lambda at: 1 if within(at, PLANNED) or within(at, LOSSY) else None,
        )
    # Latency was recorded for two days only: less than speaks for a month.
    recorded = 'indicator="latency",component="link",device="core-2",object="isp-a"'
    yield "gauge", "dcnet:indicator", recorded, range(START, wib(3), MINUTE), lambda _at: 0.055
    window = range(PLANNED[0] + 13, PLANNED[1], 30)
    yield "gauge", "dcnet_maintenance", 'object="core-2",window="W-1"', window, lambda _at: 1
    yield from isp_b(minutes)
    yield from parts(minutes)
    yield from month_limits(fives)
    promised = 'link="isp-a",provider="PT Contoh"'
    yield "gauge", "dcnet_link_contract_availability_ratio", promised, fives, lambda _at: 0.995


def isp_b(minutes: Times) -> Iterator[tuple[str, str, str, Times, Value]]:
    """A link that moved from core-1 to core-2, and to another provider, in the middle of the month.

    It is bad only in planned work, on core-2 and just before the month, and for as long as rates look back.
    """

    def bad(at: int) -> bool:
        return within(at, (START, START + 5 * MINUTE)) or within(at, (PLANNED[0], PLANNED[1] + 5 * MINUTE))

    first, second = range(START, MOVED, MINUTE), range(MOVED, END, MINUTE)
    for device, times, limits in (("core-1", first, (0.5, 0.6)), ("core-2", second, (0.09, 0.2))):
        place = f'component="link",device="{device}",object="isp-b"'
        yield "gauge", "dcnet:indicator", f'indicator="loss",{place}', times, lambda at: 0.3 if bad(at) else 0.0
        yield (
            "gauge",
            "dcnet:degraded",
            f'indicator="loss",severity="critical",{place}',
            times,
            lambda at: 1 if bad(at) else None,
        )
        for severity, limit in zip(("warning", "critical"), limits, strict=True):
            labels = f'indicator="latency",severity="{severity}",device="{device}",object="isp-b"'
            yield "gauge", "dcnet:indicator_threshold", labels, times, lambda _at, limit=limit: limit  # type: ignore[misc]
    for provider, times, promise in (("PT Lama", first, 0.9), ("PT Baru", second, 0.999)):
        labels = f'link="isp-b",provider="{provider}"'
        yield "gauge", "dcnet_link_contract_availability_ratio", labels, times, lambda _at, promise=promise: promise  # type: ignore[misc]
    link = 'link="isp-b",provider="PT Baru",probe="gateway",target="192.0.2.2"'
    for counter in ("sent", "received"):
        yield "counter", f"dcnet_link_probe_{counter}", link, minutes, lambda at: at - START
    yield "gauge", "dcnet_maintenance", 'object="isp-b",window="W-0"', range(START - 600, START, 30), lambda _at: 1


def parts(minutes: Times) -> Iterator[tuple[str, str, str, Times, Value]]:
    """What only some have: a processor, an optic and a session, a UPS, a certificate; worst in planned work."""

    def recorded(indicator: str, component: str, device: str, name: str) -> str:
        return f'indicator="{indicator}",component="{component}",device="{device}",object="{name}"'

    def light(at: int) -> float:
        return -30.0 if within(at, PLANNED) else -22.0 if at == LOSSY[0] else -15.0

    def established(at: int) -> float:
        return 0.0 if within(at, PLANNED) or within(at, LOSSY) else 1.0

    def usage(at: int) -> float:
        return 0.97 if within(at, LOSSY) else 0.3

    for labels, value in (
        (recorded("cpu", "processor", "core-1", "core-1:cpu:0"), usage),
        (recorded("light", "optic", "core-2", "core-2:Te1"), light),
        (recorded("flaps", "bgp_peer", "core-2", "core-2:bgp:192.0.2.1"), lambda _at: 0.0),
        (recorded("battery", "ups", "core-4", "core-4"), lambda at: 1.0 if within(at, LOSSY) else 0.0),
        (recorded("certificate", "probe", "core-2", "isp-a:portal"), lambda at: END - at + 10 * 86_400),
    ):
        yield "gauge", "dcnet:indicator", labels, minutes, value
    peer = 'instance="core-2",peer="192.0.2.1",remote_as="64500"'
    yield "gauge", "dcnet_bgp_peer_established", peer, minutes, established
    # Only in September: a processor that nobody asked any more.
    september = recorded("cpu", "processor", "core-4", "core-4:cpu:0")
    yield "gauge", "dcnet:indicator:count1h", september, range(START - 7200, START, 3600), lambda _at: 60


def month_limits(fives: Times) -> Iterator[tuple[str, str, str, Times, Value]]:
    """Limits of the month's value in the inventory: of an object, of a device, of the site, and one taken back."""
    for indicator, severity, place, limit, times in (
        ("loss", "warning", "isp-b", 0.001, fives),
        ("loss", "warning", "", 0.9, fives),
        ("utilisation", "critical", "core-2", 0.99, fives),
        ("latency", "critical", "", 0.4, fives),
        ("availability", "warning", "core-1", 0.5, range(START, MOVED, 300)),
    ):
        labels = f'indicator="{indicator}",severity="{severity}",object="{place}",period="month"'
        yield "gauge", "dcnet_threshold", labels, times, lambda _at, limit=limit: limit  # type: ignore[misc]


def write_openmetrics(file: Path) -> None:
    """October as OpenMetrics: the series of one metric stand together."""
    by_metric: dict[tuple[str, str], list[tuple[str, Times, Value]]] = {}
    for kind, metric, labels, times, value in october_series():
        by_metric.setdefault((metric, kind), []).append((labels, times, value))
    with file.open("w", encoding="utf-8") as out:
        for (metric, kind), series in by_metric.items():
            out.write(f"# TYPE {metric} {'unknown' if kind == 'untyped' else kind}\n")
            name = f"{metric}_total" if kind == "counter" else metric
            for labels, times, value in series:
                for at in times:
                    sample = value(at)
                    if sample is not None:
                        out.write(f"{name}{{{labels}}} {sample} {at}\n")
        out.write("# EOF\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def october_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Prometheus' data folder that holds October; copied by whoever starts one on it."""
    if shutil.which("prometheus") is None or shutil.which("promtool") is None:
        pytest.skip("prometheus and promtool are not installed")
    folder = tmp_path_factory.mktemp("october")
    metrics, data = folder / "october.txt", folder / "data"
    write_openmetrics(metrics)
    subprocess.run(
        # Without the (hidden) flag promtool reads the whole file once for every two hours of the month.
        [
            *("promtool", "tsdb", "create-blocks-from", "--max-block-duration=1000h"),
            *("openmetrics", "--quiet", str(metrics), str(data)),
        ],
        check=True,
        capture_output=True,
    )
    metrics.unlink()
    return data


@pytest.fixture(scope="session")
def prometheus_url(october_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus that holds October and scrapes nothing."""
    folder = tmp_path_factory.mktemp("prometheus")
    with serving(Path(shutil.copytree(october_data, folder / "data")), folder) as url:
        yield url


@pytest.fixture(scope="session")
def client(prometheus_url: str) -> PrometheusClient:
    return PrometheusClient(PrometheusSettings(url=prometheus_url))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return CATALOGUE


@pytest.fixture(scope="session")
def october(client: PrometheusClient, catalogue: Catalogue) -> Checklist:
    """October, pulled and judged by CATALOGUE."""
    return pull_checklist(client, catalogue, parse_month("2026-10", WIB), lambda: NOW)
