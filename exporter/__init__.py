"""The Prometheus exporter: devices as Prometheus asks, internet links continuously, service discovery.

Imports `dcnet`, never `sopctl`. Inside, imports go downward only: cli, server, scrape, collectors,
snmp and probes (the only importers of their libraries), then metrics, inventory, errors.
"""
