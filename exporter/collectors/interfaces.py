"""Every interface: states, speed, counters.

Owns which columns are read and which metric each becomes. Sources: IF-MIB (RFC 2863), EtherLike-MIB
(RFC 3635). A row, value or column that is missing or wrong leaves the others standing.
"""

from dataclasses import dataclass

from exporter import metrics
from exporter.collectors.access import DeviceAccess
from exporter.collectors.columns import ColumnReader
from exporter.collectors.interface_rows import (
    judge_admin_up,
    judge_counter,
    judge_full_duplex,
    judge_last_change,
    judge_oper_up,
    judge_speed,
    name_interfaces,
    name_type,
)
from exporter.collectors.interface_selection import InterfaceFacts
from exporter.collectors.provided_tables import IF_ALIAS, IF_DESCR, IF_NAME, IF_PHYS_ADDRESS
from exporter.collectors.system import SYS_UPTIME
from exporter.collectors.values import parse_count, parse_mac, parse_text
from exporter.errors import CollectionFailure, CollectionReason
from exporter.metrics import MetricDefinition
from exporter.sample_set import SampleSet

IF_TABLE = "1.3.6.1.2.1.2.2.1."
IFX_TABLE = "1.3.6.1.2.1.31.1.1.1."
DESCR, NAME, ALIAS, PHYS_ADDRESS = IF_DESCR, IF_NAME, IF_ALIAS, IF_PHYS_ADDRESS
TYPE, MTU, SPEED = (f"{IF_TABLE}{column}" for column in (3, 4, 5))
ADMIN_STATUS, OPER_STATUS, LAST_CHANGE = (f"{IF_TABLE}{column}" for column in (7, 8, 9))
HIGH_SPEED = f"{IFX_TABLE}15"
HIGH_IN_OCTETS = f"{IFX_TABLE}6"
DUPLEX_STATUS = "1.3.6.1.2.1.10.7.2.1.19"

IDENTITY_COLUMNS = (DESCR, NAME, ALIAS)
STATE_COLUMNS = (ADMIN_STATUS, OPER_STATUS, SPEED, HIGH_SPEED, MTU, TYPE, PHYS_ADDRESS, LAST_CHANGE, DUPLEX_STATUS)


@dataclass(frozen=True, slots=True)
class _Counter:
    """A counter with its 64-bit column and its 32-bit one; only `low` where no 64-bit one is defined.

    An agent has the 64-bit counters of a group or has none of them: octets from 20 Mbit/s on, packets from
    650 Mbit/s on (RFC 2863, section 3.1.6).
    """

    metric: MetricDefinition
    high: str | None
    low: str


OCTET_COUNTERS = (
    _Counter(metrics.INTERFACE_RECEIVE_BYTES, HIGH_IN_OCTETS, f"{IF_TABLE}10"),
    _Counter(metrics.INTERFACE_TRANSMIT_BYTES, f"{IFX_TABLE}10", f"{IF_TABLE}16"),
)
PACKET_COUNTERS = (
    _Counter(metrics.INTERFACE_RECEIVE_UNICAST, f"{IFX_TABLE}7", f"{IF_TABLE}11"),
    _Counter(metrics.INTERFACE_TRANSMIT_UNICAST, f"{IFX_TABLE}11", f"{IF_TABLE}17"),
    _Counter(metrics.INTERFACE_RECEIVE_MULTICAST, f"{IFX_TABLE}8", f"{IFX_TABLE}2"),
    _Counter(metrics.INTERFACE_TRANSMIT_MULTICAST, f"{IFX_TABLE}12", f"{IFX_TABLE}4"),
    _Counter(metrics.INTERFACE_RECEIVE_BROADCAST, f"{IFX_TABLE}9", f"{IFX_TABLE}3"),
    _Counter(metrics.INTERFACE_TRANSMIT_BROADCAST, f"{IFX_TABLE}13", f"{IFX_TABLE}5"),
)
NARROW_COUNTERS = (
    _Counter(metrics.INTERFACE_RECEIVE_ERRORS, None, f"{IF_TABLE}14"),
    _Counter(metrics.INTERFACE_TRANSMIT_ERRORS, None, f"{IF_TABLE}20"),
    _Counter(metrics.INTERFACE_RECEIVE_DISCARDS, None, f"{IF_TABLE}13"),
    _Counter(metrics.INTERFACE_TRANSMIT_DISCARDS, None, f"{IF_TABLE}19"),
)

COUNTER_GROUPS = (OCTET_COUNTERS, PACKET_COUNTERS, NARROW_COUNTERS)
COUNTERS = (*OCTET_COUNTERS, *PACKET_COUNTERS, *NARROW_COUNTERS)

_FATAL = frozenset(
    {
        CollectionReason.TIMEOUT,
        CollectionReason.UNREACHABLE,
        CollectionReason.AUTH,
        CollectionReason.DEADLINE,
    }
)
"""After these an interface's names may be missing."""


async def collect_interfaces(device: DeviceAccess) -> bool:
    """Add all interface metrics. Raises CollectionFailure after adding what could be had."""
    columns = device.columns
    failures = await columns.read(device.snmp, IDENTITY_COLUMNS)
    naming = next((failure for failure in failures.values() if failure.reason in _FATAL), None)
    if naming is not None:
        # Without all of its names an interface would appear under other labels for this one scrape.
        raise naming
    indexes = list(dict.fromkeys([*columns[DESCR], *columns[NAME]]))
    if not indexes:
        none = CollectionFailure(CollectionReason.NO_DATA, "the device has no IF-MIB interfaces")
        raise next(iter(failures.values()), none)
    failures |= await columns.read_scalars(device.snmp, [SYS_UPTIME])
    wanted = (*STATE_COLUMNS, *(counter.high or counter.low for counter in COUNTERS))
    failures |= await columns.read(device.snmp, [DESCR, *wanted])
    with_high = {group: {i for c in group if c.high for i in columns[c.high]} for group in COUNTER_GROUPS}
    for group, having in with_high.items():
        if not failures and not having.issuperset(indexes):
            failures |= await columns.read(device.snmp, [DESCR, *(counter.low for counter in group if counter.high)])
    labels = name_interfaces(indexes, columns[NAME], columns[DESCR])
    selected, left_out = device.interfaces.cut(
        [index for index in indexes if device.interfaces.wants(_facts(columns, index, labels[index]))]
    )
    if left_out:
        device.samples.add(metrics.INTERFACES_CUT, left_out)
    uptime_ticks = parse_count(columns.scalar(SYS_UPTIME))
    for index in selected:
        alias = parse_text(columns[ALIAS].get(index))
        _add_state(device.samples, columns, index, (labels[index], alias))
        _add_last_change(device, columns, index, uptime_ticks, (labels[index], alias))
        for counter, having in ((counter, having) for group, having in with_high.items() for counter in group):
            high, low = columns[counter.high or counter.low], columns[counter.low]
            count = judge_counter(index, high, low, has_high=counter.high is None or index in having)
            if count is not None:
                device.samples.add(counter.metric, count, labels[index], alias)
    if failures:
        raise next(iter(failures.values()))
    return True


def _facts(columns: ColumnReader, index: str, name: str) -> InterfaceFacts:
    return InterfaceFacts(
        name,
        parse_text(columns[ALIAS].get(index)),
        name_type(columns[TYPE].get(index)),
        judge_admin_up(columns[ADMIN_STATUS].get(index)),
        judge_oper_up(columns[OPER_STATUS].get(index)),
    )


def _add_state(samples: SampleSet, columns: ColumnReader, index: str, labels: tuple[str, str]) -> None:
    samples.add(
        metrics.INTERFACE_INFO,
        1,
        *labels,
        index,
        parse_text(columns[DESCR].get(index)),
        name_type(columns[TYPE].get(index)),
        parse_mac(columns[PHYS_ADDRESS].get(index)),
    )
    values = (
        (metrics.INTERFACE_ADMIN_UP, judge_admin_up(columns[ADMIN_STATUS].get(index))),
        (metrics.INTERFACE_OPER_UP, judge_oper_up(columns[OPER_STATUS].get(index))),
        (metrics.INTERFACE_SPEED, judge_speed(columns[SPEED].get(index), columns[HIGH_SPEED].get(index))),
        (metrics.INTERFACE_MTU, parse_count(columns[MTU].get(index)) or None),
        (metrics.INTERFACE_FULL_DUPLEX, judge_full_duplex(columns[DUPLEX_STATUS].get(index))),
    )
    for metric, value in values:
        if value is not None:
            samples.add(metric, value, *labels)


def _add_last_change(
    device: DeviceAccess, columns: ColumnReader, index: str, uptime_ticks: int | None, labels: tuple[str, str]
) -> None:
    changed = judge_last_change(columns[LAST_CHANGE].get(index), uptime_ticks, device.wall_time)
    if changed is not None:
        device.samples.add(metrics.INTERFACE_LAST_CHANGE, changed, *labels)
