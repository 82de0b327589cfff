"""What the inventory accepts of links and their probes, and how it refuses the rest."""

from typing import Any

import pytest
from pydantic import ValidationError

from exporter.inventory.link_models import Link

LINK: dict[str, Any] = {"name": "l", "provider": "p", "circuit": "c", "device": "d", "interface": "i"}
ECHO = {"name": "e", "kind": "icmp", "target": "192.0.2.1"}
DOWNLOAD = {"name": "d", "kind": "throughput", "url": "http://192.0.2.1/"}


def link(*probes: dict[str, Any], **more: Any) -> Link:
    return Link.model_validate({**LINK, **more, "probes": probes})


@pytest.mark.parametrize(
    ("probe", "more", "message"),
    [
        ({**ECHO, "interval_seconds": 0.05}, {}, "greater than or equal to 0.1"),
        ({**ECHO, "interval_seconds": 61}, {}, "less than or equal to 60"),
        ({**ECHO, "payload_bytes": 7}, {}, "greater than or equal to 8"),
        ({**ECHO, "dscp": 64}, {}, "less than or equal to 63"),
        ({**ECHO, "ip_version": 6}, {"source_address": "192.0.2.9"}, "probe e: ip_version contradicts source_address"),
        (ECHO, {"source_interface": "a-name-too-long-for-linux"}, "String should match pattern"),
        ({**DOWNLOAD, "interval_seconds": 3599}, {}, "greater than or equal to 3600"),
        ({**DOWNLOAD, "most_bytes": 2_000_000_000}, {}, "less than or equal to 1000000000"),
        (
            {"name": "n", "kind": "dns", "server": "192.0.2.53", "query": "x", "rcode": "NXDOMAIN", "expect": ["1"]},
            {},
            "expect goes with rcode NOERROR only",
        ),
    ],
)
def test_refused(probe: dict[str, Any], more: dict[str, Any], message: str) -> None:
    """An entry that cannot be measured is refused, and why is said."""
    with pytest.raises(ValidationError) as refused:
        link(probe, **more)
    assert message in str(refused.value)


def test_nothing_is_downloaded_unless_asked() -> None:
    """A link without a throughput probe in the inventory makes no download; one that is asked for is hourly."""
    assert link().probes == ()
    assert link(DOWNLOAD).probes[0].interval_seconds == 3600


def test_target_labels() -> None:
    """The label names the target, and holds nothing of a URL's query."""
    probes = link(
        {**DOWNLOAD, "url": "http://192.0.2.1/file?key=1#x"},
        {"name": "t", "kind": "tcp", "target": "2001:db8::1", "port": 80},
        {"name": "s", "kind": "tls", "target": "mail.test"},
    ).probes
    assert [probe.label for probe in probes] == ["http://192.0.2.1/file", "[2001:db8::1]:80", "mail.test:443"]
