"""Probes of internet links: the only importers of dns and h11, and the only openers of ICMP sockets."""
