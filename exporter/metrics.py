"""Every metric that the exporter publishes: name, help, labels, declared once; and the set that samples go to.

HELP says the unit and the source object. The names are a contract with rules, dashboards and sopctl: add,
do not rename. It must not know how a value is obtained.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector


class Kind(Enum):
    """The Prometheus type of a metric."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One metric of the contract."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _gauge(name: str, text: str, *labels: str) -> MetricDefinition:
    return MetricDefinition(name, Kind.GAUGE, text, labels)


def _counter(name: str, text: str, *labels: str) -> MetricDefinition:
    return MetricDefinition(name, Kind.COUNTER, text, labels)


UP = _gauge("dcnet_up", "1: the device answered at least one collector.")
COLLECTOR_SUCCESS = _gauge("dcnet_collector_success", "1: this collector finished whole.", "collector")
COLLECTOR_FAILURE = _gauge("dcnet_collector_failure", "1 while this collector fails, by reason.", "collector", "reason")
COLLECTOR_DURATION = _gauge(
    "dcnet_collector_duration_seconds", "Seconds that this collector took in this scrape.", "collector"
)
COLLECTOR_PACKETS = _gauge("dcnet_collector_snmp_packets", "SNMP requests sent in this scrape.", "collector")
COLLECTOR_RETRIES = _gauge(
    "dcnet_collector_snmp_retries", "SNMP requests sent again in this scrape for want of an answer.", "collector"
)
COLLECTOR_VARBINDS = _gauge("dcnet_collector_snmp_varbinds", "SNMP values received in this scrape.", "collector")

DEVICE_INFO = _gauge(
    "dcnet_device_info",
    "What the device is, from SNMPv2-MIB::sysName, sysObjectID, sysDescr and ENTITY-MIB::entPhysicalTable.",
    *("sys_name", "vendor", "model", "os", "version", "serial"),
)
DEVICE_UPTIME = _gauge(
    "dcnet_device_uptime_seconds",
    "Seconds since the management agent started: SNMP-FRAMEWORK-MIB::snmpEngineTime, else SNMPv2-MIB::sysUpTime.",
)

_INTERFACE = ("interface", "alias")
INTERFACE_INFO = _gauge(
    "dcnet_interface_info",
    "What the interface is: IF-MIB::ifIndex, ifDescr, ifType, ifPhysAddress.",
    *_INTERFACE,
    *("index", "description", "type", "mac"),
)
INTERFACE_ADMIN_UP = _gauge("dcnet_interface_admin_up", "1: enabled. IF-MIB::ifAdminStatus.", *_INTERFACE)
INTERFACE_OPER_UP = _gauge("dcnet_interface_oper_up", "1: passes packets. IF-MIB::ifOperStatus.", *_INTERFACE)
INTERFACE_SPEED = _gauge(
    "dcnet_interface_speed_bits_per_second",
    "Bandwidth in bits per second: IF-MIB::ifHighSpeed, below 20 Mbit/s IF-MIB::ifSpeed.",
    *_INTERFACE,
)
INTERFACE_MTU = _gauge("dcnet_interface_mtu_bytes", "Largest packet in bytes. IF-MIB::ifMtu.", *_INTERFACE)
INTERFACE_FULL_DUPLEX = _gauge(
    "dcnet_interface_full_duplex", "1: full duplex, 0: half. EtherLike-MIB::dot3StatsDuplexStatus.", *_INTERFACE
)
INTERFACE_LAST_CHANGE = _gauge(
    "dcnet_interface_last_change_timestamp_seconds",
    "Unix time at which the interface entered its present state: IF-MIB::ifLastChange and SNMPv2-MIB::sysUpTime.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_BYTES = _counter(
    "dcnet_interface_receive_bytes_total", "Bytes received. IF-MIB::ifHCInOctets, else ifInOctets.", *_INTERFACE
)
INTERFACE_TRANSMIT_BYTES = _counter(
    "dcnet_interface_transmit_bytes_total", "Bytes sent. IF-MIB::ifHCOutOctets, else ifOutOctets.", *_INTERFACE
)
INTERFACE_RECEIVE_UNICAST = _counter(
    "dcnet_interface_receive_unicast_packets_total",
    "Unicast packets received. IF-MIB::ifHCInUcastPkts, else ifInUcastPkts.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_MULTICAST = _counter(
    "dcnet_interface_receive_multicast_packets_total",
    "Multicast packets received. IF-MIB::ifHCInMulticastPkts, else ifInMulticastPkts.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_BROADCAST = _counter(
    "dcnet_interface_receive_broadcast_packets_total",
    "Broadcast packets received. IF-MIB::ifHCInBroadcastPkts, else ifInBroadcastPkts.",
    *_INTERFACE,
)
INTERFACE_TRANSMIT_UNICAST = _counter(
    "dcnet_interface_transmit_unicast_packets_total",
    "Unicast packets sent. IF-MIB::ifHCOutUcastPkts, else ifOutUcastPkts.",
    *_INTERFACE,
)
INTERFACE_TRANSMIT_MULTICAST = _counter(
    "dcnet_interface_transmit_multicast_packets_total",
    "Multicast packets sent. IF-MIB::ifHCOutMulticastPkts, else ifOutMulticastPkts.",
    *_INTERFACE,
)
INTERFACE_TRANSMIT_BROADCAST = _counter(
    "dcnet_interface_transmit_broadcast_packets_total",
    "Broadcast packets sent. IF-MIB::ifHCOutBroadcastPkts, else ifOutBroadcastPkts.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_ERRORS = _counter(
    "dcnet_interface_receive_errors_total", "Packets received with errors. IF-MIB::ifInErrors.", *_INTERFACE
)
INTERFACE_TRANSMIT_ERRORS = _counter(
    "dcnet_interface_transmit_errors_total", "Packets not sent because of errors. IF-MIB::ifOutErrors.", *_INTERFACE
)
INTERFACE_RECEIVE_DISCARDS = _counter(
    "dcnet_interface_receive_discards_total", "Good packets received and dropped. IF-MIB::ifInDiscards.", *_INTERFACE
)
INTERFACE_TRANSMIT_DISCARDS = _counter(
    "dcnet_interface_transmit_discards_total", "Good packets dropped unsent. IF-MIB::ifOutDiscards.", *_INTERFACE
)

_LINK = ("link", "provider")
_PROBE = (*_LINK, "probe", "target")
LINK_INFO = _gauge(
    "dcnet_link_info", "What carries the link, from the inventory.", *_LINK, "device", "interface", "circuit"
)
LINK_SENT = _counter("dcnet_link_probe_sent_total", "ICMP echo requests sent.", *_PROBE)
LINK_RECEIVED = _counter(
    "dcnet_link_probe_received_total", "ICMP echo requests answered within the probe's timeout.", *_PROBE
)
LINK_DUPLICATE = _counter(
    "dcnet_link_probe_duplicate_total", "ICMP echo replies received after the first one to a request.", *_PROBE
)
LINK_RTT = MetricDefinition(
    "dcnet_link_rtt_seconds", Kind.HISTOGRAM, "Round-trip time of ICMP echoes in seconds.", _PROBE
)
LINK_JITTER = _gauge(
    "dcnet_link_jitter_seconds",
    "Smoothed difference of consecutive round-trip times in seconds, as RFC 3550 section 6.4.1.",
    *_PROBE,
)
LINK_SUCCESS = _gauge("dcnet_link_probe_success", "1: the last probe passed (DNS, HTTP).", *_PROBE)
LINK_FAILURE = _gauge("dcnet_link_probe_failure", "1 while this probe fails, by reason.", *_PROBE, "reason")
LINK_DURATION = _gauge(
    "dcnet_link_probe_duration_seconds", "Seconds that each phase of the last probe took.", *_PROBE, "phase"
)
LINK_HTTP_STATUS = _gauge("dcnet_link_http_status_code", "Status code of the last HTTP answer.", *_PROBE)
LINK_TLS_EXPIRY = _gauge(
    "dcnet_link_tls_expiry_timestamp_seconds", "Unix time at which the server's certificate expires.", *_PROBE
)
LINK_CONTRACT_BANDWIDTH = _gauge(
    "dcnet_link_contract_bandwidth_bits_per_second",
    "Promised bandwidth in bits per second, from the inventory.",
    *_LINK,
)
LINK_CONTRACT_AVAILABILITY = _gauge(
    "dcnet_link_contract_availability_ratio", "Promised availability, 0 to 1, from the inventory.", *_LINK
)
LINK_CONTRACT_LATENCY = _gauge(
    "dcnet_link_contract_latency_seconds", "Promised round-trip time in seconds, from the inventory.", *_LINK
)
LINK_CONTRACT_LOSS = _gauge("dcnet_link_contract_loss_ratio", "Promised loss, 0 to 1, from the inventory.", *_LINK)

THRESHOLD = _gauge(
    "dcnet_threshold",
    "A limit that the inventory sets in place of the catalogue's, in the indicator's unit; period `month`: for the "
    "value of a month, empty: for the moment.",
    *("indicator", "severity", "object", "period"),
)
MAINTENANCE = _gauge("dcnet_maintenance", "1 while a planned window of the inventory is open.", "object", "window")
INVENTORY_INFO = _gauge(
    "dcnet_inventory_info",
    "Every device and link of the inventory.",
    *("object", "kind", "site", "role", "parent"),
)

BUILD_INFO = _gauge("dcnet_exporter_build_info", "The exporter's version and Python.", "version", "python")
RELOAD_SUCCESS = _gauge("dcnet_exporter_reload_success", "1: the inventory was accepted when it was last read.")
RELOAD_TIMESTAMP = _gauge(
    "dcnet_exporter_reload_timestamp_seconds", "Unix time at which the inventory now serving was read."
)

RTT_BUCKETS_SECONDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075),
    *(0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""Upper bounds of dcnet_link_rtt_seconds: 100 µs to 10 s, denser where links and their limits lie."""


class SampleSet(Collector):
    """Samples on their way to an exposition. Each label set of a metric is kept once: the first."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._seen: dict[str, set[tuple[str, ...]]] = {}

    def add(self, metric: MetricDefinition, value: float, *labels: str) -> None:
        """Add a sample of a gauge or counter; `labels` in the metric's order. A label set twice is ignored."""
        if not self._is_new(metric, labels) or not math.isfinite(value):
            return
        family = self._family(metric)
        match family:
            case GaugeMetricFamily() | CounterMetricFamily():
                family.add_metric(labels, value)
            case _:
                raise TypeError(f"{metric.name} is a {metric.kind.value}")

    def add_histogram(self, metric: MetricDefinition, counts: Sequence[int], sum_value: float, *labels: str) -> None:
        """Add a histogram over RTT_BUCKETS_SECONDS; `counts` holds one count a bucket and one beyond the last."""
        if not self._is_new(metric, labels):
            return
        cumulative = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*RTT_BUCKETS_SECONDS, math.inf), counts, strict=True):
            cumulative += count
            buckets.append(("+Inf" if math.isinf(bound) else repr(bound), cumulative))
        family = self._family(metric)
        if not isinstance(family, HistogramMetricFamily):
            raise TypeError(f"{metric.name} is a {metric.kind.value}")
        family.add_metric(labels, buckets=buckets, sum_value=sum_value)

    def collect(self) -> Iterator[Metric]:
        """The families that have samples, in the order of their first sample."""
        yield from self._families.values()

    def _is_new(self, metric: MetricDefinition, labels: tuple[str, ...]) -> bool:
        if len(labels) != len(metric.labels):
            raise ValueError(f"{metric.name} takes the labels {metric.labels}")
        seen = self._seen.setdefault(metric.name, set())
        if labels in seen:
            return False
        seen.add(labels)
        return True

    def _family(self, metric: MetricDefinition) -> Metric:
        family = self._families.get(metric.name)
        if family is None:
            family = self._families[metric.name] = _new_family(metric)
        return family


def _new_family(metric: MetricDefinition) -> Metric:
    match metric.kind:
        case Kind.GAUGE:
            return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
        case Kind.COUNTER:
            return CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
        case Kind.HISTOGRAM:
            return HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        case _:
            assert_never(metric.kind)
