"""Grafana boards as code: built from the catalogue into the committed JSON that Grafana provisions."""
