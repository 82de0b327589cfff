"""SNMP traps and informs: received by themselves, counted, and kept as the last event of each object."""
