"""Each family of devices: a small made-up agent, and every line that its profile makes of it.

recordings/FAMILY.snmprec is the agent, written from the vendor's MIBs; recordings/FAMILY.prom the lines, read
against the MIBs by who wrote them down with --update-golden.
"""

from pathlib import Path

import pytest

from tests.exporter.profiles.recording import lines_of_profile, scrape_recording
from tests.exporter.test_scrape import MakeInventory

RECORDINGS = Path(__file__).parent / "recordings"
FAMILIES = sorted(file.stem for file in RECORDINGS.glob("*.snmprec"))

COMMON = """1.3.6.1.2.1.1.3.0|67|8640000
1.3.6.1.2.1.1.5.0|4|made-up
1.3.6.1.2.1.2.2.1.2.1|4|mgmt0
"""


@pytest.mark.parametrize("family", FAMILIES)
async def test_family(family: str, make_inventory: MakeInventory, update_golden: bool) -> None:
    """The profile publishes what the device says, in the contract's names and units, and nothing else."""
    recording = COMMON + (RECORDINGS / f"{family}.snmprec").read_text()
    outcome = await scrape_recording(recording, make_inventory)
    assert not outcome.failures
    found, golden = lines_of_profile(outcome), RECORDINGS / f"{family}.prom"
    if update_golden:
        golden.write_text("\n".join(found) + "\n")
    assert found == golden.read_text().splitlines()
