"""The log of probes that begin or cease to fail: not every round."""

import logging

from exporter.probes.outcome import ProbeFailure

_log = logging.getLogger(__name__)


def tell_change(link: str, probe: str, before: ProbeFailure | None, now: ProbeFailure | None) -> None:
    """Log when a probe begins or ceases to fail, or fails for another reason."""
    if now is not None and (before is None or before.reason is not now.reason):
        _log.warning("probe fails link=%s probe=%s %s", link, probe, now)
    elif now is None and before is not None:
        _log.info("probe passes again link=%s probe=%s", link, probe)
