"""The month's evidence as types: the checklist, its findings, and all that the report on them says.

Pure data; it must not read, query, judge or render anything.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dcnet.catalogue import Component, Severity, Unit
from sopctl.model import Note, Period, StepRecord


class Status(StrEnum):
    """The judgement of one object by one indicator over a month."""

    GOOD = "good"
    """Baik."""

    DEGRADED = "degraded"
    """Menurun."""

    CRITICAL = "critical"
    """Kritis."""

    NO_DATA = "no_data"
    """Tidak ada data: nothing, or too little, was measured. Never good."""

    PLANNED = "planned_work"
    """Pekerjaan terencana: all that was bad lay in planned work."""


@dataclass(frozen=True, slots=True)
class InventoryObject:
    """A device or link that should have been measured (from `dcnet_inventory_info`)."""

    name: str
    kind: Component
    """`device` or `link`."""

    site: str
    role: str
    parent: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A stretch of time in which an indicator was past its limit."""

    start: datetime
    end: datetime
    severity: Severity
    """The worst within the stretch."""

    planned: bool
    """Whether it lay wholly in planned work."""

    stretches: int = 1
    """How many stretches past the limit it holds; more than one where the pauses between them were too short to count
    as recoveries."""

    pause_seconds: float = 0.0
    """How long those pauses were together: part of the incident, and of no minutes past a limit."""

    @property
    def seconds(self) -> float:
        """From its start to its end."""
        return self.end.timestamp() - self.start.timestamp()


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """One object judged by one indicator: a line of the Data Check List Kinerja Sistem."""

    object: str
    """Inventory name, or `DEVICE:INTERFACE`."""

    device: str
    component: Component
    indicator: str
    status: Status
    value: float | None
    """The month's value in the indicator's unit; None: no data."""

    previous_value: float | None
    """The month before."""

    warning_limit: float | None
    critical_limit: float | None
    coverage: float
    """Share of the month that was measured, 0 to 1."""

    degraded_minutes: float
    """Minutes past the warning limit, outside planned work: to the scrape where raw samples tell it (the indicator's
    `outages`), else to the evaluation."""

    critical_minutes: float
    """Minutes past the critical limit, outside planned work."""

    planned_minutes: int
    """Minutes of planned work within the month."""

    unknown_minutes: int
    """Minutes without data."""

    incidents: tuple[Incident, ...]

    @property
    def longest_seconds(self) -> float:
        """How long its longest incident outside of planned work was; 0 without any."""
        return max((one.seconds for one in self.incidents if not one.planned), default=0.0)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: a row that is Menurun or Kritis, with what declined because of it; or one that is still open."""

    id: str
    """`F01`, `F02`, … within the checklist, in the order of severity, then object, then indicator."""

    row: ChecklistRow
    consequences: tuple[ChecklistRow, ...] = ()
    """Rows that declined at the same time, and behind the same thing: no findings of their own."""

    since: str = ""
    """The month (`YYYY-MM`) of an earlier checklist from which it is still open; empty: new."""

    is_gone: bool = False
    """Whether it is still open though nothing knows its object any more: `row` then only names it."""


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """A window of planned work as it was open within the month (from `dcnet_maintenance`)."""

    object: str
    """The device or link that the inventory names."""

    name: str
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """From its start to its end, whatever clocks did between them."""
        return self.end.timestamp() - self.start.timestamp()


@dataclass(frozen=True, slots=True)
class LinkContract:
    """What the provider promised for a link; None where nothing was promised."""

    link: str
    provider: str
    availability: float | None
    """Ratio, 0 to 1 (`dcnet_link_contract_availability_ratio`)."""

    latency_seconds: float | None
    loss: float | None
    """Ratio, 0 to 1."""


@dataclass(frozen=True, slots=True)
class HourlySeries:
    """How a finding's indicator went through the month (from `dcnet:indicator`)."""

    object: str
    indicator: str
    worst: tuple[float | None, ...]
    """The worst value recorded in each hour of the month, in the indicator's unit; None: nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """The month's evidence: every object of the inventory, every indicator that applies to it."""

    period: Period
    pulled_at: datetime
    source: str
    """The Prometheus it came from, without credentials."""

    objects: tuple[InventoryObject, ...]
    rows: tuple[ChecklistRow, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    """Whatever Prometheus warned of in its answers; a reader must see them."""

    planned_work: tuple[PlannedWork, ...] = ()
    contracts: tuple[LinkContract, ...] = ()
    """Links that have a contract on record, in the order of their names."""

    series: tuple[HourlySeries, ...] = ()
    """Of the gravest findings, for their charts."""

    shortest_pause_minutes: float = 0.0
    """Incidents with a shorter pause between them were taken as one."""


@dataclass(frozen=True, slots=True)
class PanelLine:
    """A series of a panel's query over the month."""

    label: str
    hours: tuple[float | None, ...]
    """The value at the beginning of each hour, in the panel's unit; None: there was none."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel as it was drawn for the month: by Grafana, or from its query where there is none."""

    name: str
    """As `sopctl.yml` names it."""

    title: str
    link: str = ""
    """The panel in Grafana, at the month's own times; empty without Grafana."""

    png: bytes | None = None
    """None, and no lines either: it could not be drawn, and an official accepted the report without it."""

    lines: tuple[PanelLine, ...] = ()
    unit: Unit = Unit.COUNT
    """Of the lines."""


class SignatureKind(StrEnum):
    """What a document says of the signatures on it."""

    NONE = "none"
    """Nobody holds a key: decisions are recorded in the ledger only."""

    WITHOUT_TIMESTAMP = "without_timestamp"
    """PAdES B-B: the time is that of the signer's computer."""

    ARCHIVAL = "archival"
    """PAdES B-LTA: a timestamp authority vouches for the time."""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """All that the Laporan Pemeliharaan Kinerja Sistem says; the document is a function of it alone."""

    number: str
    """Nomor laporan."""

    period: Period
    issued_on: date
    revision: int
    checklist: Checklist
    notes: dict[str, Note]
    """Latest note by finding id."""

    conclusion: str
    suggestion: str
    steps: tuple[StepRecord, ...]
    """The seven steps; returned and repeated steps appear once, as they stand now."""

    chain_head: str
    """Hash of the ledger's last event of the cycle."""

    approved: bool
    panels: tuple[Panel, ...] = ()
    signatures: SignatureKind = SignatureKind.NONE
    """How steps 5 to 7 sign this document; it then has a box for each of them."""
