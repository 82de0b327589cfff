"""What a right checklist says of a world, worked out from what happened and from the catalogue's limits alone.

Nothing here asks Prometheus or uses sopctl. A world in which a figure lies so close to a limit that a scrape more
or less would change the judgement is refused: another one is drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dcnet.catalogue import Catalogue, Indicator
from tests.sopctl.truth.series import (
    BUCKETS,
    USUAL_LIGHT,
    USUAL_RTT,
    USUAL_USE,
    Growth,
    light_of,
    link_growths,
    port_growths,
)
from tests.sopctl.truth.world import DAY, HOUR, LINKS, MINUTE, PARENTS, Span, Spans, World, merged, seconds
from tests.sopctl.truth.world import within as inside
from tests.sopctl.truth.world import without as outside

JUDGED = (
    *("device_availability", "device_restarts"),
    *("interface_errors", "interface_utilisation", "interface_flaps", "optic_receive_power"),
    *("link_availability", "link_loss", "link_latency", "link_dns"),
)
RATE_WINDOW = 5 * MINUTE


class TooCloseError(Exception):
    """The world lies too close to a limit to say what is right."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is true of one object by one indicator."""

    status: str
    """`good`, `degraded` or `critical`; planned work and missing data are told apart by the tests that mean them."""

    value: float | None
    tolerance: float
    low: float
    """The least minutes degraded."""

    high: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What has been seen of one object over the month."""

    value: float | None
    tolerance: float
    stretches: tuple[tuple[Span, float], ...]
    """Each with the indicator's figure in it."""

    slack_before: float
    slack_after: float
    """How many seconds each end of a stretch may be off: sampling, and how far the rule looks back."""

    speaks: bool = True
    """Whether enough was measured for the value to judge the month; minutes do anyway."""


def truth_of(world: World, catalogue: Catalogue) -> dict[tuple[str, str], Expected]:
    """Every row of the month, by (object, indicator). Raises TooCloseError."""
    known = catalogue.by_id()
    facts: dict[tuple[str, str], Facts] = {}
    for device in PARENTS:
        facts[device, "device_availability"] = _availability(world, device)
        facts[device, "device_restarts"] = _restarts(world, device)
    for port in world.ports:
        name = ":".join(port)
        facts[name, "interface_errors"] = _errors(world, port)
        facts[name, "interface_utilisation"] = _use(world, port)
        facts[name, "interface_flaps"] = _flaps(world, port)
        facts[name, "optic_receive_power"] = _light(world, port)
    for link in world.links:
        facts[link, "link_availability"] = _alive(world, link)
        facts[link, "link_loss"] = _loss(world, link)
        facts[link, "link_latency"] = _latency(world, link)
        facts[link, "link_dns"] = _names(world, link)
    return {key: _judge(known[key[1]], one) for key, one in facts.items()}


def month_of(world: World) -> Span:
    """The month."""
    return Span(world.start, world.end)


def planned_of(world: World, *names: str) -> Spans:
    """The windows of any of `names`."""
    return merged(span for name, span in world.planned if name in names)


def carrier_windows(world: World, link: str) -> Spans:
    """The windows that concern a link: its own, and those of the device that the inventory says carries it."""
    return planned_of(world, link, LINKS[link][0])


def measured(world: World, *names: str) -> Spans:
    """When the month was measured of an object that the inventory held."""
    alive = [world.life[name] for name in names if name in world.life] or [month_of(world)]
    return outside(inside((month_of(world),), alive), world.gaps)


def down_time(world: World, device: str) -> Spans:
    """The outages of a device that were seen, outside of planned work."""
    return outside(inside(world.unreachable(device), measured(world, device)), planned_of(world, device))


def _availability(world: World, device: str) -> Facts:
    seen = outside(measured(world, device), planned_of(world, device))
    down = down_time(world, device)
    value = 1 - seconds(down) / seconds(seen) if seen else None
    edge = world.scrape
    # One scrape in all: an outage is seen late at its begin and at its end alike.
    tolerance = 2 * len(down) * edge / max(seconds(seen), DAY) + 1e-5
    return Facts(value, tolerance, _with(down, 0.0), edge, 0, _speaks(world, device))


def _speaks(world: World, device: str) -> bool:
    """Less than a day of an object speaks for no month."""
    there = seconds(measured(world, device))
    if abs(there - DAY) < HOUR:
        raise TooCloseError("an object that was there for about a day")
    return there > DAY


def _errors(world: World, port: tuple[str, str]) -> Facts:
    device = port[0]
    windows = planned_of(world, device)
    errors, packets, _octets = port_growths(world, port)
    spans = _counted(world, device, windows)
    bad, good = _grown(errors, spans), _grown(packets, spans)
    value = bad / (bad + good) if good else None
    alive = outside(measured(world, device), (*world.unreachable(device), *windows))
    stretches = [(part, ratio) for span, ratio in world.errors[port] for part in inside((span,), alive)]
    return Facts(value, 0.03 * (value or 0.0) + 2e-6, tuple(stretches), RATE_WINDOW, RATE_WINDOW + 2 * MINUTE)


def _use(world: World, port: tuple[str, str]) -> Facts:
    alive = outside(measured(world, port[0]), (*world.unreachable(port[0]), *planned_of(world, port[0])))
    stretches = tuple((part, level) for span, level in world.use[port] for part in inside((span,), alive))
    value = _quantile([*((seconds((span,)), level) for span, level in stretches)], seconds(alive), USUAL_USE)
    return Facts(value, 0.01, stretches, RATE_WINDOW, RATE_WINDOW + 2 * MINUTE)


def _loss(world: World, link: str) -> Facts:
    sent, received, _late = link_growths(world, link)
    windows = carrier_windows(world, link)
    unseen = forgotten(world.gaps, world.exporter_starts)
    spans = outside((month_of(world),), (*windows, *unseen))
    value = 1 - _grown(received, spans) / _grown(sent, spans)
    seen = outside(measured(world), windows)
    cut = inside(world.cut(link), seen)
    lossy = [(part, ratio) for span, ratio in world.loss[link] for part in outside(inside((span,), seen), cut)]
    return Facts(value, 0.0005, (*_with(cut, 1.0), *lossy), RATE_WINDOW, RATE_WINDOW + 2 * MINUTE)


def _latency(world: World, link: str) -> Facts:
    _sent, received, _late = link_growths(world, link)
    windows = carrier_windows(world, link)
    counted = outside((month_of(world),), (*windows, *forgotten(world.gaps, world.exporter_starts)))
    weights = [
        (sum(received.between(part) for part in inside((span,), counted)), rtt) for span, rtt in world.latency[link]
    ]
    whole = sum(received.between(span) for span in counted)
    value = _quantile(weights, whole, USUAL_RTT)
    seen = outside(measured(world), (*windows, *world.cut(link)))
    slow = tuple((part, rtt) for span, rtt in world.latency[link] for part in inside((span,), seen))
    return Facts(value, 0.0, slow, RATE_WINDOW, RATE_WINDOW + 2 * MINUTE)


def _alive(world: World, link: str) -> Facts:
    seen = outside(measured(world), carrier_windows(world, link))
    cut = inside(world.cut(link), seen)
    edge = world.scrape
    tolerance = 2 * len(cut) * edge / seconds(seen) + 1e-5
    return Facts(1 - seconds(cut) / seconds(seen), tolerance, _with(cut, 0.0), edge, 0)


def _names(world: World, link: str) -> Facts:
    seen = outside(measured(world), carrier_windows(world, link))
    bad = inside((*world.cut(link), *world.failing[link]), seen)
    tolerance = 2 * len(bad) * world.scrape / seconds(seen) + 1e-5
    return Facts(1 - seconds(bad) / seconds(seen), tolerance, _with(bad, 0.0), MINUTE, MINUTE)


def _restarts(world: World, device: str) -> Facts:
    """A start is seen where answers from before and after it lie in the month, outside of planned work."""
    seen = outside(measured(world, device), (*world.unreachable(device), *planned_of(world, device)))
    month, windows, held = month_of(world), planned_of(world, device), world.life[device]
    boots, counted, told = [one.end for one in world.outages[device]], 0, []
    for hole in outside((Span(month.start - DAY, month.end),), seen_always(seen, world, device)):
        inside_hole = [at for at in boots if hole.start < at <= hole.end]
        if not inside_hole or hole.start <= held.start or hole.end >= min(held.end, month.end):
            continue
        before = hole.start - max((at for at in boots if at <= hole.start), default=float("-inf"))
        if before < hole.end - inside_hole[-1] + 10 * MINUTE:
            raise TooCloseError("restarts that hide each other")
        # The rule counts resets within an hour: it must see the device before and after.
        told.append(Span(hole.end, max(hole.end, hole.start + 60 * MINUTE)))
        counted += hole.start > month.start and not inside((hole,), windows)
    late = tuple(Span(span.start, span.end + 60 * MINUTE) for span in windows)
    stretches = _with(outside(inside(told, seen), late), 1.0)
    return Facts(float(counted), 0.0, stretches, 2 * MINUTE, 2 * MINUTE, _speaks(world, device))


def seen_always(seen: Spans, world: World, device: str) -> Spans:
    """`seen` of the month, and the day before it, in which the device answers but for its outages."""
    before = outside((Span(world.start - DAY, world.start),), world.unreachable(device))
    return merged((*seen, *before))


def _flaps(world: World, port: tuple[str, str]) -> Facts:
    spans = world.flaps[port]
    alive = outside(measured(world, port[0]), (*world.unreachable(port[0]), *planned_of(world, port[0])))
    around = merged(Span(span.start - 300, span.end + 300) for span in spans)
    if seconds(inside(around, alive)) < seconds(around):
        raise TooCloseError("flaps that were not seen whole")

    def more_than(count: int) -> Span:
        """From when until when half an hour holds more than so many."""
        if len(spans) <= count:
            return Span(0.0, 0.0)
        return Span(spans[count].start, spans[len(spans) - count - 1].start + 30 * MINUTE)

    many, storm = more_than(2), more_than(6)
    told = ((many.start, storm.start or many.end, 3.0), (storm.start, storm.end, 7.0), (storm.end, many.end, 3.0))
    stretches = tuple((Span(start, end), level) for start, end, level in told if 0 < start < end)
    return Facts(float(len(spans)), 0.0, stretches, 6 * MINUTE, 6 * MINUTE)


def _light(world: World, port: tuple[str, str]) -> Facts:
    alive = outside(measured(world, port[0]), (*world.unreachable(port[0]), *planned_of(world, port[0])))
    since, lost = world.dimming[port]

    def from_when(level: float) -> Span:
        share = (USUAL_LIGHT - level) / lost if lost else 2.0
        return Span(since + share * (world.end - since), float(world.end)) if share < 1 else Span(0.0, 0.0)

    weak, dead = from_when(-14.0), from_when(-18.0)
    stretches = [(part, -15.0) for part in inside(outside((weak,), (dead,)), alive)]
    stretches += [(part, -19.0) for part in inside((dead,), alive)]
    left, at = 0.05 * seconds(alive), float(world.start)
    for span in reversed(alive):
        if left <= span.end - span.start:
            at = span.end - left
            break
        left -= span.end - span.start
    slack = RATE_WINDOW + 2 * MINUTE + (0.01 * (world.end - since) / lost if lost else 0.0)
    return Facts(light_of(world, port, at), 0.1, tuple(stretches), slack, slack)


def _with(spans: Iterable[Span], level: float) -> tuple[tuple[Span, float], ...]:
    return tuple((span, level) for span in spans)


def _grown(growth: Growth, spans: Spans) -> float:
    return sum(growth.between(span) for span in spans)


def _counted(world: World, device: str, windows: Spans) -> Spans:
    """When counters grew and the growth was seen: also while nobody looked, as long as somebody looked later."""
    blind = merged((*world.gaps, *world.unreachable(device)))
    unseen = forgotten(blind, [one.end for one in world.outages[device]])
    return outside(inside((month_of(world),), (world.life[device],)), (*windows, *unseen))


def forgotten(blind: Spans, starts: Iterable[float]) -> Spans:
    """When counters grew that began anew, at `starts`, before anybody looked again."""
    begun = [(hole, [at for at in starts if hole.start < at <= hole.end]) for hole in blind]
    return tuple(Span(hole.start, max(inside_hole)) for hole, inside_hole in begun if inside_hole)


def _quantile(weights: list[tuple[float, float]], whole: float, usual: float) -> float | None:
    """The 95th percentile of `usual`, but for so much of `whole` the figures of `weights`."""
    if not whole:
        return None
    left = 0.05 * whole
    for weight, figure in sorted(weights, key=lambda one: -one[1]):
        if abs(weight - left) < 0.01 * whole and weight:
            raise TooCloseError("the percentile lies at the edge of a stretch")
        if weight > left:
            return figure
        left -= weight
    return usual


def bucket_of(value: float) -> int:
    """The bucket that `value` lies in."""
    return sum(bound < value for bound in BUCKETS)


def _judge(indicator: Indicator, facts: Facts) -> Expected:
    moment, month = indicator.limits, indicator.month.limits or indicator.limits
    tolerated = indicator.month.tolerated_degraded_minutes
    low, high = _minutes(indicator, facts, moment.warning)
    is_distinct = moment.critical is not None and moment.critical != moment.warning
    critical = (
        _minutes(indicator, facts, moment.critical) if is_distinct and moment.critical is not None else (0.0, 0.0)
    )

    def past(minutes: tuple[float, float], limit: float | None) -> bool:
        by_value = facts.speaks and facts.value is not None and indicator.is_past(facts.value, limit)
        margin = 1.5 * facts.tolerance
        if facts.value is not None and limit is not None and abs(facts.value - limit) < margin:
            raise TooCloseError(f"{indicator.id}: {facts.value} at {limit}")
        if not by_value and minutes[0] <= tolerated < minutes[1]:
            raise TooCloseError(f"{indicator.id}: {minutes} minutes at {tolerated}")
        return by_value or minutes[0] > tolerated

    status = (
        "critical" if past(critical, month.critical) else "degraded" if past((low, high), month.warning) else "good"
    )
    return Expected(status, facts.value, facts.tolerance, low, high)


def _minutes(indicator: Indicator, facts: Facts, limit: float) -> tuple[float, float]:
    """The least and the most minutes past `limit`; a rate rises and falls across it somewhere in its window."""
    past = [span for span, level in facts.stretches if indicator.is_past(level, limit)]
    low = sum(max(span.end - span.start - facts.slack_before, 0.0) for span in past)
    high = sum(span.end - span.start + facts.slack_before + facts.slack_after for span in past)
    return low / MINUTE, high / MINUTE
