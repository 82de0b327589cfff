"""Our /snmp against Debian's snmp_exporter: the same if_mib module of the same snmpd with 500 interfaces.

Both servers run beside each other and are asked in turns. snmpd's own CPU is in neither figure.
"""

import statistics
import time

from bench.interface_network import (
    PEER,
    InterfaceNetwork,
    NetworkMissingError,
    interface_network,
    ours_url,
    peer_url,
)

PAIRS = 250
ROUNDS = 12
WALL_GOAL, CPU_GOAL = 0.5, 0.4


def measure_drop_in() -> None:
    """Compare wall time and the servers' CPU over SNMPv2c and over SNMPv3 authPriv."""
    try:
        with interface_network(PAIRS) as network:
            for words, auth in (("SNMPv2c", "public_v2"), ("SNMPv3 authPriv, SHA-1 and AES-128", "priv")):
                _compare(network, words, auth)
    except NetworkMissingError as error:
        print(f"\n/snmp beside {PEER}: not measured, {error}")  # noqa: T201 - a bench speaks to a terminal


def _compare(network: InterfaceNetwork, words: str, auth: str) -> None:
    urls = {"ours": ours_url(auth), "peer": peer_url(auth)}
    walls: dict[str, list[float]] = {name: [] for name in urls}
    cpus: dict[str, list[float]] = {name: [] for name in urls}
    samples: dict[str, int] = {}
    for number in range(ROUNDS + 1):
        for name, url in urls.items():
            cpu, started = network.cpu_seconds(name), time.perf_counter()
            body = network.fetch(url)
            wall = time.perf_counter() - started
            samples[name] = sum(1 for line in body.splitlines() if not line.startswith("#"))
            if number:
                walls[name].append(wall)
                cpus[name].append(network.cpu_seconds(name) - cpu)
    print(f"\n/snmp, if_mib of {PAIRS * 2} interfaces, {words} ({ROUNDS} rounds, medians; CPU mean)")  # noqa: T201
    for name, title in (("ours", "dcnet-exporter /snmp"), ("peer", PEER)):
        wall, cpu = statistics.median(walls[name]), statistics.mean(cpus[name])
        line = f"  {title:<34} wall {wall * 1000:9.2f} ms   cpu {cpu * 1000:9.2f} ms   {samples[name]} samples"
        print(line)  # noqa: T201
    wall = statistics.median(mine / other for mine, other in zip(walls["ours"], walls["peer"], strict=True))
    cpu = sum(cpus["ours"]) / sum(cpus["peer"])
    goals = f"goals {WALL_GOAL} x, {CPU_GOAL} x"
    print(f"  {'ratio':<34} wall {wall:9.2f} x    cpu {cpu:9.2f} x    {goals}")  # noqa: T201
