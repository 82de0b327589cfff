"""Names to addresses, with the time for which an answer holds (RFC 1035 section 3.2.1).

Asks the name servers of /etc/resolv.conf without occupying a thread: a dead name server must not hold up
the others' probes. /etc/hosts comes first, as everywhere.
"""

import ipaddress
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

from exporter.errors import ProbeReason
from exporter.probes.outcome import ProbeFailure

HOSTS_FILE = Path("/etc/hosts")
HOSTS_HOLD_SECONDS = 60.0
SHORTEST_HOLD_SECONDS = 5.0
LONGEST_HOLD_SECONDS = 3600.0
"""A time to live of 0 would have us ask before every echo, one of a week would miss a move."""

LOOKUP_SECONDS = 5.0
_RECORDS = {4: dns.rdatatype.A, 6: dns.rdatatype.AAAA}


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address, and for how many seconds it may be used before the name is asked for again."""

    address: str
    holds_seconds: float


class NameLookup:
    """Resolves names. `make_resolver` is called for each one, so that a changed resolv.conf is obeyed."""

    def __init__(
        self,
        make_resolver: Callable[[], dns.asyncresolver.Resolver] = dns.asyncresolver.Resolver,
        hosts_file: Path = HOSTS_FILE,
    ) -> None:
        self._make_resolver = make_resolver
        self._hosts_file = hosts_file

    async def find(self, host: str, version: int | None) -> FoundAddress:
        """An address of `host`, of IP `version` or, for None, of whichever it has, IPv4 first. Raises ProbeFailure."""
        versions = (4, 6) if version is None else (version,)
        listed = [host] if _version_of(host) else self._listed(host)
        for wanted in versions:
            for address in listed:
                if _version_of(address) == wanted:
                    return FoundAddress(address, math.inf if address == host else HOSTS_HOLD_SECONDS)
        if listed:
            raise ProbeFailure(ProbeReason.RESOLVE, f"{host} is not an address of IP version {version}")
        if host.rstrip(".").lower().endswith(".invalid"):
            # RFC 6761 section 6.4: such names exist nowhere, and no name server is to be bothered with them.
            raise ProbeFailure(ProbeReason.RESOLVE, f"{host} does not exist")
        return await self._ask(host, versions)

    async def _ask(self, host: str, versions: Iterable[int]) -> FoundAddress:
        try:
            resolver = self._make_resolver()
            for version in versions:
                try:
                    answer = await resolver.resolve(host, _RECORDS[version], search=True, lifetime=LOOKUP_SECONDS)
                except dns.resolver.NoAnswer:
                    continue
                holds = float(answer.rrset.ttl) if answer.rrset is not None else SHORTEST_HOLD_SECONDS
                clamped = min(max(holds, SHORTEST_HOLD_SECONDS), LONGEST_HOLD_SECONDS)
                return FoundAddress(next(record.to_text() for record in answer), clamped)
        except dns.resolver.NXDOMAIN as error:
            raise ProbeFailure(ProbeReason.RESOLVE, f"{host} does not exist") from error
        except dns.exception.Timeout as error:
            raise ProbeFailure(ProbeReason.RESOLVE, f"no name server answered for {host}") from error
        except (dns.exception.DNSException, OSError) as error:
            raise ProbeFailure(ProbeReason.RESOLVE, f"{host} does not resolve: {type(error).__name__}") from error
        raise ProbeFailure(ProbeReason.RESOLVE, f"{host} has no address")

    def _listed(self, host: str) -> list[str]:
        """The addresses of `host` in the hosts file."""
        wanted = host.rstrip(".").lower()
        if wanted == "localhost" or wanted.endswith(".localhost"):
            return ["127.0.0.1", "::1"]  # RFC 6761 section 6.3
        try:
            lines = self._hosts_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        rows = (line.partition("#")[0].split() for line in lines)
        return [row[0] for row in rows if row and wanted in (name.lower() for name in row[1:])]


def _version_of(text: str) -> int | None:
    try:
        return ipaddress.ip_address(text).version
    except ValueError:
        return None
