"""Alerts on steps of the SOP, for the position whose turn it is.

Owns when a step is told as waiting or late. The steps' standard times are sopctl's; here stands only how long before
its end each step is told.
"""

from prometheus.rule_file import Group, Rule

TOLD_BEFORE_SECONDS = {"4": 3 * 86400, "5": 2 * 3600, "2|3|6|7": 3600}
"""By step: the month of Staf three days before its end, the day of the Kasubag two hours; ten minutes at once."""


def sop_groups() -> list[Group]:
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
                    summary="SOP {{ $labels.cycle }}: langkah {{ $labels.step }} ({{ $labels.position }}) terlewati",
                    description="Waktu baku langkah {{ $labels.step }} terlewati {{ $value | humanizeDuration }}. "
                    "`sopctl status` mengatakan di siapa siklus berada dan perintah berikutnya.",
                    summary_en="SOP {{ $labels.cycle }}: step {{ $labels.step }} ({{ $labels.position }}) is overdue",
                    description_en="The standard time of step {{ $labels.step }} was exceeded by "
                    "{{ $value | humanizeDuration }}. `sopctl status` tells at whom the cycle is and what comes next.",
                    runbook="docs/runbooks/sop_step_overdue.md",
                ),
            ],
        }
    ]


def _alert(name: str, expression: str, **annotations: str) -> Rule:
    labels = {"severity": "warning", "object": "SOP {{ $labels.cycle }}"}
    return {"alert": name, "expr": expression, "labels": labels, "annotations": annotations}
