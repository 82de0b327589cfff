"""A world's month in a real Prometheus, raw series and recorded ones, as blocks.

Owns the loading; the programs are run as the lab runs them.
"""

import subprocess
from pathlib import Path

from dcnet.catalogue import Catalogue, Component, Indicator, Severity
from lab.backfill import record_rules
from prometheus.indicator_rules import default_limit, degraded_rule, indicator_rule, past_sign
from prometheus.rule_file import Rule, render_groups
from tests.sopctl.truth.series import write_month
from tests.sopctl.truth.world import HOUR, World


def load_month(world: World, catalogue: Catalogue, folder: Path) -> Path:
    """The data folder of a Prometheus that holds `world`."""
    text, data = folder / "month.om", folder / "data"
    write_month(world, text)
    subprocess.run(
        [
            *("promtool", "tsdb", "create-blocks-from", "--max-block-duration=1500h"),
            *("openmetrics", "--quiet", str(text), str(data)),
        ],
        check=True,
        capture_output=True,
    )
    text.unlink()
    shown = [one for one in catalogue.indicators if _is_shown(one.component, world)]
    values = [indicator_rule(indicator) for indicator in shown]
    past = [_past(one, severity) for one in shown for severity in one.severities]
    for number, rules in enumerate((values, past)):
        file = folder / f"pass-{number}.yml"
        file.write_text(render_groups([{"name": f"pass-{number}", "rules": rules}]), encoding="utf-8")
        record_rules(data, [file], world.start - HOUR, world.end + HOUR / 2, folder)
    return data


def _is_shown(component: Component, world: World) -> bool:
    watched = world.links if component is Component.LINK else world.ports
    return component is Component.DEVICE or bool(watched)


def _past(indicator: Indicator, severity: Severity) -> Rule:
    """The rule of `dcnet:degraded`, its limit written out: recorded limits take longer than all the rest."""
    rule = degraded_rule(indicator, severity)
    value, sign = f'dcnet:indicator{{indicator="{indicator.id}"}}', past_sign(indicator)
    return {**rule, "expr": f"group by (device, object) ({value} {sign} {default_limit(indicator, severity)})"}
