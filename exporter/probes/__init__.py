"""Probes of internet links: the only importers of gufo.ping, dns and h11."""
