"""The shipped Prometheus and Alertmanager configuration for programs on other addresses, its receivers recorded.

Owns what is replaced: addresses, folders, and every receiver's channels by one webhook. Routes, inhibition, rules and
templates stay as they are shipped.
"""

from pathlib import Path
from typing import Any

import yaml

SHIPPED = Path(__file__).parent.parent / "prometheus"


def prometheus_configuration(exporter: str, alertmanager: str) -> str:
    """The shipped prometheus.yml for an exporter and an Alertmanager at `HOST:PORT`."""
    text = (SHIPPED / "prometheus.yml").read_text(encoding="utf-8")
    text = text.replace("exporter:9780", exporter).replace("alertmanager:9093", alertmanager)
    return text.replace("rules/*.yml", f"{SHIPPED / 'rules'}/*.yml")


def alertmanager_configuration(webhook: str) -> dict[str, Any]:
    """The shipped alertmanager.yml whose receivers all post to `webhook` (a URL), but for the one that tells nobody."""
    content: dict[str, Any] = yaml.safe_load((SHIPPED / "alertmanager.yml").read_text(encoding="utf-8"))
    content["templates"] = [str(SHIPPED / "templates" / "*.tmpl")]
    del content["global"]
    for receiver in content["receivers"]:
        channels = [key for key in receiver if key != "name"]
        for key in channels:
            del receiver[key]
        if channels:
            receiver["webhook_configs"] = [{"url": webhook, "send_resolved": True}]
    return content
