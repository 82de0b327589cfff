"""Prometheus' and Alertmanager's configuration, the catalogue of indicators, and what is built from it."""
