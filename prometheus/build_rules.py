"""Builds the committed rule files from the catalogue: `python -m prometheus.build_rules`.

Owns which file holds what: an indicator's recording rules and alerts stand in the file of its family, so that a
test of one family needs to load no other.
"""

from collections.abc import Iterator
from pathlib import Path

from dcnet.built_files import write_or_check
from dcnet.catalogue import Catalogue, Component, load_catalogue
from prometheus.alert_rules import alert_groups
from prometheus.burn_rules import burn_groups
from prometheus.indicator_rules import indicator_group, level_groups, rollup_groups
from prometheus.rule_file import Group, render_groups
from prometheus.sop_rules import sop_groups
from prometheus.topology_rules import topology_groups

RULES = Path(__file__).parent / "rules"

FAMILIES = {
    "devices": (
        *(Component.DEVICE, Component.PROCESSOR, Component.MEMORY, Component.STORAGE, Component.TEMPERATURE),
        *(Component.FAN, Component.POWER_SUPPLY, Component.PART),
    ),
    "interfaces": (Component.INTERFACE, Component.OPTIC),
    "routing": (Component.BGP_PEER, Component.OSPF_NEIGHBOR),
    "power": (Component.UPS,),
    "configuration": (Component.CONFIGURATION, Component.RULE),
    "events": (Component.EVENT,),
    "links": (Component.LINK, Component.PROBE),
}
"""Every component is in one family."""


def rule_groups(catalogue: Catalogue) -> dict[str, list[Group]]:
    """The groups of every built rule file, by its name without `.yml`."""
    families = {
        family: [
            group
            for indicator in catalogue.indicators
            if indicator.component in components
            for group in (indicator_group(indicator), *alert_groups(indicator))
        ]
        for family, components in FAMILIES.items()
    }
    return {
        "levels": level_groups(catalogue),
        "rollups": rollup_groups(catalogue),
        **families,
        "topology": topology_groups(),
        "burn": burn_groups(),
        "sop": sop_groups(),
    }


def built_rules(catalogue: Catalogue) -> Iterator[tuple[Path, str]]:
    """Every built rule file and its text."""
    for name, groups in rule_groups(catalogue).items():
        yield RULES / f"{name}.yml", render_groups(groups)


if __name__ == "__main__":
    write_or_check(built_rules(load_catalogue()), "rules and alerts")
