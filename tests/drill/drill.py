"""The fault drill: causes faults in a network of real daemons and holds the messages that come against what must come.

Owns the course of a fault and its measurement. A fault gives exactly one message, which names it and nothing else; its
repair gives one that says so; in between and afterwards there is silence.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.drill.faults import Fault
from tests.drill.monitoring import Message, Monitoring, Pace, running_monitoring
from tests.drill.site import ENVIRONMENT, Site, inventory, running_site
from tests.drill.waiting import POLL_SECONDS, wait_for

HARD_SECONDS, SOFT_SECONDS = 120, 900
"""How long a message is waited for; what is expected is the goal's matter, not the waiting's."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a fault. Seconds from its cause, and from its repair."""

    fault: Fault
    told_seconds: float
    recovered_seconds: float
    messages: int


@dataclass(frozen=True, slots=True)
class Drill:
    """The running network and its monitoring."""

    site: Site
    monitoring: Monitoring
    pace: Pace

    def run(self, faults: Sequence[Fault]) -> list[Measured]:
        """Cause `faults` at once, repair them together. Raises AssertionError where another message comes than must."""
        before = len(self.monitoring.poll())
        caused = {fault: self._now(fault.cause) for fault in faults}
        told = {fault: self._wait_until_told(fault, before) for fault in faults}
        entailed = set().union(*(fault.silenced for fault in faults))
        wait_for(lambda: entailed <= self.monitoring.silenced(), f"silenced: {entailed}", HARD_SECONDS)
        self._stay_silent(self.pace.stray, faults, before)
        count = len(self.monitoring.poll()) - before
        repaired = {fault: self._now(fault.repair) for fault in faults}
        recovered = {fault: self._wait_until_recovered(fault, before) for fault in faults}
        self._stay_silent(self.pace.stray, faults, before)
        return [
            Measured(
                fault, told[fault] - caused[fault], recovered[fault] - repaired[fault], count if len(faults) == 1 else 1
            )
            for fault in faults
        ]

    def stay_quiet(self, seconds: float) -> None:
        """Let `seconds` pass without a fault. Raises AssertionError when a message comes."""
        self._stay_silent(seconds, (), len(self.monitoring.poll()))

    def _now(self, act: object) -> float:
        began = time.monotonic()
        act(self.site)  # type: ignore[operator]
        return began

    def _since(self, before: int) -> list[Message]:
        return self.monitoring.poll()[before:]

    def _wait_until_told(self, fault: Fault, before: int) -> float:
        found: list[Message] = []

        def told() -> bool:
            found[:] = [one for one in self._since(before) if (fault.alert, fault.object) in one.firing]
            return bool(found)

        wait_for(told, f"a message that {fault.alert} of {fault.object}", HARD_SECONDS if fault.hard else SOFT_SECONDS)
        return found[0].at

    def _wait_until_recovered(self, fault: Fault, before: int) -> float:
        found: list[Message] = []

        def told() -> bool:
            found[:] = [one for one in self._since(before) if (fault.alert, fault.object) in one.resolved]
            return bool(found)

        wait_for(told, f"a message that {fault.object} recovered", HARD_SECONDS if fault.hard else SOFT_SECONDS)
        return found[-1].at

    def _stay_silent(self, seconds: float, faults: Sequence[Fault], before: int) -> None:
        """Watch for `seconds`: nothing may come that is not about `faults`, and about each hard one only once."""
        deadline = time.monotonic() + seconds
        while True:
            for message in self._since(before):
                self._judge(message, faults)
            for fault in faults:
                about = (fault.alert, fault.object)
                firing = [one for one in self._since(before) if about in one.firing and not self._repeats_an_end(one)]
                assert not fault.hard or len(firing) <= 1, f"{fault.name}: told {len(firing)} times"
            if time.monotonic() > deadline:
                return
            time.sleep(POLL_SECONDS)

    def _repeats_an_end(self, message: Message) -> bool:
        """Whether it came because Prometheus told an end anew, as it does for 15 minutes, beside what fires."""
        return any(message.resolved & earlier.resolved for earlier in self.monitoring.poll() if earlier.at < message.at)

    def _judge(self, message: Message, faults: Sequence[Fault]) -> None:
        for alert, name in message.firing:
            # Of a link that is worse several indicators may tell; of a hard fault only its own.
            meant = any(name == fault.object and (not fault.hard or alert == fault.alert) for fault in faults)
            assert meant, f"{alert} of {name} told to {message.receiver}, of which nothing is meant to be told"
        # Prometheus repeats for a while what ended, and Alertmanager then tells it again beside what is new.
        told = {about for earlier in self.monitoring.poll() if earlier.at <= message.at for about in earlier.firing}
        assert message.resolved <= told, f"the end of {set(message.resolved - told)} told, and never its beginning"


@contextmanager
def running_drill(pace: Pace) -> Iterator[Drill]:
    """The network and its monitoring, once everything is measured and healthy."""
    # FRR's daemons run as their own user, who may not pass through a folder that only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="dcnet-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (
            running_site(folder) as site,
            running_monitoring(site.watch, folder, inventory(), ENVIRONMENT, pace) as monitoring,
        ):
            wait_for(lambda: _is_whole(monitoring), "every device, session and link measured and healthy", 120)
            yield Drill(site, monitoring, pace)


def _is_whole(monitoring: Monitoring) -> bool:
    return (
        monitoring.value("sum(dcnet_up)") == 3
        and monitoring.value("sum(dcnet_bgp_peer_established)") == 5
        and monitoring.value("count(dcnet_neighbor_info)") == 4
        and monitoring.value("count(dcnet_link_probe_received_total > 0)") == 2
        and monitoring.value("count(dcnet:interface_watched)") == 7
        and monitoring.value("count(dcnet:bgp_peer_watched)") == 5
        and monitoring.value("count(dcnet:neighbor)") == 8
        and monitoring.knows_alertmanager()
    )
