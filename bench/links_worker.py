"""`python -m bench.links_worker TARGETS SECONDS INTERVAL`: probe as the exporter does; tell the cost as JSON.

Runs inside the namespace that links.py made.
"""

import asyncio
import json
import os
import sys
import time

from bench.links import peak_resident_mib, targets
from exporter.inventory.models import Inventory
from exporter.probes.monitor import LinkMonitor
from exporter.sample_set import SampleSet

WARM_UP_SECONDS = 2


def main(number: int, seconds: float, interval: float) -> None:
    """Probe `number` targets and print what it took."""
    sys.stdout.write(json.dumps(asyncio.run(_probe(number, seconds, interval))))


async def _probe(number: int, seconds: float, interval: float) -> dict[str, float]:
    probes = [
        {"name": f"p{index}", "kind": "icmp", "target": address, "interval_seconds": interval}
        for index, address in enumerate(targets(number))
    ]
    link = {"name": "l", "provider": "p", "circuit": "c", "device": "d", "interface": "i", "probes": probes}
    inventory = Inventory.model_validate({"site": {"name": "bench", "time_zone": "UTC"}, "links": [link]})
    monitor = LinkMonitor()
    await monitor.apply(inventory)
    await asyncio.sleep(WARM_UP_SECONDS)
    cpu, wall = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.monotonic() - wall)
    samples = SampleSet()
    monitor.add_samples(samples)
    sums: dict[str, float] = {}
    for family in samples.collect():
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0) + sample.value
    medians = [found.p50_seconds for state in monitor.states() for found in state.minutes if found.p50_seconds]
    await monitor.stop()
    return {
        "sent": sums["dcnet_link_probe_sent_total"],
        "received": sums["dcnet_link_probe_received_total"],
        "suppressed": sums.get("dcnet_link_probe_suppressed_total", 0),
        "core_share": share,
        "memory_mib": peak_resident_mib(os.getpid()),
        "median_seconds": medians[-1],
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
