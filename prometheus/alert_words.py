"""The words of an alert: what, where, how bad against which limit, what to do, where to read on.

Owns names and annotations in both languages; the conditions stand in alert_rules.py. Annotations without
suffix are Indonesian, those ending in `_en` are English.
"""

from typing import assert_never

from dcnet.catalogue import Direction, Indicator, Severity, Unit
from dcnet.language import Words

STATUS = {
    Severity.WARNING: ("menurun", "degraded"),
    Severity.CRITICAL: ("kritis", "critical"),
}
DASHBOARD = "/d/dcnet-degradation"


def alert_name(indicator: Indicator) -> str:
    """`interface_errors` as `InterfaceErrors`."""
    return "".join(word.capitalize() for word in indicator.id.split("_"))


def alert_annotations(indicator: Indicator, severity: Severity) -> dict[str, str]:
    """Annotations of the alert: Prometheus templates over the labels device and object, and the value."""
    value = _format("$value", indicator.unit)
    threshold = (
        f'printf `dcnet:indicator_threshold{{indicator="{indicator.id}",severity="{severity}",'
        "device=%q,object=%q}` $labels.device $labels.object"
    )
    limit = f"{{{{ with {threshold} | query }}}}{_format('. | first | value', indicator.unit)}{{{{ end }}}}"
    below = indicator.direction is Direction.BELOW
    status_id, status_en = STATUS[severity]
    name, title = "{{ $labels.object }}", indicator.title
    summary = Words(f"{name}: {title.id} {status_id}", f"{name}: {title.en} {status_en}")
    told = Words(
        f"{title.id} pada {name} sekarang {value}; batas {status_id} {'di bawah' if below else 'di atas'} {limit}",
        f"{title.en} of {name} is {value} now; {status_en} {'below' if below else 'above'} {limit}",
    )
    if indicator.unit is Unit.STATE:
        # It has no size and no limit worth telling: it is there.
        summary = told = Words(f"{name}: {title.id}", f"{name}: {title.en}")
    return {
        "summary": summary.id,
        "description": f"{told.id}. {indicator.explanation.id}",
        "action": indicator.action.id,
        "summary_en": summary.en,
        "description_en": f"{told.en}. {indicator.explanation.en}",
        "action_en": indicator.action.en,
        "runbook": indicator.runbook,
        "dashboard": f"{DASHBOARD}?var-device={{{{ $labels.device }}}}",
    }


def _format(pipeline: str, unit: Unit) -> str:
    """A template that prints the result of `pipeline` in `unit`."""
    match unit:
        case Unit.RATIO:
            return f"{{{{ {pipeline} | humanizePercentage }}}}"
        case Unit.SECONDS:
            return f"{{{{ {pipeline} | humanizeDuration }}}}"
        case Unit.CELSIUS:
            return f"{{{{ {pipeline} | printf `%.1f` }}}} °C"
        case Unit.DECIBELS:
            return f"{{{{ {pipeline} | printf `%.1f` }}}} dB"
        case Unit.DBM:
            return f"{{{{ {pipeline} | printf `%.1f` }}}} dBm"
        case Unit.BYTES:
            return f"{{{{ {pipeline} | humanize1024 }}}}B"
        case Unit.COUNT | Unit.STATE:
            return f"{{{{ {pipeline} | printf `%.4g` }}}}"
        case _:
            assert_never(unit)
