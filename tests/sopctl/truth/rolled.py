"""The hourly rollups of a world's month, recorded by dcnet's own rules, as blocks beside the month's.

Owns when they were recorded: at another minute of the hour after the middle, with hours missed there.
"""

import subprocess
from pathlib import Path

from dcnet.catalogue import Catalogue
from lab.backfill import move_blocks, serving
from prometheus.indicator_rules import rollup_groups
from prometheus.rule_file import render_groups
from tests.sopctl.truth.world import HOUR, World


def record_rollups(world: World, catalogue: Catalogue, data: Path, folder: Path) -> None:
    """Add the rollups of `catalogue` to the blocks in `data`."""
    middle = (world.start + world.end) / 2
    outputs = []
    with serving(data, folder) as url:
        # A group's name decides on its minute: as if the recording had moved to another Prometheus.
        for name, start, end in (
            ("rollups", world.start - 2 * HOUR, middle),
            ("rollups-moved", middle + (world.seed % 4) * HOUR, world.end + HOUR / 2),
        ):
            file, output = folder / f"{name}.yml", folder / f"{name}.blocks"
            # Groups as in production: all of an hour is recorded at one instant.
            groups = [{**group, "name": f"{name}-{group['name']}"} for group in rollup_groups(catalogue)]
            file.write_text(render_groups(groups), encoding="utf-8")
            subprocess.run(
                [
                    *("promtool", "tsdb", "create-blocks-from", "rules", "--max-block-duration=1500h"),
                    *(f"--url={url}", f"--start={int(start)}", f"--end={int(end)}", f"--output-dir={output}"),
                    str(file),
                ],
                check=True,
                capture_output=True,
            )
            outputs.append(output)
    for output in outputs:
        move_blocks(output, data)
