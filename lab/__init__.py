"""The simulated data center: agents and endpoints that really answer, and a past month made of the same scenario.

May import `dcnet`; nothing of `sopctl`. The exporter meets it over the network; only the history knows its buckets.
"""
