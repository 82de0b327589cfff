"""The way to a target: who stands on it, and the largest packet that passes unfragmented (RFC 1191, RFC 8201).

Echoes with a growing time to live find the hops; echoes that must not be fragmented find the size by halving,
which also sees through hops that drop what is too big and keep silent about it (RFC 4821 section 7).
"""

import errno

from exporter.errors import ProbeReason
from exporter.inventory.link_models import PathProbe
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure, ProbeRound
from exporter.probes.path_socket import PathSocket

USUAL_HOPS = 64
SMALL_PACKET_BYTES = {4: 68, 6: 68}
LEAST_MTU_BYTES = {4: 576, 6: 1280}
"""What every path carries: by agreement for IPv4 (RFC 791), by rule for IPv6 (RFC 8200)."""

MOST_MTU_BYTES = 9216
"""The largest frames in use; this host's own device usually allows less and says so at once."""

ETHERNET_MTU_BYTES = 1500
TRIES = 3
"""A packet lost by chance must not be taken for one too big."""


async def trace_path(probe: PathProbe, source: LinkSource, found: ProbeRound) -> None:
    """Find hops and path MTU of `probe.target`. Raises ProbeFailure when it is not reached."""
    address = (await source.find(probe.target, probe.ip_version)).address
    version = 6 if ":" in address else 4
    opened = PathSocket(version, source, address)
    try:
        found.hops = await _find_hops(opened, probe, version)
        found.path_mtu_bytes = await _find_mtu(opened, probe.timeout_seconds, version)
    finally:
        opened.close()


async def _find_hops(opened: PathSocket, probe: PathProbe, version: int) -> tuple[str | None, ...]:
    hops: list[str | None] = []
    for count in range(1, probe.most_hops + 1):
        answer = await opened.echo(count, SMALL_PACKET_BYTES[version], probe.timeout_seconds)
        if answer is None:
            # One more try: hops answer seldom-asked questions at low priority.
            answer = await opened.echo(count, SMALL_PACKET_BYTES[version], probe.timeout_seconds)
        hops.append(answer.address if answer is not None else None)
        if answer is not None and answer.reached:
            return tuple(hops)
        if answer is not None and not answer.expired:
            raise ProbeFailure(ProbeReason.UNREACHABLE, f"{answer.address}: {errno.errorcode.get(answer.error, '?')}")
    raise ProbeFailure(ProbeReason.TIMEOUT, f"{probe.target} did not answer within {probe.most_hops} hops")


async def _find_mtu(opened: PathSocket, timeout_seconds: float, version: int) -> int | None:
    """The largest packet that was answered; None when not even the least one was."""
    fits, too_big = LEAST_MTU_BYTES[version], MOST_MTU_BYTES + 1
    if not (await _passes(opened, fits, timeout_seconds))[0]:
        return None
    trial = ETHERNET_MTU_BYTES
    likely = {ETHERNET_MTU_BYTES}
    while too_big - fits > 1:
        passed, hint = await _passes(opened, trial, timeout_seconds)
        if passed:
            fits = trial
        else:
            too_big = trial
        if not passed and fits < hint < too_big:
            # The hop says what it takes: that, and not one byte more, is the likely answer.
            trial = hint
            likely.add(hint)
        elif passed and trial in likely:
            # Most paths take exactly this much: one byte more settles it.
            trial = fits + 1
        else:
            trial = (fits + too_big) // 2
    return fits


async def _passes(opened: PathSocket, packet_bytes: int, timeout_seconds: float) -> tuple[bool, int]:
    """Whether a packet of that size was answered; else also what the hop that refused it takes, 0 where unsaid."""
    for _ in range(TRIES):
        answer = await opened.echo(USUAL_HOPS, packet_bytes, timeout_seconds)
        if answer is None:
            continue
        if answer.reached:
            return True, 0
        return False, answer.next_mtu_bytes
    return False, 0
