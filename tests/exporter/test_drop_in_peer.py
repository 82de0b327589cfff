"""Our /snmp beside Debian's prometheus-snmp-exporter, sample by sample, on a real snmpd with 500 interfaces."""

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.interface_network import InterfaceNetwork, NetworkMissingError, interface_network, ours_url, peer_url

PAIRS = 250
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def network() -> Iterator[InterfaceNetwork]:
    """A namespace with 500 interfaces and all three programs."""
    try:
        with interface_network(PAIRS) as running:
            yield running
    except NetworkMissingError as error:
        pytest.skip(str(error))


def series(text: str) -> Series:
    """Every sample but those about the scrape itself; labels without text are no labels."""
    found: Series = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.startswith("snmp_scrape_"):
                labels = frozenset((name, value) for name, value in sample.labels.items() if value)
                assert (sample.name, labels) not in found
                found[sample.name, labels] = sample.value
    return found


def types(text: str) -> dict[str, str]:
    return {line.split()[2]: line.split()[3] for line in text.splitlines() if line.startswith("# TYPE ")}


@pytest.mark.parametrize("auth", ["public_v2", "priv"])
def test_same_samples_as_snmp_exporter(network: InterfaceNetwork, auth: str) -> None:
    """Both exporters tell the same names, types, labels and values; what moves meanwhile lies between two readings."""
    before = network.fetch(peer_url(auth))
    ours = network.fetch(ours_url(auth))
    after = network.fetch(peer_url(auth))
    lowest, told, highest = series(before), series(ours), series(after)
    assert len(told) > PAIRS * 2 * 36
    assert told.keys() == lowest.keys()
    wrong = {
        key: (lowest[key], value, highest[key])
        for key, value in told.items()
        if not lowest[key] <= value <= highest[key]
    }
    assert not wrong
    assert types(ours) == types(before)


def test_tells_about_the_scrape(network: InterfaceNetwork) -> None:
    """The scrape's own metrics carry the module's name, as the present snmp_exporter has them."""
    found = {
        sample.name: (sample.labels, sample.value)
        for family in text_string_to_metric_families(network.fetch(ours_url("public_v2")))
        for sample in family.samples
        if sample.name.startswith("snmp_scrape_")
    }
    assert {labels["module"] for labels, _ in found.values()} == {"if_mib"}
    assert found["snmp_scrape_pdus_returned"][1] > PAIRS * 2 * 40
    assert found["snmp_scrape_packets_sent"][1] > PAIRS * 2 * 40 / 25
    assert found["snmp_scrape_packets_retried"][1] == 0
    assert 0 < found["snmp_scrape_walk_duration_seconds"][1] < found["snmp_scrape_duration_seconds"][1]
