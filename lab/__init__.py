"""The simulated data center: agents and endpoints that really answer, and a month of the past made of the same scenario.

May import `dcnet`; nothing of `sopctl`. The exporter meets it only over the network.
"""
