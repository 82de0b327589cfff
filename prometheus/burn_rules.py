"""Burn rates of the links' contracts: how fast a link uses up what its contract allows, and when that is too fast.

Owns windows and factors: 14.4 over 1 h and 5 min or 6 over 6 h and 30 min calls somebody now (2 % of a month's
allowance in an hour, 5 % in six), 3 over 1 d and 2 h or 1 over 3 d and 6 h is a ticket (Google, The Site Reliability
Workbook, chapter 5, Multiwindow, Multi-Burn-Rate Alerts). A link without a contract has none.

Few probes make great rates of small accidents, so a window counts only with enough of them: LEAST_LOST echoes lost
in it, or LEAST_DEAD_MINUTES minutes dead. Minutes and echoes of planned work are in no window: what was announced uses
up nothing.
"""

from dataclasses import dataclass
from itertools import chain

from dcnet.catalogue import Component, Severity, Team, identify
from dcnet.language import Words
from prometheus.alert_words import DASHBOARD
from prometheus.rule_file import Group, Rule
from prometheus.topology_rules import outside_planned_work, placed

LEAST_LOST = 20
LEAST_DEAD_MINUTES = 3
SHORTEST_MINUTES = 5
"""The shortest window, which the rates of echoes look back, and in which their growth is recorded."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two windows that must both burn faster than `factor`: the long one for weight, the short one for now."""

    factor: float
    long: str
    short: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of the contract whose allowance can be used up."""

    name: str
    alert: str
    title: Words
    action: Words

    @property
    def runbook(self) -> str:
        """The runbook's path in the repository."""
        return f"docs/runbooks/link_{self.name}_burn.md"


PAIRS = {
    Severity.CRITICAL: (Pair(14.4, "1h", "5m"), Pair(6, "6h", "30m")),
    Severity.WARNING: (Pair(3, "1d", "2h"), Pair(1, "3d", "6h")),
}
_ALL_PAIRS = tuple(chain.from_iterable(PAIRS.values()))
WINDOWS = tuple(dict.fromkeys(chain.from_iterable((pair.short, pair.long) for pair in _ALL_PAIRS)))
LONG_WINDOWS = frozenset(pair.long for pair in _ALL_PAIRS)

AVAILABILITY = Promise(
    "availability",
    "LinkAvailabilityBurn",
    Words("Jatah waktu mati kontrak", "Contract's allowance of dead time"),
    Words(
        "Laporkan kepada penyedia dengan nomor sirkit dan waktu kejadian; pindahkan lalu lintas ke tautan lain.",
        "Report to the provider with circuit number and times; move traffic to another link.",
    ),
)
LOSS = Promise(
    "loss",
    "LinkLossBurn",
    Words("Jatah kehilangan paket kontrak", "Contract's allowance of packet loss"),
    Words(
        "Pastikan port pembawa tidak penuh, lalu laporkan kepada penyedia dengan angka dan waktunya.",
        "Make sure that the carrying port is not full, then report to the provider with figures and times.",
    ),
)
PROMISES = (AVAILABILITY, LOSS)

_UNPLANNED_MINUTES = outside_planned_work(
    Component.LINK,
    'label_replace(dcnet:indicator{indicator="link_availability"}, "link", "$1", "object", "(.+)")',
    lookback_minutes=2,
)
_ECHOES = {"sent": "dcnet_link_probe_sent_total", "received": "dcnet_link_probe_received_total"}


def burn_groups() -> list[Group]:
    """The minutes and echoes outside planned work, the burn rates of every window, and the alerts."""
    echoes: list[Rule] = [
        {"record": f"dcnet:link_{name}:5m", "expr": f"sum by (link) ({_unplanned_echoes(metric)})"}
        for name, metric in _ECHOES.items()
    ]
    alive: Rule = {"record": "dcnet:link_alive", "expr": f"max by (device, object) ({_UNPLANNED_MINUTES})"}
    rates: list[Rule] = [
        {"record": "dcnet:link_burn", "expr": expression(window), "labels": {"promise": promise.name, "window": window}}
        for promise, expression in ((AVAILABILITY, _availability_burn), (LOSS, _loss_burn))
        for window in WINDOWS
    ]
    alerts = [_burn_alert(promise, severity) for promise in PROMISES for severity in PAIRS]
    return [
        {"name": "dcnet-link-echoes", "interval": "5m", "rules": echoes},
        {"name": "dcnet-link-burn", "interval": "1m", "rules": [alive, *rates]},
        {"name": "dcnet-alert-link-burn", "rules": alerts},
    ]


def _unplanned_echoes(metric: str) -> str:
    grown = identify(Component.LINK, f"sum by (link) (increase({metric}[{SHORTEST_MINUTES}m]))")
    return outside_planned_work(Component.LINK, grown, SHORTEST_MINUTES)


def _availability_burn(window: str) -> str:
    alive = f"dcnet:link_alive[{window}]"
    dead = f"count_over_time({alive}) - sum_over_time({alive})"
    enough = f" >= {LEAST_DEAD_MINUTES}" if window in LONG_WINDOWS else ""
    allowed = _allowed("1 - max by (link) (dcnet_link_contract_availability_ratio)")
    return (
        f"max by (device, object) (({dead}{enough}) / count_over_time({alive})) / on (object) group_left () {allowed}"
    )


def _loss_burn(window: str) -> str:
    if window == "5m":
        sent, received = (f"sum by (link) (increase({metric}[5m]))" for metric in _ECHOES.values())
    else:
        sent, received = (f"sum_over_time(dcnet:link_{name}:5m[{window}])" for name in _ECHOES)
    enough = f" >= {LEAST_LOST}" if window in LONG_WINDOWS else ""
    share = identify(Component.LINK, f"({sent} - {received}{enough}) / ({sent} > 0)")
    allowed = _allowed("max by (link) (dcnet_link_contract_loss_ratio)")
    return f"max by (device, object) ({share}) / on (object) group_left () {allowed}"


def _allowed(share: str) -> str:
    return f'sum by (object) (label_replace({share} > 0, "object", "$1", "link", "(.+)"))'


def _burn_alert(promise: Promise, severity: Severity) -> Rule:
    def past(window: str, factor: float) -> str:
        return f'max by (device, object) (dcnet:link_burn{{promise="{promise.name}", window="{window}"}}) > {factor:g}'

    pairs = (f"({past(one.long, one.factor)}\nand {past(one.short, one.factor)})" for one in PAIRS[severity])
    faster = "\nor on (device, object) ".join(pairs)
    title, action, rate = promise.title, promise.action, "{{ printf `%.1f` $value }}"
    return {
        "alert": promise.alert,
        "expr": placed(Component.LINK, f"({faster})", SHORTEST_MINUTES),
        "for": "2m",
        "keep_firing_for": "5m",
        "labels": {
            "severity": severity.value,
            "team": Team.INTERNET.value,
            "indicator": f"link_{promise.name}_burn",
            "component": Component.LINK.value,
        },
        "annotations": {
            "summary": f"{{{{ $labels.object }}}}: {title.id} cepat habis",
            "description": (
                f"{title.id} pada {{{{ $labels.object }}}} terpakai {rate} kali lebih cepat daripada yang membuatnya "
                "tepat habis dalam jangka kontrak."
            ),
            "action": action.id,
            "summary_en": f"{{{{ $labels.object }}}}: {title.en} is running out",
            "description_en": (
                f"{title.en} of {{{{ $labels.object }}}} is used up {rate} times as fast as would make it last just "
                "the contract's term."
            ),
            "action_en": action.en,
            "runbook": promise.runbook,
            "dashboard": f"{DASHBOARD}?var-device={{{{ $labels.device }}}}",
        },
    }
