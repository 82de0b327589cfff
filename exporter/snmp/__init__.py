"""SNMP polling: the only importer of gufo.snmp."""
