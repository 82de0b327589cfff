"""The bench of the rules measures what it says: its made-up fleet has what the rules look at."""

import re

from bench.fleet_series import device_names, device_series, exporter_series, render
from bench.rules import LOOKED_AT_FOR_LONG
from dcnet.catalogue import load_catalogue
from exporter.metrics import BY_NAME

CATALOGUE = load_catalogue()
ELSEWHERE = re.compile("dcnet_(config_backup|config_compliant|trap)")
"""Published by what is fetched over SSH and told by traps."""


def test_what_levels_look_back_on_is_in_the_past_that_is_made() -> None:
    """Every raw series that a level reads over an hour or more has its 30 days, but those that only name neighbours."""
    expressions = " ".join(level.expression for level in CATALOGUE.levels)
    ranged = set(re.findall(r"(dcnet_[a-z0-9_]+)(?:\{[^}]*\})?\[\d+[hd]\]", expressions))
    assert ranged - {"dcnet_neighbor_info"} == set(LOOKED_AT_FOR_LONG)


def test_the_fleet_tells_only_what_the_exporter_publishes() -> None:
    """Names are those of the metrics contract, counters never fall, and no series is told twice."""
    series = [*device_series(device_names()[0]), *exporter_series()]
    published = set(BY_NAME) | {"dcnet_link_rtt_seconds_bucket"}
    assert {one.name for one in series if not ELSEWHERE.match(one.name)} <= published
    counters = [one for one in series if one.name.endswith("_total")]
    assert all(one.value(1_800_000_000) <= one.value(1_800_000_030) for one in counters)
    lines = render(iter(series), 1_800_000_000).splitlines()
    assert len({line.rpartition(" ")[0] for line in lines}) == len(lines)
