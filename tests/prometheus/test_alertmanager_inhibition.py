"""What is silent because something else explains it, judged by a real Alertmanager with the shipped rules."""

from pathlib import Path
from typing import Any

from lab.alert_overlay import alertmanager_configuration
from tests.prometheus.alertmanager_process import alert, as_text, running_alertmanager

NOBODY_LISTENS = "http://127.0.0.1:9/"


def labels(name: str, alertname: str, severity: str = "critical", **more: str) -> dict[str, str]:
    return {"name": name, "alertname": alertname, "severity": severity, "site": "dc", **more}


def own(name: str, alertname: str, device: str, tail: str = "", **more: str) -> dict[str, str]:
    return labels(name, alertname, device=device, object=f"{device}{tail}", **more)


ALERTS = [
    # core-2 is dead: it tells so, and nothing else of it or behind it does.
    (own("dead router", "DeviceAvailability", "core-2", parent="edge-1"), "active"),
    (labels("inhibitor", "ParentDown", "none", device="core-2", parent="core-2", neighbor="core-2"), "active"),
    (own("its port", "InterfaceDown", "core-2", ":e1", parent="edge-1", port="core-2:e1"), "suppressed"),
    (own("its optic", "OpticReceivePower", "core-2", ":e1", parent="edge-1", port="core-2:e1"), "suppressed"),
    (own("its session", "BgpDown", "core-2", ":bgp:10.0.0.9", parent="edge-1"), "suppressed"),
    (labels("its link", "LinkAvailability", device="core-2", object="isp-b", port="core-2:wan"), "suppressed"),
    (own("behind it", "DeviceAvailability", "access-3", parent="core-2"), "suppressed"),
    (own("port of what is behind it", "InterfaceDown", "access-3", ":e9", parent="core-2"), "suppressed"),
    (labels("behind what is behind it", "ParentDown", "none", device="access-3", parent="access-3"), "active"),
    (own("two behind it", "DeviceAvailability", "access-9", parent="access-3"), "suppressed"),
    (own("port that leads to it", "InterfaceDown", "edge-1", ":e2", port="edge-1:e2", neighbor="core-2"), "suppressed"),
    (own("session with it", "BgpDown", "edge-1", ":bgp:10.0.12.2", neighbor="core-2"), "suppressed"),
    # What is not explained by it stays.
    (own("other session", "BgpDown", "edge-1", ":bgp:10.0.14.2", neighbor="edge-4"), "active"),
    (own("session with a stranger", "BgpDown", "edge-1", ":bgp:10.81.0.2"), "active"),
    (own("fan of a neighbour", "FanHealth", "edge-1", ":fan:1"), "active"),
    (own("fan of a child that answers", "FanHealth", "access-5", ":fan:1", parent="core-2"), "active"),
    (own("another device", "DeviceAvailability", "core-7", parent="edge-1"), "active"),
    # A port that is down explains what goes over it.
    (own("port down", "InterfaceDown", "edge-1", ":wan", port="edge-1:wan"), "active"),
    (labels("silencer of ports", "PortDown", "none", port="edge-1:wan"), "active"),
    (own("its light", "OpticReceivePower", "edge-1", ":wan", port="edge-1:wan"), "suppressed"),
    (labels("carried link", "LinkLoss", device="edge-1", object="isp-a", port="edge-1:wan"), "suppressed"),
    (labels("link over another port", "LinkLoss", device="edge-1", object="isp-c", port="edge-1:wan2"), "active"),
    # A link that is down explains its own measures only.
    (labels("link down", "LinkAvailability", device="edge-6", object="isp-d", port="edge-6:w", link="isp-d"), "active"),
    (labels("silencer of links", "LinkDown", "none", link="isp-d"), "active"),
    (labels("its loss", "LinkLoss", device="edge-6", object="isp-d", port="edge-6:w", link="isp-d"), "suppressed"),
    (labels("a service over it", "LinkHttp", device="edge-6", object="isp-d:portal", link="isp-d"), "suppressed"),
    (labels("another link's loss", "LinkLoss", device="edge-6", object="isp-e", link="isp-e"), "active"),
    # Critical explains its own warning.
    (own("critical", "CpuUsage", "edge-8", ":cpu:0"), "active"),
    (own("its warning", "CpuUsage", "edge-8", ":cpu:0") | {"severity": "warning"}, "suppressed"),
    (own("warning of another", "CpuUsage", "edge-8", ":cpu:1") | {"severity": "warning"}, "active"),
    # Alerts without the labels that inhibition compares silence nothing of one another.
    (labels("exporter", "ReloadRefused", "warning"), "active"),
    (labels("watchdog", "Watchdog", "none"), "active"),
]


async def test_only_what_is_not_explained_is_told(tmp_path: Path) -> None:
    """A dead router silences what is its own, what hangs behind it however deep and what leads to it, and no more."""
    configuration: dict[str, Any] = alertmanager_configuration(NOBODY_LISTENS)
    async with running_alertmanager(as_text(configuration), tmp_path) as alertmanager:
        await alertmanager.tell([alert(told) for told, _ in ALERTS])
        assert await alertmanager.states() == {told["name"]: state for told, state in ALERTS}
        # The router answers again: what still fires behind it is told.
        router, inhibitor = ALERTS[0][0], ALERTS[1][0]
        await alertmanager.tell([alert(router, over=True), alert(inhibitor, over=True)])
        states = await alertmanager.states()
        assert {name: states[name] for name in ("its port", "behind it", "session with it")} == {
            "its port": "active",
            "behind it": "active",
            "session with it": "active",
        }


async def test_without_the_exporter_one_alert_says_so(tmp_path: Path) -> None:
    """That nothing is measured any more is told by ExporterDown alone."""
    told = [
        labels("exporter", "ExporterDown"),
        labels("device", "DeviceNotMeasured", "warning", object="core-1"),
        labels("link", "LinkNotMeasured", "warning", object="isp-a"),
    ]
    async with running_alertmanager(as_text(alertmanager_configuration(NOBODY_LISTENS)), tmp_path) as alertmanager:
        await alertmanager.tell([alert(one) for one in told])
        assert await alertmanager.states() == {"exporter": "active", "device": "suppressed", "link": "suppressed"}
