"""The words of an alert: what, where, how bad against which limit, what to do, where to read on.

Owns names and annotations in both languages; the conditions stand in alert_rules.py. Annotations without
suffix are Indonesian, those ending in `_en` are English.
"""

from typing import assert_never

from dcnet.catalogue import Direction, Indicator, Severity, Unit
from dcnet.language import Language, Words
from prometheus.indicator_rules import default_limit

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
    # What is not measured any more keeps the limit that it had; the default is for what was never recorded.
    threshold = (
        f'printf `last_over_time(dcnet:indicator_threshold{{indicator="{indicator.id}",severity="{severity}",'
        "device=%q,object=%q}[30m])` $labels.device $labels.object"
    )
    default = repr(default_limit(indicator, severity))

    def figures(language: Language) -> tuple[str, str]:
        def form(pipeline: str) -> str:
            return _format(pipeline, indicator.unit, language)

        known, otherwise = form(". | first | value"), form(default)
        return form("$value"), f"{{{{ with {threshold} | query }}}}{known}{{{{ else }}}}{otherwise}{{{{ end }}}}"

    (value_id, limit_id), (value_en, limit_en) = figures(Language.INDONESIAN), figures(Language.ENGLISH)
    side_id, side_en = ("di bawah", "below") if indicator.direction is Direction.BELOW else ("di atas", "above")
    status_id, status_en = STATUS[severity]
    name, title = "{{ $labels.object }}", indicator.title
    summary = Words(f"{name}: {title.id} {status_id}", f"{name}: {title.en} {status_en}")
    told = Words(
        f"{title.id} pada {name} sekarang {value_id}; batas {status_id} {side_id} {limit_id}",
        f"{title.en} of {name} is {value_en} now; {status_en} {side_en} {limit_en}",
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


def _format(pipeline: str, unit: Unit, language: Language) -> str:
    """A template that prints the result of `pipeline` in `unit`, with the decimal mark of `language`."""
    mark = " | reReplaceAll `[.]` `,`" if language is Language.INDONESIAN else ""
    return f"{{{{ {pipeline} | {_printed(unit)}{mark} }}}}{_SYMBOLS.get(unit, '')}"


_SYMBOLS = {Unit.CELSIUS: " °C", Unit.DECIBELS: " dB", Unit.DBM: " dBm", Unit.BYTES: " B"}


def _printed(unit: Unit) -> str:
    match unit:
        case Unit.RATIO:
            return "humanizePercentage"
        case Unit.SECONDS:
            return "humanizeDuration"
        case Unit.CELSIUS | Unit.DECIBELS | Unit.DBM:
            return "printf `%.1f`"
        case Unit.BYTES:
            # An MTU of 1400 bytes is no "1.367 kiB" to anybody.
            return "printf `%.0f`"
        case Unit.COUNT | Unit.STATE:
            return "printf `%.4g`"
        case _:
            assert_never(unit)
