"""What this host does wrong is never the link's loss: clocks that jump, a busy loop, a full receive buffer."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from exporter.errors import SuppressedReason
from exporter.inventory.link_models import EchoProbe, Link
from exporter.probes.disturbance import NANOSECONDS, Clocks, DisturbanceKind, DisturbanceWatch
from exporter.probes.echo_engine import EchoEngine
from exporter.probes.echo_sockets import SharedSocket, SocketKey
from exporter.probes.echo_target import EchoTarget
from exporter.probes.link_source import LinkSource

pytestmark = pytest.mark.alone


def targets_on_loopback(number: int, interval: float = 0.1) -> list[EchoTarget]:
    found = []
    for index in range(number):
        probe = EchoProbe(
            name=f"p{index}", kind="icmp", target=f"127.0.3.{index + 1}", interval_seconds=interval, timeout_seconds=0.5
        )
        link = Link(name="l", provider="p", circuit="c", device="d", interface="i", probes=(probe,))
        found.append(EchoTarget(link, probe, LinkSource(), None))
    return found


async def start(engine: EchoEngine, targets: list[EchoTarget]) -> None:
    for index, target in enumerate(targets):
        await target.keep_resolved()
        engine.add(target, target.probe.interval_seconds * index / len(targets))


def received(targets: list[EchoTarget]) -> int:
    return sum(target.counts.received for target in targets)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - counters have no event to wait for
            await asyncio.sleep(0.01)


async def end(engine: EchoEngine, targets: list[EchoTarget]) -> None:
    """Send no more, and wait for what is out."""
    for target in targets:
        target.active = False
    await asyncio.sleep(0.8)
    engine.stop()


@pytest.mark.parametrize("step_seconds", [3600, -3600, 0.3, -0.3])
async def test_clock_step_changes_nothing(step_seconds: float) -> None:
    """When the wall clock jumps while echoes are out, none is lost, none takes an hour, and the jump is told."""
    offset = [0]
    engine = EchoEngine(replace(Clocks(), wall=lambda: time.time_ns() + offset[0]))
    targets = targets_on_loopback(20)
    await start(engine, targets)
    await until(lambda: received(targets) >= 100)
    offset[0] = int(step_seconds * NANOSECONDS)
    await until(lambda: received(targets) >= 300)
    await end(engine, targets)
    assert all(target.counts.sent == target.counts.received for target in targets)
    assert all(target.counts.rtt_sum < 0.3 * target.counts.received for target in targets)
    tally = engine.watch.tallies[DisturbanceKind.CLOCK_STEP]
    assert tally.times == 1
    assert tally.seconds == pytest.approx(abs(step_seconds), abs=0.05)


async def test_overload_is_not_loss() -> None:
    """A process too busy to keep its pace says so; what came back meanwhile keeps its true round-trip time."""
    engine = EchoEngine()
    targets = targets_on_loopback(20)
    await start(engine, targets)
    await until(lambda: received(targets) >= 100)
    until_then = time.process_time() + 1.5
    while time.process_time() < until_then:
        pass  # what a defect of ours would do to the loop
    before = received(targets)
    await until(lambda: received(targets) >= before + 100)
    await end(engine, targets)
    assert all(target.counts.sent == target.counts.received for target in targets)
    # A machine that gives this process less than half of its time has it told as suspended.
    assert sum(tally.seconds for tally in engine.watch.tallies.values()) > 1
    left_out = sum(sum(target.counts.suppressed.values()) for target in targets)
    assert left_out > 200
    slow = sum(sum(target.counts.rtt_counts[-5:]) for target in targets)
    assert slow == 0


async def test_suspended_while_sending_is_told_as_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stands still in the middle of sending says suspended, for the time and for what was left out."""
    engine = EchoEngine()
    targets = targets_on_loopback(20)
    await start(engine, targets)
    await until(lambda: received(targets) >= 100)
    get = engine.sockets.get

    def stand_still(key: SocketKey) -> SharedSocket:
        monkeypatch.undo()
        time.sleep(2)
        return get(key)

    monkeypatch.setattr(engine.sockets, "get", stand_still)
    before = received(targets)
    await until(lambda: received(targets) >= before + 100)
    await end(engine, targets)
    assert all(target.counts.sent == target.counts.received for target in targets)
    assert engine.watch.tallies[DisturbanceKind.SUSPENDED].seconds >= 1.9
    suspended = sum(target.counts.suppressed.get(SuppressedReason.SUSPENDED, 0) for target in targets)
    assert suspended > 300  # of 20 targets, 10 echoes a second each, 2 seconds


async def test_full_receive_buffer_is_not_loss() -> None:
    """Replies that the kernel drops because they are not read are told as receive_buffer, not as lost."""
    engine = EchoEngine()
    targets = targets_on_loopback(100)
    await start(engine, targets)
    await until(lambda: received(targets) >= 100)
    (shared,) = engine.sockets
    loop = asyncio.get_running_loop()
    # As if nobody read: settling alone looks at the socket, ten times a second.
    loop.remove_reader(shared.socket.fileno())
    shared.socket._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)

    def dropped() -> int:
        return sum(target.counts.suppressed.get(SuppressedReason.RECEIVE_BUFFER, 0) for target in targets)

    await until(lambda: dropped() >= 200)
    await end(engine, targets)
    assert sum(target.counts.sent - target.counts.received for target in targets) == 0


@pytest.mark.parametrize(("cpu_seconds", "kind"), [(2.9, DisturbanceKind.OVERLOAD), (0.1, DisturbanceKind.SUSPENDED)])
def test_late_wake_up_is_told_by_its_cause(cpu_seconds: float, kind: DisturbanceKind) -> None:
    """A wake-up that comes late is overload where this process computed meanwhile, and suspension where it did not."""
    now, cpu = [NANOSECONDS], [0]
    watch = DisturbanceWatch(Clocks(*(lambda: now[0],) * 3, cpu=lambda: cpu[0]))
    assert watch.look(now[0]) is None
    due = now[0] + NANOSECONDS // 10
    now[0] = due + NANOSECONDS // 5
    assert watch.look(due) is None
    due = now[0] + NANOSECONDS // 10
    now[0] = due + 3 * NANOSECONDS
    cpu[0] = int(cpu_seconds * NANOSECONDS)
    assert watch.look(due) is kind
    assert watch.tallies[kind].times == 1
    assert watch.tallies[kind].seconds == pytest.approx(3)


def test_machine_that_slept_is_told() -> None:
    """Sleep of the whole machine, in which the steady clock stands still, counts as suspended."""
    steady, boot = [NANOSECONDS], [NANOSECONDS]
    watch = DisturbanceWatch(
        Clocks(steady=lambda: steady[0], wall=lambda: boot[0], since_boot=lambda: boot[0], cpu=lambda: 0)
    )
    assert watch.look(steady[0]) is None
    steady[0] += NANOSECONDS // 10
    boot[0] += NANOSECONDS // 10 + 60 * NANOSECONDS
    assert watch.look(steady[0]) is DisturbanceKind.SUSPENDED
    assert watch.tallies[DisturbanceKind.SUSPENDED].seconds == pytest.approx(60)
    assert watch.tallies[DisturbanceKind.CLOCK_STEP].times == 0
