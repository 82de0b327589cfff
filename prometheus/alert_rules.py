"""The alerts of the catalogue, from one template.

Owns when an indicator's alert fires; its words stand in alert_words.py, its topology in topology_rules.py.
"""

from dcnet.catalogue import Component, Indicator, Severity, Urgency, belongs_to_link
from prometheus.alert_words import alert_annotations, alert_name
from prometheus.indicator_rules import default_limit, past_sign, value_of
from prometheus.rule_file import Group, Rule
from prometheus.topology_rules import FAST_INTERVAL, placed

GAP_BRIDGED = "2m"
"""An alert of the recorded minutes outlives one that is missing: a lost scrape is no recovery."""

UNMEASURED_BRIDGED = "10m"
"""An immediate alert stays while what it is about is not measured, until DeviceNotMeasured or LinkNotMeasured says so:
whoever was told of a dead router must not be told that it is back since the exporter restarts or an answer got lost."""

COLLECTED_BY = {Component.INTERFACE: "interfaces", Component.BGP_PEER: "bgp", Component.UPS: "ups"}
"""The exporter's collector without which nothing is known of a component of immediate indicators."""


def alert_rule(indicator: Indicator, severity: Severity) -> Rule:
    """The alert of one indicator and severity: its value is the indicator's; silent during planned work."""
    immediate = indicator.urgency is Urgency.IMMEDIATE
    identity = f'indicator="{indicator.id}", severity="{severity}"'
    past = (
        _past_now(indicator, severity)
        if immediate
        else f'dcnet:indicator{{indicator="{indicator.id}"}}\nand on (device, object) dcnet:degraded{{{identity}}}'
    )
    return {
        "alert": alert_name(indicator),
        "expr": placed(indicator.component, past, indicator.lookback_minutes),
        "for": indicator.alert_after,
        **({} if immediate else {"keep_firing_for": GAP_BRIDGED}),
        "labels": {
            "severity": severity.value,
            "team": indicator.team.value,
            "indicator": indicator.id,
            "component": indicator.component.value,
        },
        "annotations": alert_annotations(indicator, severity),
    }


def _past_now(indicator: Indicator, severity: Severity) -> str:
    degraded = f'dcnet:degraded_now{{indicator="{indicator.id}", severity="{severity}"}}'
    now = f"max by (device, object) ({degraded})"
    if indicator.component is Component.EVENT:
        # What was told is told; it ends by itself.
        return now
    until_now = f"max by (device, object) (last_over_time({degraded}[{UNMEASURED_BRIDGED}]))"
    fired = f'ALERTS{{alertname="{alert_name(indicator)}", severity="{severity}", alertstate="firing"}}'
    if belongs_to_link(indicator.component):
        measured = f"on (object) {value_of(indicator)}"
    else:
        # What a device that answers does not tell any more, such as a port that was shut, is over.
        answered = "dcnet_up"
        if collector := COLLECTED_BY.get(indicator.component):
            answered += f' unless on (instance) dcnet_collector_success{{collector="{collector}"}} == 0'
        measured = f'on (device) label_replace({answered}, "device", "$1", "instance", "(.+)")'
    return f"({now}\nor on (device, object) {until_now}\nand on (device, object) {fired}\nunless {measured})"


def degraded_now_rule(indicator: Indicator, severity: Severity) -> Rule:
    """The recording rule of `dcnet:degraded_now`: the value of what is past its limit at this very moment.

    It reads the raw series, against the limit in force; the default's until one is recorded. Nothing is recorded of
    what is well.
    """
    value = value_of(indicator)
    limit = f'dcnet:indicator_threshold{{indicator="{indicator.id}", severity="{severity}"}}'
    default = f"{value} * 0 + {default_limit(indicator, severity)!r}"
    limits = f"max by (device, object) ({limit})\nor on (device, object) {default}"
    return {
        "record": "dcnet:degraded_now",
        "expr": f"{value}\n{past_sign(indicator)} on (device, object) ({limits})",
        "labels": {"indicator": indicator.id, "severity": severity.value},
    }


def alert_groups(indicator: Indicator) -> list[Group]:
    """The indicator's alerts, the worst first; those that cannot wait are evaluated every few seconds."""
    severities = tuple(reversed(indicator.severities))
    alerts = [alert_rule(indicator, severity) for severity in severities]
    name = f"dcnet-alert-{indicator.id}"
    if indicator.urgency is Urgency.USUAL:
        return [{"name": name, "rules": alerts}]
    now = [degraded_now_rule(indicator, severity) for severity in severities]
    return [{"name": name, "interval": FAST_INTERVAL, "rules": [*now, *alerts]}]
