"""Every interface: states, speed, counters.

Owns which columns are read and which metric each becomes. Sources: IF-MIB (RFC 2863), EtherLike-MIB
(RFC 3635). A row, value or column that is missing or wrong leaves the others standing.
"""

from dataclasses import dataclass

from exporter import metrics
from exporter.collectors.access import DeviceAccess
from exporter.collectors.interface_rows import (
    Column,
    judge_admin_up,
    judge_counter,
    judge_full_duplex,
    judge_last_change,
    judge_oper_up,
    judge_speed,
    name_interfaces,
    name_type,
)
from exporter.collectors.system import SYS_UPTIME
from exporter.collectors.values import parse_count, parse_mac, parse_text
from exporter.errors import CollectionFailure, CollectionReason
from exporter.metrics import MetricDefinition
from exporter.sample_set import SampleSet

IF_TABLE = "1.3.6.1.2.1.2.2.1."
IFX_TABLE = "1.3.6.1.2.1.31.1.1.1."
DESCR, TYPE, MTU, SPEED, PHYS_ADDRESS = (f"{IF_TABLE}{column}" for column in (2, 3, 4, 5, 6))
ADMIN_STATUS, OPER_STATUS, LAST_CHANGE = (f"{IF_TABLE}{column}" for column in (7, 8, 9))
NAME, HIGH_SPEED, ALIAS = (f"{IFX_TABLE}{column}" for column in (1, 15, 18))
HIGH_IN_OCTETS = f"{IFX_TABLE}6"
DUPLEX_STATUS = "1.3.6.1.2.1.10.7.2.1.19"

IDENTITY_COLUMNS = (DESCR, NAME, ALIAS)
STATE_COLUMNS = (ADMIN_STATUS, OPER_STATUS, SPEED, HIGH_SPEED, MTU, TYPE, PHYS_ADDRESS, LAST_CHANGE, DUPLEX_STATUS)


@dataclass(frozen=True, slots=True)
class _Counter:
    """A counter with its 64-bit column and its 32-bit one; only `low` where no 64-bit one is defined."""

    metric: MetricDefinition
    high: str | None
    low: str


COUNTERS = (
    _Counter(metrics.INTERFACE_RECEIVE_BYTES, HIGH_IN_OCTETS, f"{IF_TABLE}10"),
    _Counter(metrics.INTERFACE_TRANSMIT_BYTES, f"{IFX_TABLE}10", f"{IF_TABLE}16"),
    _Counter(metrics.INTERFACE_RECEIVE_UNICAST, f"{IFX_TABLE}7", f"{IF_TABLE}11"),
    _Counter(metrics.INTERFACE_TRANSMIT_UNICAST, f"{IFX_TABLE}11", f"{IF_TABLE}17"),
    _Counter(metrics.INTERFACE_RECEIVE_MULTICAST, f"{IFX_TABLE}8", f"{IFX_TABLE}2"),
    _Counter(metrics.INTERFACE_TRANSMIT_MULTICAST, f"{IFX_TABLE}12", f"{IFX_TABLE}4"),
    _Counter(metrics.INTERFACE_RECEIVE_BROADCAST, f"{IFX_TABLE}9", f"{IFX_TABLE}3"),
    _Counter(metrics.INTERFACE_TRANSMIT_BROADCAST, f"{IFX_TABLE}13", f"{IFX_TABLE}5"),
    _Counter(metrics.INTERFACE_RECEIVE_ERRORS, None, f"{IF_TABLE}14"),
    _Counter(metrics.INTERFACE_TRANSMIT_ERRORS, None, f"{IF_TABLE}20"),
    _Counter(metrics.INTERFACE_RECEIVE_DISCARDS, None, f"{IF_TABLE}13"),
    _Counter(metrics.INTERFACE_TRANSMIT_DISCARDS, None, f"{IF_TABLE}19"),
)

_FATAL = frozenset(
    {
        CollectionReason.TIMEOUT,
        CollectionReason.UNREACHABLE,
        CollectionReason.AUTH,
        CollectionReason.DEADLINE,
    }
)
"""After these the rest of the columns would fail likewise."""


class _Columns:
    """Columns read one after the other; what fails is kept for the end."""

    def __init__(self, device: DeviceAccess) -> None:
        self._device = device
        self._rows: int | None = None
        self._read: dict[str, Column] = {}
        self.failure: CollectionFailure | None = None

    async def read(self, *columns: str) -> None:
        """Read `columns`, unless one failed so that the rest would fail too."""
        for column in columns:
            if self.failure is not None and self.failure.reason in _FATAL:
                return
            try:
                found = await self._device.snmp.walk(column, self._rows)
            except CollectionFailure as failure:
                self._keep(failure)
                continue
            if self._rows is None and found:
                self._rows = len(found)
            self._read[column] = found

    async def read_uptime(self) -> int | None:
        """SysUpTime in hundredths of a second."""
        try:
            return parse_count((await self._device.snmp.get([SYS_UPTIME])).get(SYS_UPTIME))
        except CollectionFailure as failure:
            self._keep(failure)
            return None

    def _keep(self, failure: CollectionFailure) -> None:
        # A column that the device refuses to show is a column that it does not have.
        if failure.reason is not CollectionReason.NO_DATA:
            self.failure = failure

    def __getitem__(self, column: str) -> Column:
        return self._read.get(column, {})


async def collect_interfaces(device: DeviceAccess) -> None:
    """Add all interface metrics. Raises CollectionFailure after adding what could be had."""
    columns = _Columns(device)
    await columns.read(*IDENTITY_COLUMNS)
    if columns.failure is not None and columns.failure.reason in _FATAL:
        # Without all of its names an interface would appear under other labels for this one scrape.
        raise columns.failure
    uptime_ticks = await columns.read_uptime()
    await columns.read(*STATE_COLUMNS, *(counter.high or counter.low for counter in COUNTERS))
    indexes = list(dict.fromkeys([*columns[DESCR], *columns[NAME]]))
    if not indexes:
        raise columns.failure or CollectionFailure(CollectionReason.NO_DATA, "the device has no IF-MIB interfaces")
    with_high = {index for counter in COUNTERS if counter.high for index in columns[counter.high]}
    if columns.failure is None and not with_high.issuperset(indexes):
        await columns.read(*(counter.low for counter in COUNTERS if counter.high))
    labels = name_interfaces(indexes, columns[NAME], columns[DESCR])
    for index in indexes:
        alias = parse_text(columns[ALIAS].get(index))
        _add_state(device.samples, columns, index, (labels[index], alias))
        _add_last_change(device, columns, index, uptime_ticks, (labels[index], alias))
        for counter in COUNTERS:
            high, low = columns[counter.high or counter.low], columns[counter.low]
            count = judge_counter(index, high, low, has_high=counter.high is None or index in with_high)
            if count is not None:
                device.samples.add(counter.metric, count, labels[index], alias)
    if columns.failure is not None:
        raise columns.failure


def _add_state(samples: SampleSet, columns: _Columns, index: str, labels: tuple[str, str]) -> None:
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
    device: DeviceAccess, columns: _Columns, index: str, uptime_ticks: int | None, labels: tuple[str, str]
) -> None:
    changed = judge_last_change(columns[LAST_CHANGE].get(index), uptime_ticks, device.wall_time)
    if changed is not None:
        device.samples.add(metrics.INTERFACE_LAST_CHANGE, changed, *labels)
