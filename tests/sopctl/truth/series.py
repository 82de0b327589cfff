"""The month of a world as OpenMetrics text: what its exporters would have told and Prometheus scraped.

Owns names and values of the series. It must not know what a checklist makes of them.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from tests.sopctl.truth.world import LINKS, PARENTS, Levels, Span, Spans, World, merged

PACKETS_A_SECOND = 800.0
ERROR_COUNTER = 4_294_000_000.0
"""Where a 32-bit counter begins, so that it wraps early in the month."""

PORT_SPEED = 1_000_000_000
USUAL_USE = 0.2
USUAL_RTT = 0.012
USUAL_LIGHT = -6.0
BUCKETS = (0.01, 0.02, 0.1, 0.15, 0.25, 0.5, 1.0)

Values: TypeAlias = Sequence[float]


def write_month(world: World, file: Path) -> None:
    """Write every series of `world`, families together."""
    families: dict[tuple[str, str], list[tuple[str, Sequence[float], Values | float]]] = {}
    for exporter in range(world.exporters):
        for kind, name, labels, times, values in _series(world, exporter):
            families.setdefault((name, kind), []).append((labels, times, values))
    with file.open("w", encoding="utf-8") as text:
        for (name, kind), series in families.items():
            text.write(f"# TYPE {name} {kind}\n")
            sample = f"{name}_total" if kind == "counter" else name
            for labels, times, values in series:
                head = f"{sample}{{{labels}}} "
                if isinstance(values, float):
                    start = f"{head}{values:g} "
                    text.write("".join([f"{start}{at}\n" for at in times]))
                else:
                    text.write("".join([f"{head}{v} {at}\n" for v, at in zip(values, times, strict=True)]))
        text.write("# EOF\n")


class Growth:
    """What has grown until an instant, at a rate that changes where stretches begin and end."""

    def __init__(self, rate: Callable[[float], float], edges: Sequence[float], first: float, last: float) -> None:
        self.edges = [first, *sorted({edge for edge in edges if first < edge < last}), last]
        self.rates = [rate((a + b) / 2) for a, b in zip(self.edges, self.edges[1:], strict=False)]
        self.totals = [0.0]
        for (a, b), speed in zip(zip(self.edges, self.edges[1:], strict=False), self.rates, strict=True):
            self.totals.append(self.totals[-1] + (b - a) * speed)

    def at(self, instant: float) -> float:
        """The total at `instant`."""
        index = min(max(bisect_right(self.edges, instant) - 1, 0), len(self.rates) - 1)
        return self.totals[index] + (instant - self.edges[index]) * self.rates[index]

    def between(self, span: Span) -> float:
        """The growth within `span`."""
        return self.at(span.end) - self.at(span.start)


def level_at(levels: Levels, at: float, usual: float) -> float:
    """The figure in force at `at`."""
    return next((figure for span, figure in levels if span.holds(at)), usual)


def edges_of(*stretches: Spans | Levels) -> list[float]:
    """Where something begins or ends."""
    spans = [one if isinstance(one, Span) else one[0] for many in stretches for one in many]
    return [edge for span in spans for edge in (span.start, span.end)]


def port_growths(world: World, port: tuple[str, str]) -> tuple[Growth, Growth, Growth]:
    """(errors, good packets, octets) of a port: nothing moves while its device is dead."""
    dead, errors, use = world.outages[port[0]], world.errors[port], world.use[port]

    def alive(at: float) -> float:
        return 0.0 if any(span.holds(at) for span in dead) else 1.0

    def error_rate(at: float) -> float:
        ratio = level_at(errors, at, 0.0)
        return alive(at) * PACKETS_A_SECOND * ratio / (1 - ratio)

    def octet_rate(at: float) -> float:
        return alive(at) * level_at(use, at, USUAL_USE) * PORT_SPEED / 8

    edges, first, last = edges_of(dead, errors, use), world.start - 86400.0, world.end + 86400.0
    rates: tuple[Callable[[float], float], ...] = (error_rate, lambda at: alive(at) * PACKETS_A_SECOND, octet_rate)
    made = [Growth(rate, edges, first, last) for rate in rates]
    return made[0], made[1], made[2]


def link_growths(world: World, link: str) -> tuple[Growth, Growth, Growth]:
    """(sent, received, received as fast as usual) of a link's echoes, one a second."""
    cut, loss, latency = world.cut(link), world.loss[link], world.latency[link]

    def received(at: float) -> float:
        return 0.0 if any(span.holds(at) for span in cut) else 1.0 - level_at(loss, at, 0.0)

    def early(at: float) -> float:
        return 0.0 if any(span.holds(at) for span, _ in latency) else received(at)

    edges, first, last = edges_of(cut, loss, latency), world.start - 86400.0, world.end + 86400.0
    rates: tuple[Callable[[float], float], ...] = (lambda _at: 1.0, received, early)
    made = [Growth(rate, edges, first, last) for rate in rates]
    return made[0], made[1], made[2]


def _since(growth: Growth, instants: Sequence[float], starts: Sequence[float], wrap: bool = False) -> list[int]:
    """A counter that begins anew at each of `starts`."""
    offset = ERROR_COUNTER if wrap else 0.0
    values = []
    for at in instants:
        index = bisect_right(starts, at)
        base = growth.at(starts[index - 1]) if index else -offset
        value = int(growth.at(at) - base)
        values.append(value % 2**32 if wrap else value)
    return values


Series: TypeAlias = tuple[str, str, str, Sequence[float], Values | float]


def _series(world: World, exporter: int) -> Iterator[Series]:
    scrapes = world.scrapes(exporter)
    job = f'job="exporter-{exporter}"' if world.exporters > 1 else 'job="dcnet"'
    for name, parent in PARENTS.items():
        known = [at for at in scrapes if world.life[name].holds(at)]
        info = f'object="{name}",kind="device",site="dc",role="switch",parent="{parent}",{job}'
        yield "gauge", "dcnet_inventory_info", info, known, 1.0
        yield from _device(world, name, known, job)
    for link in world.links:
        device = LINKS[link][0]
        info = f'object="{link}",kind="link",site="dc",role="internet_link",parent="{device}",{job}'
        yield "gauge", "dcnet_inventory_info", info, scrapes, 1.0
        yield from _link(world, link, scrapes, job)
    for number, (name, span) in enumerate(world.planned):
        inside = [at for at in scrapes if span.holds(at)]
        yield "gauge", "dcnet_maintenance", f'object="{name}",window="W-{number}",{job}', inside, 1.0


def _device(world: World, name: str, known: Sequence[float], job: str) -> Iterator[Series]:
    dark, own = world.unreachable(name), f'instance="{name}",{job}'
    answers = _outside(known, dark)
    seen = set(answers)
    yield "gauge", "dcnet_up", own, known, [int(at in seen) for at in known]
    boots = [span.end for span in world.outages[name]]
    booted = [boots[index - 1] if (index := bisect_right(boots, at)) else world.start - 9e6 for at in answers]
    uptime = [round(at - boot, 3) for at, boot in zip(answers, booted, strict=True)]
    yield "gauge", "dcnet_device_uptime_seconds", own, answers, uptime
    for port in (port for port in world.ports if port[0] == name):
        errors, packets, octets = port_growths(world, port)
        labels = f'instance="{name}",interface="{port[1]}",alias="",{job}'
        wrap = port in world.wraps
        for counter, growth, narrow in (
            ("receive_errors", errors, wrap),
            ("receive_unicast_packets", packets, wrap),
            ("receive_bytes", octets, False),
        ):
            values = _since(growth, answers, boots, narrow)
            yield "counter", f"dcnet_interface_{counter}", labels, answers, values
        for counter in ("transmit_errors", "transmit_unicast_packets", "transmit_bytes"):
            yield "counter", f"dcnet_interface_{counter}", labels, answers, 0.0
        yield "gauge", "dcnet_interface_speed_bits_per_second", labels, answers, float(PORT_SPEED)
        down = set(answers) - set(_outside(answers, world.flaps[port]))
        yield "gauge", "dcnet_interface_admin_up", labels, answers, 1.0
        yield "gauge", "dcnet_interface_oper_up", labels, answers, [int(at not in down) for at in answers]
        light = [round(light_of(world, port, at), 2) for at in answers]
        yield "gauge", "dcnet_optic_receive_power_dbm", f'{labels},lane="1"', answers, light
        # A level of the catalogue, whose seven days of warm-up are not this month's matter.
        yield "gauge", "dcnet:interface_watched", labels, answers, 1.0


def light_of(world: World, port: tuple[str, str], at: float) -> float:
    """What the optic receives, dBm."""
    since, lost = world.dimming[port]
    return USUAL_LIGHT - lost * max(at - since, 0.0) / (world.end - since)


def _outside(instants: Sequence[float], spans: Spans) -> list[float]:
    ordered = merged(spans)
    starts = [span.start for span in ordered]
    return [at for at in instants if not (index := bisect_right(starts, at)) or at >= ordered[index - 1].end]


def _link(world: World, link: str, scrapes: Sequence[float], job: str) -> Iterator[Series]:
    moved = world.moved.get(link, 0.0)
    for device, port, times in (
        ("core-1", "Te1/0/1", [at for at in scrapes if at < moved]),
        (*LINKS[link], [at for at in scrapes if at >= moved]),
    ):
        labels = f'link="{link}",provider="P",device="{device}",interface="{port}",circuit="C",{job}'
        yield "gauge", "dcnet_link_info", labels, times, 1.0
    own = f'link="{link}",provider="P",{job}'
    sent, received, early = link_growths(world, link)
    echo = f'{own},probe="gateway",target="192.0.2.1"'
    starts = world.exporter_starts
    totals = _since(sent, scrapes, starts)
    yield "counter", "dcnet_link_probe_sent", echo, scrapes, totals
    answered = _since(received, scrapes, starts)
    yield "counter", "dcnet_link_probe_received", echo, scrapes, answered
    usual = _since(early, scrapes, starts)
    for bound in (*BUCKETS, float("inf")):
        # Whole echoes each: two counters that are added never fall, as the difference of two may.
        late = _late_within(world, link, bound, scrapes)
        values = [(soon if bound > USUAL_RTT else 0) + slow for soon, slow in zip(usual, late, strict=True)]
        label = "+Inf" if bound == float("inf") else f"{bound}"
        yield "unknown", "dcnet_link_rtt_seconds_bucket", f'{echo},le="{label}"', scrapes, values
    good = set(_outside(scrapes, (*world.cut(link), *world.failing[link])))
    labels = f'{own},probe="dns",target="www.example@192.0.2.53"'
    yield "gauge", "dcnet_link_probe_success", labels, scrapes, [int(at in good) for at in scrapes]


def _late_within(world: World, link: str, bound: float, scrapes: Sequence[float]) -> Sequence[int]:
    """How many late echoes took no longer than `bound`: every stretch has its own round-trip time."""
    levels = world.latency[link]
    fast = tuple(one for one in levels if one[1] <= bound)
    if not fast:
        return [0] * len(scrapes)
    received = link_growths(world, link)[1]
    edges = edges_of(fast, world.cut(link), world.loss[link])

    def rate(at: float) -> float:
        inside = any(span.holds(at) for span, _ in fast)
        return received.rates[bisect_right(received.edges, at) - 1] if inside else 0.0

    return _since(Growth(rate, edges, received.edges[0], received.edges[-1]), scrapes, world.exporter_starts)
