from datetime import timedelta

import pytest

from lab.link_state import EchoCount
from lab.model import Model
from lab.timeline import Month
from lab.topology import DEVICES, LINKS
from lab.traffic import PEAK


def _at(month: Month, day: int, hour: int, minute: int = 0) -> float:
    return (month.start + timedelta(days=day - 1, hours=hour, minutes=minute)).timestamp()


def test_counters_never_step_back_while_a_device_is_up(model: Model, month: Month) -> None:
    """From minute to minute over the whole month no counter falls, but where its device restarted."""
    start, end = int(month.start.timestamp()), int(month.end.timestamp())
    for (device, name), count in model.counts.items():
        for total in (count.receive.total, count.transmit.total, count.damaged):
            values = [total(instant) for instant in range(start, end, 600)]
            assert values == sorted(values), (device, name)


def test_counters_start_anew_after_an_outage(model: Model, month: Month) -> None:
    """A device that lost power answers nothing while off, and then counts from zero with a new uptime."""
    assert model.answers("access-3", _at(month, 9, 1, 19))
    assert not model.answers("access-3", _at(month, 9, 1, 20))
    assert model.answers("access-3", _at(month, 9, 10, 0))
    before, after = (model.device("access-3", _at(month, 9, *clock)) for clock in ((1, 19), (10, 1)))
    assert after.uptime_seconds == 60
    assert after.interfaces[0].receive.bytes < before.interfaces[0].receive.bytes
    assert not model.device("core-2", _at(month, 9, 5)).interfaces[2].operational


@pytest.mark.parametrize(
    ("port", "when", "level"),
    [(("core-2", 1), (15, 2), 0.95), (("edge-1", 0), (20, 12), 0.65), (("fw-1", 2), (4, 12), 0.66)],
    ids=["core-2", "edge-1", "fw-1"],
)
def test_busy_interface_is_as_busy_as_the_scenario_says(
    model: Model, month: Month, port: tuple[str, int], when: tuple[int, int], level: float
) -> None:
    """While an interface is made busy, it receives exactly that share of its speed."""
    device, position = port
    first, second = (model.device(device, _at(month, *when, minute)).interfaces[position] for minute in (0, 10))
    bits = (second.receive.bytes - first.receive.bytes) * 8
    assert bits / (600 * first.interface.speed_mbps * 1e6) == pytest.approx(level, rel=1e-6)


def test_damaged_share_is_as_the_scenario_says(model: Model, month: Month) -> None:
    """Errors of all packets, both ways, make the ratio of the scenario."""
    first, second = (model.device("core-1", _at(month, 6, hour)).interfaces[2] for hour in (8, 10))
    errors = second.receive.errors - first.receive.errors
    packets = sum(getattr(second, way).unicast - getattr(first, way).unicast for way in ("receive", "transmit"))
    assert errors / (errors + packets) == pytest.approx(0.002, rel=1e-4)


def test_no_interface_is_usually_near_its_limit() -> None:
    """Apart from what the scenario does, no interface comes near the 70 % from which it would be a finding."""
    for device in DEVICES.values():
        for interface in device.interfaces:
            assert max(interface.receive_share, interface.transmit_share) * PEAK < 0.55, (device.name, interface.name)


def test_echoes_are_lost_and_late_as_the_scenario_says(model: Model, month: Month) -> None:
    """Loss is the scenario's share of what was sent; a detour moves the round trips beyond the usual bounds."""
    link = EchoCount(LINKS["isp-b"], model.timeline, model.origin)
    lossy = [_at(month, 24, 10, 40), _at(month, 24, 11, 40)]
    first, second = link.received_series(lossy)
    assert (second - first) / (link.sent(lossy[1]) - link.sent(lossy[0])) == pytest.approx(0.88, abs=1e-3)
    late = [_at(month, 18, 7), _at(month, 18, 8)]
    under_100_ms = link.received_series(late, 0.1)
    assert under_100_ms[0] == under_100_ms[1]


def test_buckets_hold_one_another(model: Model, month: Month) -> None:
    """A wider bucket never holds fewer echoes than a narrower one, and the widest holds all that came back."""
    link, instant = EchoCount(LINKS["isp-a"], model.timeline, model.origin), _at(month, 3, 4, 30)
    counts = [link.received(instant, bound) for bound in (0.005, 0.01, 0.02, 0.1, 0.25, 0.5, 10.0)]
    assert counts == sorted(counts)
    assert counts[-1] == pytest.approx(link.received(instant), abs=1)
