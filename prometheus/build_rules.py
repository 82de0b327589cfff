"""Builds `prometheus/rules/indicators.yml` and `alerts.yml` from the catalogue: `python -m prometheus.build_rules`.

Owns the PromQL of the uniform series and the one template of every alert. What an indicator is and which
limits it has stands in `indicators.yml`, never here.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from dcnet.catalogue import (
    EVALUATION_INTERVAL_SECONDS,
    Catalogue,
    Direction,
    Indicator,
    Severity,
    identify,
    load_catalogue,
)
from prometheus.alert_words import alert_annotations, alert_name

RULES = Path(__file__).parent / "rules"
HEADER = "# Built from prometheus/indicators.yml by `make generate`; do not edit.\n"


def indicator_rule(indicator: Indicator) -> dict[str, Any]:
    """The recording rule of `dcnet:indicator`: the value now, in the catalogue's unit."""
    return {
        "record": "dcnet:indicator",
        "expr": f"max by (device, object) ({identify(indicator.component, indicator.expression)})",
        "labels": {"indicator": indicator.id, "component": indicator.component.value},
    }


def threshold_rule(indicator: Indicator, severity: Severity) -> dict[str, Any]:
    """The recording rule of `dcnet:indicator_threshold`: the limit in force for every object measured.

    The nearest override of the inventory wins: the object's own, its device's, the site's; else the
    catalogue's default. Overrides for the month's value (`period="month"`) are the report's alone.
    """
    measured = f'group by (device, object) (dcnet:indicator{{indicator="{indicator.id}"}})'
    override = f'dcnet_threshold{{indicator="{indicator.id}", severity="{severity}", period="", object%s""}}'
    of_object = override % "!="
    of_device = f'label_replace({of_object}, "device", "$1", "object", "(.+)")'
    default = indicator.limits.critical if severity is Severity.CRITICAL else indicator.limits.warning
    return {
        "record": "dcnet:indicator_threshold",
        "expr": "\nor on (device, object) ".join(
            [
                f"{measured} * on (object) group_left () max by (object) ({of_object})",
                f"{measured} * on (device) group_left () max by (device) ({of_device})",
                f"{measured} * on () group_left () max ({override % '='})",
                f"{measured} * {default!r}",
            ]
        ),
        "labels": {"indicator": indicator.id, "severity": severity.value},
    }


def degraded_rule(indicator: Indicator, severity: Severity) -> dict[str, Any]:
    """The recording rule of `dcnet:degraded`: 1 while past the limit, absent otherwise."""
    past = ">" if indicator.direction is Direction.ABOVE else "<"
    threshold = f'dcnet:indicator_threshold{{indicator="{indicator.id}", severity="{severity}"}}'
    return {
        "record": "dcnet:degraded",
        "expr": (
            "group by (device, object) ("
            f'dcnet:indicator{{indicator="{indicator.id}"}} {past} on (device, object) {threshold})'
        ),
        "labels": {
            "indicator": indicator.id,
            "component": indicator.component.value,
            "severity": severity.value,
        },
    }


def alert_rule(indicator: Indicator, severity: Severity) -> dict[str, Any]:
    """The alert of one indicator and severity: its value is the indicator's; silent during planned work.

    Planned work on a device covers what hangs on it: its interfaces and the links that it carries.
    """
    of_device = 'label_replace(dcnet_maintenance, "device", "$1", "object", "(.+)")'
    return {
        "alert": alert_name(indicator),
        "expr": (
            f'dcnet:indicator{{indicator="{indicator.id}"}}\n'
            f'and on (device, object) dcnet:degraded{{indicator="{indicator.id}", severity="{severity}"}}\n'
            f"unless on (object) dcnet_maintenance\nunless on (device) {of_device}"
        ),
        "for": indicator.alert_after,
        "labels": {"severity": severity.value},
        "annotations": alert_annotations(indicator, severity),
    }


def recording_groups(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One group an indicator: its rules run one after the other at the same instant, each seeing the last."""
    return [
        {
            "name": f"dcnet-{indicator.id}",
            "interval": f"{EVALUATION_INTERVAL_SECONDS}s",
            "rules": [
                indicator_rule(indicator),
                *(threshold_rule(indicator, severity) for severity in Severity),
                *(degraded_rule(indicator, severity) for severity in Severity),
            ],
        }
        for indicator in catalogue.indicators
    ]


def backfill_passes(catalogue: Catalogue) -> list[list[dict[str, Any]]]:
    """The recording rules as three lists of groups, each needing only what the ones before it wrote.

    For `promtool tsdb create-blocks-from rules`, which evaluates every rule without seeing the others' results.
    """
    passes = (
        [indicator_rule(indicator) for indicator in catalogue.indicators],
        [threshold_rule(indicator, severity) for indicator in catalogue.indicators for severity in Severity],
        [degraded_rule(indicator, severity) for indicator in catalogue.indicators for severity in Severity],
    )
    return [
        [{"name": f"dcnet-pass-{number}", "interval": f"{EVALUATION_INTERVAL_SECONDS}s", "rules": rules}]
        for number, rules in enumerate(passes, start=1)
    ]


def alert_groups(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One group an indicator, with an alert for each severity."""
    return [
        {
            "name": f"dcnet-alert-{indicator.id}",
            "rules": [alert_rule(indicator, severity) for severity in reversed(Severity)],
        }
        for indicator in catalogue.indicators
    ]


def render_groups(groups: list[dict[str, Any]]) -> str:
    """Rule file text of `groups`, the same for the same groups."""
    return HEADER + yaml.dump({"groups": groups}, sort_keys=False, allow_unicode=True, width=10_000, Dumper=_RuleDumper)


BUILT: dict[str, Callable[[Catalogue], list[dict[str, Any]]]] = {
    "indicators.yml": recording_groups,
    "alerts.yml": alert_groups,
}


def main() -> None:
    """Write the built files, or with `--check` fail when one is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a committed file is stale")
    check = parser.parse_args().check
    catalogue = load_catalogue()
    stale = []
    for name, build in BUILT.items():
        file, text = RULES / name, render_groups(build(catalogue))
        if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
            stale.append(file)
        elif not check:
            file.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"stale: {', '.join(str(file) for file in stale)}; run `make generate` and commit the result")


class _RuleDumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a rule reads as it was written."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_RuleDumper.add_representer(str, _represent_text)

if __name__ == "__main__":
    main()
