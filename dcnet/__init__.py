"""What both sides of dcnet share: located YAML, secret references, words in two languages, the catalogue.

Imports nothing of `exporter`, `sopctl`, `prometheus`, `dashboards` or `lab`.
"""
