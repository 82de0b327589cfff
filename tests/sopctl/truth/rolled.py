"""The hourly rollups of a world's month, recorded by dcnet's own rules, as blocks beside the month's.

Owns when they were recorded: at another minute of the hour after the middle, with hours missed there.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from dcnet.catalogue import COUNTERS, Catalogue
from lab.backfill import move_blocks, serving
from prometheus.indicator_rules import rollup_groups
from prometheus.rule_file import Group, render_groups
from tests.sopctl.truth.world import HOUR, World


def record_rollups(world: World, catalogue: Catalogue, data: Path, folder: Path) -> None:
    """Add the rollups of `catalogue` to the blocks in `data`: each kind after those that it is made of."""
    *hourly, daily = rollup_groups(catalogue)
    counters = [only for one in hourly if (only := _only(one, COUNTERS))["rules"]]
    middle = (world.start + world.end) / 2
    # Groups and files by the same names are recorded at the same instants.
    for kind, groups in (("hours", counters), ("hours", hourly), ("days", [daily])):
        # A group's name decides on its minute: as if the recording had moved to another Prometheus.
        _record(f"{kind}-first", groups, (world.start - 30 * HOUR, middle), data, folder)
        later = (middle + (world.seed % 4) * HOUR, world.end + 25 * HOUR)
        _record(f"{kind}-moved", groups, later, data, folder)


def _only(group: Group, record: str) -> Group:
    return {**group, "rules": [rule for rule in group["rules"] if rule.get("record") == record]}


def _record(name: str, groups: Iterable[Group], when: tuple[float, float], data: Path, folder: Path) -> None:
    file, output = folder / f"{name}.yml", folder / f"{name}.blocks"
    # Groups as in production: all of an hour is recorded at one instant.
    file.write_text(render_groups([{**one, "name": f"{name}-{one['name']}"} for one in groups]), encoding="utf-8")
    with serving(data, folder) as url:
        subprocess.run(
            [
                *("promtool", "tsdb", "create-blocks-from", "rules", "--max-block-duration=1500h"),
                *(f"--url={url}", f"--start={int(when[0])}", f"--end={int(when[1])}", f"--output-dir={output}"),
                str(file),
            ],
            check=True,
            capture_output=True,
        )
    move_blocks(output, data)
