"""From rows that declined to faults: one finding for a fault, not ten.

Owns what counts as the same fault: rows that declined at the same time, one of them standing before the other in the
network. Pure; it must not judge a row or word anything.

A dead device takes with it what it holds, what it carries and what stands behind it. A carrying port takes its link
with it. Of one port or one link the indicator that explains the others comes first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dcnet.catalogue import Catalogue, Component, belongs_to_link, owner_of
from sopctl.checklist.judge import Key, natural_order
from sopctl.checklist.planned_time import Span, merge_spans
from sopctl.evidence import ChecklistRow, Finding, Status
from sopctl.model import Period

DEVICE_DOWN = "device_availability"
PORT_CAUSES = (
    *("interface_down", "optic_receive_power", "optic_receive_drop", "duplex_mismatch", "interface_errors"),
    *("interface_flaps", "interface_discards", "interface_utilisation"),
)
"""Of one port: each explains those after it, and what the port carries."""

LINK_CAUSES = ("link_availability", "link_loss", "link_latency", "link_jitter")
"""Of one link: each explains those after it, and every other indicator of the link and of its probes."""

DEVICE_CAUSES: Mapping[str, tuple[str, ...]] = {"temperature": ("fan_health",), "cpu_usage": ("device_restarts",)}
"""By indicator: what else on the same device explains it."""

MARGIN_SECONDS = 180
"""Two things that are one fault are seen within this of each other: a scrape, an evaluation and a little more."""

OWN_SHARE = 0.2
"""A row of which more of the time than this lies outside of the cause's is a fault of its own."""

ORDER = (Status.CRITICAL, Status.DEGRADED)


@dataclass(frozen=True, slots=True)
class Topology:
    """What stands before what."""

    parents: Mapping[str, str]
    """Device by device behind it; also the device that carries a link."""

    ports: Mapping[str, str]
    """The port, `DEVICE:INTERFACE`, that carries a link."""

    def above(self, device: str) -> tuple[str, ...]:
        """`device` and all before it, the farthest first.

        Itself alone where the way leads in a circle, as it may after a month in which devices changed their places:
        no fault may lie behind one that lies behind it.
        """
        chain = [device] if device else []
        while parent := self.parents.get(chain[-1], "") if chain else "":
            if parent in chain:
                return (device,)
            chain.append(parent)
        return tuple(reversed(chain))


def find_findings(
    rows: Sequence[ChecklistRow],
    catalogue: Catalogue,
    topology: Topology,
    still_open: Mapping[Key, Finding],
    period: Period,
) -> tuple[Finding, ...]:
    """The month's faults by severity, then object, then indicator; then what is still open from earlier months.

    `still_open`: earlier findings by (indicator, object), each with the month of the checklist that first told it.
    """
    declined = {(row.indicator, row.object): row for row in rows if row.status in ORDER}
    roots = {key: _root(key, declined, catalogue, topology) for key in declined}
    found = []
    for key, row in declined.items():
        if roots[key] == key:
            behind = [other for other, root in roots.items() if root == key and other != key]
            since = min((still_open[one].since for one in (key, *behind) if one in still_open), default="")
            found.append(Finding("", row, tuple(declined[other] for other in behind), since))
    known = {(row.indicator, row.object): row for row in rows}
    for key, earlier in still_open.items():
        if key not in declined:
            row = known.get(key) or _row_of_gone(earlier.row, period)
            found.append(Finding("", row, (), earlier.since, is_gone=key not in known))
    found.sort(key=_order)
    return tuple(replace(finding, id=f"F{number:02}") for number, finding in enumerate(found, start=1))


def _row_of_gone(row: ChecklistRow, period: Period) -> ChecklistRow:
    """An earlier row whose object nothing knows any more, as a month without any data."""
    return replace(
        row,
        status=Status.NO_DATA,
        value=None,
        previous_value=None,
        coverage=0.0,
        degraded_minutes=0,
        critical_minutes=0,
        planned_minutes=0,
        unknown_minutes=round(period.seconds / 60),
        incidents=(),
    )


def status_of(finding: Finding) -> Status:
    """The worst of a finding's rows."""
    statuses = {row.status for row in (finding.row, *finding.consequences)}
    return next((status for status in ORDER if status in statuses), finding.row.status)


def _order(finding: Finding) -> tuple[int, object, str]:
    status = status_of(finding)
    rank = ORDER.index(status) if status in ORDER else len(ORDER)
    return rank, natural_order(finding.row.object), finding.row.indicator


def _root(key: Key, declined: Mapping[Key, ChecklistRow], catalogue: Catalogue, topology: Topology) -> Key:
    """The first cause of a row; itself where nothing explains it. No cause lies behind its effect: this ends."""
    indicator = catalogue.by_id()[key[0]]
    row = declined[key]
    for cause in _possible_causes(row, declined, topology):
        if cause in declined and _explains(
            declined[cause], row, indicator.lookback_minutes, indicator.month.tolerated_degraded_minutes
        ):
            return _root(cause, declined, catalogue, topology)
    return key


def _possible_causes(row: ChecklistRow, declined: Iterable[Key], topology: Topology) -> Iterator[Key]:
    """What could explain `row`, the farthest first."""
    owner = owner_of(row.object)
    own = (row.indicator, row.object)
    above = topology.above(row.device)
    for device in above:
        # A device does not explain itself, nor does one behind it.
        if (DEVICE_DOWN, device) == own:
            return
        yield DEVICE_DOWN, device
    if belongs_to_link(row.component):
        yield from ((cause, topology.ports.get(owner, "")) for cause in PORT_CAUSES)
        yield from _before(row.indicator, LINK_CAUSES, owner)
    elif row.component in {Component.INTERFACE, Component.OPTIC}:
        yield from _before(row.indicator, PORT_CAUSES, row.object)
    for cause in DEVICE_CAUSES.get(row.indicator, ()):
        yield from (key for key in declined if key[0] == cause and owner_of(key[1]) == owner)


def _before(indicator: str, causes: Sequence[str], name: str) -> Iterator[Key]:
    last = causes.index(indicator) if indicator in causes else len(causes)
    return ((cause, name) for cause in causes[:last])


def _explains(cause: ChecklistRow, effect: ChecklistRow, lookback_minutes: int, tolerated_minutes: int) -> bool:
    """Whether what is left of `effect` without the time of `cause` would be no finding, and little of the whole."""
    own = _bad_time(effect)
    if not own:
        return False
    after = MARGIN_SECONDS + lookback_minutes * 60
    covered = merge_spans(Span(one.start - MARGIN_SECONDS, one.end + after) for one in _bad_time(cause))
    whole = sum(span.end - span.start for span in own)
    shared = sum(max(0.0, min(span.end, cover.end) - max(span.start, cover.start)) for span in own for cover in covered)
    left = whole - shared
    return left <= tolerated_minutes * 60 and left <= OWN_SHARE * whole


def _bad_time(row: ChecklistRow) -> tuple[Span, ...]:
    """Its incidents outside of planned work."""
    return merge_spans(Span(one.start.timestamp(), one.end.timestamp()) for one in row.incidents if not one.planned)
