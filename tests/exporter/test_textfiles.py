"""Textfiles on /metrics: good ones are published, bad ones told, and the rest is served all the same."""

import os
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter.exposition import render_text
from exporter.sample_set import SampleSet
from exporter.textfiles import read_textfiles

GOOD = """# HELP sop_cycle_step Step of the SOP whose turn it is.
# TYPE sop_cycle_step gauge
sop_cycle_step{cycle="2026-10",position="kabag"} 2
"""
BAD = {
    "no metrics": "this is { no metric\n",
    "cut short": GOOD.rstrip("\n"),
    "not UTF-8": "# HELP a \udcff\n",
    "own name": "dcnet_up 1\n",
    "with a timestamp": "a 1 1700000000000\n",
    "twice": 'a{b="c"} 1\na{b="c"} 2\n',
}


def _published(*files: Path) -> dict[str, dict[str, float]]:
    """Values by metric and by file, or by cycle."""
    samples = SampleSet()
    read = read_textfiles(files, samples)
    text = render_text(samples, read)
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = Path(sample.labels.get("file", "")).name or sample.labels.get("cycle", "")
            found.setdefault(sample.name, {})[key] = sample.value
    return found


def test_a_good_file_is_published_with_its_age(tmp_path: Path) -> None:
    """Its series stand on /metrics as they stand in the file."""
    file = tmp_path / "sop.prom"
    file.write_text(GOOD)
    os.utime(file, (1_700_000_000, 1_700_000_000))
    found = _published(file)
    assert found["sop_cycle_step"] == {"2026-10": 2}
    assert found["dcnet_textfile_success"] == {"sop.prom": 1}
    assert found["dcnet_textfile_modified_timestamp_seconds"] == {"sop.prom": 1_700_000_000}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_file_is_told_and_the_others_stand(tmp_path: Path, text: str) -> None:
    """One bad file takes nothing away from the good one beside it."""
    (tmp_path / "bad.prom").write_text(text, errors="surrogateescape")
    (tmp_path / "good.prom").write_text(GOOD)
    found = _published(tmp_path / "bad.prom", tmp_path / "good.prom")
    assert found["dcnet_textfile_success"] == {"bad.prom": 0, "good.prom": 1}
    assert found["sop_cycle_step"] == {"2026-10": 2}


def test_what_is_no_file_is_told_without_waiting(tmp_path: Path) -> None:
    """A file that is not there, a folder, a pipe that nobody writes to, a file too large."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with (tmp_path / "large").open("wb") as hole:
        hole.truncate(2 << 20)
    names = ("absent", "pipe", "folder", "large")
    assert _published(*(tmp_path / name for name in names))["dcnet_textfile_success"] == dict.fromkeys(names, 0)


def test_two_files_do_not_share_a_metric(tmp_path: Path) -> None:
    """A family stands in one file; the second is told."""
    for name in ("a.prom", "b.prom"):
        (tmp_path / name).write_text(GOOD)
    found = _published(tmp_path / "a.prom", tmp_path / "b.prom")
    assert found["dcnet_textfile_success"] == {"a.prom": 1, "b.prom": 0}
