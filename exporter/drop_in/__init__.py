"""snmp_exporter's place: its snmp.yml, its `/snmp`, its metrics, read by our SNMP engine."""
