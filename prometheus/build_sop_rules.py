"""Builds `prometheus/rules/sop.yml`: alerts on steps of the SOP, for the position whose turn it is.

Owns when a step is told as waiting or late: `python -m prometheus.build_sop_rules`. The steps' standard times are
sopctl's; here stands only how long before its end each step is told.
"""

import argparse
import sys
from typing import Any

import yaml

from prometheus.build_rules import RULES

FILE = RULES / "sop.yml"
HEADER = "# Built by prometheus/build_sop_rules.py (`make generate`); do not edit.\n"
TOLD_BEFORE_SECONDS = {"4": 3 * 86400, "5": 2 * 3600, "2|3|6|7": 3600}
"""By step: the month of Staf three days before its end, the day of the Kasubag two hours; ten minutes at once."""

LABELS = {"object": "SOP {{ $labels.cycle }}"}


def sop_groups() -> list[dict[str, Any]]:
    """The rule group; each alert carries `position`, by which Alertmanager finds the receiver."""
    due = "\nor ".join(
        f'(sop_step_due_timestamp_seconds{{step=~"{steps}"}} - time() < {seconds}) > 0'
        for steps, seconds in TOLD_BEFORE_SECONDS.items()
    )
    return [
        {
            "name": "sop",
            "rules": [
                _alert(
                    "SopStepDue",
                    due,
                    "info",
                    summary="SOP {{ $labels.cycle }}: langkah {{ $labels.step }} menunggu {{ $labels.position }}",
                    description="Tersisa {{ $value | humanizeDuration }} dari waktu baku langkah {{ $labels.step }}. "
                    "`sopctl inbox` menyebut perintahnya.",
                    summary_en="SOP {{ $labels.cycle }}: step {{ $labels.step }} waits for {{ $labels.position }}",
                    description_en="{{ $value | humanizeDuration }} are left of the standard time of step "
                    "{{ $labels.step }}. `sopctl inbox` tells the command.",
                    runbook="docs/runbooks/sop_step_due.md",
                ),
                _alert(
                    "SopStepOverdue",
                    "time() - sop_step_due_timestamp_seconds > 0",
                    "warning",
                    summary="SOP {{ $labels.cycle }}: langkah {{ $labels.step }} ({{ $labels.position }}) terlewati",
                    description="Waktu baku langkah {{ $labels.step }} terlewati {{ $value | humanizeDuration }}. "
                    "`sopctl status` mengatakan di siapa siklus berada dan perintah berikutnya.",
                    summary_en="SOP {{ $labels.cycle }}: step {{ $labels.step }} ({{ $labels.position }}) is overdue",
                    description_en="The standard time of step {{ $labels.step }} was exceeded by "
                    "{{ $value | humanizeDuration }}. `sopctl status` tells at whom the cycle is and what comes next.",
                    runbook="docs/runbooks/sop_step_overdue.md",
                ),
                {
                    "alert": "TextfileUnreadable",
                    "expr": "dcnet_textfile_success == 0",
                    "for": "15m",
                    "labels": {"severity": "warning", "object": "{{ $labels.file }}"},
                    "annotations": {
                        "summary": "{{ $labels.file }}: tidak dapat diterbitkan exporter",
                        "description": "Berkas metrik ini tidak ada, rusak, atau memakai nama metrik exporter. Metrik "
                        "di dalamnya, misalnya tenggat SOP, tidak sampai ke Prometheus.",
                        "summary_en": "{{ $labels.file }}: the exporter cannot publish it",
                        "description_en": "This file of metrics is missing, damaged, or uses names of the exporter's "
                        "own. Its metrics, such as the SOP's deadlines, do not reach Prometheus.",
                        "runbook": "docs/runbooks/textfile_unreadable.md",
                    },
                },
            ],
        }
    ]


def render() -> str:
    """The rule file's text."""
    return HEADER + yaml.safe_dump({"groups": sop_groups()}, sort_keys=False, allow_unicode=True, width=10**6)


def main() -> None:
    """Write the file, or with `--check` fail when it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the committed file is stale")
    if parser.parse_args().check:
        if not FILE.exists() or FILE.read_text(encoding="utf-8") != render():
            sys.exit(f"stale: {FILE}; run `make generate` and commit the result")
    else:
        FILE.write_text(render(), encoding="utf-8")


def _alert(name: str, expression: str, severity: str, **annotations: str) -> dict[str, Any]:
    labels = {"severity": severity, **LABELS}
    return {"alert": name, "expr": expression, "labels": labels, "annotations": annotations}


if __name__ == "__main__":
    main()
