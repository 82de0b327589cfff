"""The inventory itself as metrics: objects, contracts, thresholds, planned work. Pure."""

from datetime import datetime

from dcnet.catalogue import Severity
from exporter import metrics
from exporter.inventory.link_models import Link
from exporter.inventory.model_base import Threshold
from exporter.inventory.models import Inventory
from exporter.sample_set import SampleSet

LINK_ROLE = "internet_link"
PERIOD_MONTH = "month"
"""The `period` of a limit of the month's value; a limit of the moment has none."""


def add_inventory_samples(samples: SampleSet, inventory: Inventory, now: datetime) -> None:
    """Add dcnet_inventory_info, dcnet_link_info, contracts, thresholds, and the windows open at `now`."""
    site = inventory.site.name
    for device in inventory.devices:
        samples.add(metrics.INVENTORY_INFO, 1, device.name, "device", site, device.role, device.parent or "")
        for limits in device.thresholds:
            owner = f"{device.name}:{limits.interface}" if limits.interface else device.name
            _add_threshold(samples, limits, owner)
    for link in inventory.links:
        samples.add(metrics.INVENTORY_INFO, 1, link.name, "link", site, LINK_ROLE, link.device)
        samples.add(metrics.LINK_INFO, 1, link.name, link.provider, link.device, link.interface, link.circuit)
        _add_contract(samples, link)
        for threshold in link.thresholds:
            _add_threshold(samples, threshold, link.name)
    for threshold in inventory.thresholds:
        _add_threshold(samples, threshold, "")
    for work in inventory.open_windows(now):
        for name in work.objects:
            samples.add(metrics.MAINTENANCE, 1, name, work.name)


def _add_threshold(samples: SampleSet, threshold: Threshold, owner: str) -> None:
    limits = (
        (Severity.WARNING, "", threshold.warning),
        (Severity.CRITICAL, "", threshold.critical),
        (Severity.WARNING, PERIOD_MONTH, threshold.month_warning),
        (Severity.CRITICAL, PERIOD_MONTH, threshold.month_critical),
    )
    for severity, period, limit in limits:
        if limit is not None:
            samples.add(metrics.THRESHOLD, limit, threshold.indicator, severity, owner, period)


def _add_contract(samples: SampleSet, link: Link) -> None:
    contract = link.contract
    promises = (
        (metrics.LINK_CONTRACT_BANDWIDTH, contract.bandwidth_mbps, 1e6),
        (metrics.LINK_CONTRACT_AVAILABILITY, contract.availability_percent, 1 / 100),
        (metrics.LINK_CONTRACT_LATENCY, contract.latency_ms, 1 / 1000),
        (metrics.LINK_CONTRACT_LOSS, contract.loss_percent, 1 / 100),
    )
    for metric, promised, factor in promises:
        if promised is not None:
            # Decimal inputs scaled in binary: 99.5 % is 0.995, not 0.9949999999999999.
            samples.add(metric, round(promised * factor, 9), link.name, link.provider)
