"""Every metric that the exporter publishes: name, help, labels, declared once.

HELP says the unit and the source object. The names are a contract with rules, dashboards and sopctl: add,
do not rename. It must not know how a value is obtained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The Prometheus type of a metric."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One metric of the contract."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _gauge(name: str, text: str, *labels: str) -> MetricDefinition:
    return MetricDefinition(name, Kind.GAUGE, text, labels)


def _counter(name: str, text: str, *labels: str) -> MetricDefinition:
    return MetricDefinition(name, Kind.COUNTER, text, labels)


UP = _gauge("dcnet_up", "1: the device answered at least one collector.")
COLLECTOR_SUCCESS = _gauge("dcnet_collector_success", "1: this collector finished whole.", "collector")
COLLECTOR_FAILURE = _gauge("dcnet_collector_failure", "1 while this collector fails, by reason.", "collector", "reason")
COLLECTOR_DURATION = _gauge(
    "dcnet_collector_duration_seconds",
    "Seconds that this collector took in this scrape, or in its last run.",
    "collector",
)
COLLECTOR_PACKETS = _gauge("dcnet_collector_snmp_packets", "SNMP requests sent in this scrape.", "collector")
COLLECTOR_RETRIES = _gauge(
    "dcnet_collector_snmp_retries", "SNMP requests sent again in this scrape for want of an answer.", "collector"
)
COLLECTOR_VARBINDS = _gauge("dcnet_collector_snmp_varbinds", "SNMP values received in this scrape.", "collector")

DEVICE_INFO = _gauge(
    "dcnet_device_info",
    "What the device is, from SNMPv2-MIB::sysName, sysObjectID, sysDescr and ENTITY-MIB::entPhysicalTable.",
    *("sys_name", "vendor", "model", "os", "version", "serial"),
)
DEVICE_UPTIME = _gauge(
    "dcnet_device_uptime_seconds",
    "Seconds since the management agent started: SNMP-FRAMEWORK-MIB::snmpEngineTime, else SNMPv2-MIB::sysUpTime.",
)

_INTERFACE = ("interface", "alias")
INTERFACE_INFO = _gauge(
    "dcnet_interface_info",
    "What the interface is: IF-MIB::ifIndex, ifDescr, ifType, ifPhysAddress.",
    *_INTERFACE,
    *("index", "description", "type", "mac"),
)
INTERFACE_ADMIN_UP = _gauge("dcnet_interface_admin_up", "1: enabled. IF-MIB::ifAdminStatus.", *_INTERFACE)
INTERFACE_OPER_UP = _gauge("dcnet_interface_oper_up", "1: passes packets. IF-MIB::ifOperStatus.", *_INTERFACE)
INTERFACE_SPEED = _gauge(
    "dcnet_interface_speed_bits_per_second",
    "Bandwidth in bits per second: IF-MIB::ifHighSpeed, below 20 Mbit/s IF-MIB::ifSpeed.",
    *_INTERFACE,
)
INTERFACE_MTU = _gauge("dcnet_interface_mtu_bytes", "Largest packet in bytes. IF-MIB::ifMtu.", *_INTERFACE)
INTERFACE_FULL_DUPLEX = _gauge(
    "dcnet_interface_full_duplex", "1: full duplex, 0: half. EtherLike-MIB::dot3StatsDuplexStatus.", *_INTERFACE
)
INTERFACE_LAST_CHANGE = _gauge(
    "dcnet_interface_last_change_timestamp_seconds",
    "Unix time at which the interface entered its present state: IF-MIB::ifLastChange and SNMPv2-MIB::sysUpTime.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_BYTES = _counter(
    "dcnet_interface_receive_bytes_total", "Bytes received. IF-MIB::ifHCInOctets, else ifInOctets.", *_INTERFACE
)
INTERFACE_TRANSMIT_BYTES = _counter(
    "dcnet_interface_transmit_bytes_total", "Bytes sent. IF-MIB::ifHCOutOctets, else ifOutOctets.", *_INTERFACE
)
INTERFACE_RECEIVE_UNICAST = _counter(
    "dcnet_interface_receive_unicast_packets_total",
    "Unicast packets received. IF-MIB::ifHCInUcastPkts, else ifInUcastPkts.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_MULTICAST = _counter(
    "dcnet_interface_receive_multicast_packets_total",
    "Multicast packets received. IF-MIB::ifHCInMulticastPkts, else ifInMulticastPkts.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_BROADCAST = _counter(
    "dcnet_interface_receive_broadcast_packets_total",
    "Broadcast packets received. IF-MIB::ifHCInBroadcastPkts, else ifInBroadcastPkts.",
    *_INTERFACE,
)
INTERFACE_TRANSMIT_UNICAST = _counter(
    "dcnet_interface_transmit_unicast_packets_total",
    "Unicast packets sent. IF-MIB::ifHCOutUcastPkts, else ifOutUcastPkts.",
    *_INTERFACE,
)
INTERFACE_TRANSMIT_MULTICAST = _counter(
    "dcnet_interface_transmit_multicast_packets_total",
    "Multicast packets sent. IF-MIB::ifHCOutMulticastPkts, else ifOutMulticastPkts.",
    *_INTERFACE,
)
INTERFACE_TRANSMIT_BROADCAST = _counter(
    "dcnet_interface_transmit_broadcast_packets_total",
    "Broadcast packets sent. IF-MIB::ifHCOutBroadcastPkts, else ifOutBroadcastPkts.",
    *_INTERFACE,
)
INTERFACE_RECEIVE_ERRORS = _counter(
    "dcnet_interface_receive_errors_total", "Packets received with errors. IF-MIB::ifInErrors.", *_INTERFACE
)
INTERFACE_TRANSMIT_ERRORS = _counter(
    "dcnet_interface_transmit_errors_total", "Packets not sent because of errors. IF-MIB::ifOutErrors.", *_INTERFACE
)
INTERFACE_RECEIVE_DISCARDS = _counter(
    "dcnet_interface_receive_discards_total", "Good packets received and dropped. IF-MIB::ifInDiscards.", *_INTERFACE
)
INTERFACE_TRANSMIT_DISCARDS = _counter(
    "dcnet_interface_transmit_discards_total", "Good packets dropped unsent. IF-MIB::ifOutDiscards.", *_INTERFACE
)

COLLECTOR_SUPPORTED = _gauge(
    "dcnet_collector_supported",
    "0: the device has none of this collector's tables, which is no failure; 1: it has some.",
    "collector",
)

CPU_USAGE = _gauge(
    "dcnet_cpu_usage_ratio", "Share of this processor in use, 0 to 1; source: the device's profile.", "cpu"
)
MEMORY_USED = _gauge(
    "dcnet_memory_used_bytes", "Bytes of this memory pool in use; source: the device's profile.", "pool"
)
MEMORY_SIZE = _gauge("dcnet_memory_size_bytes", "Bytes of this memory pool; source: the device's profile.", "pool")
MEMORY_USAGE = _gauge(
    "dcnet_memory_usage_ratio", "Share of this memory pool in use, 0 to 1; source: the device's profile.", "pool"
)
STORAGE_USED = _gauge(
    "dcnet_storage_used_bytes",
    "Bytes of this volume in use. HOST-RESOURCES-MIB::hrStorageUsed or the vendor's.",
    "volume",
)
STORAGE_SIZE = _gauge(
    "dcnet_storage_size_bytes", "Bytes of this volume. HOST-RESOURCES-MIB::hrStorageSize or the vendor's.", "volume"
)

_SENSOR = "ENTITY-SENSOR-MIB::entPhySensorValue or the vendor's."
TEMPERATURE = _gauge("dcnet_temperature_celsius", f"Temperature in degrees Celsius. {_SENSOR}", "sensor")
VOLTAGE = _gauge("dcnet_voltage_volts", f"Voltage in volts. {_SENSOR}", "sensor")
CURRENT = _gauge("dcnet_current_amperes", f"Current in amperes. {_SENSOR}", "sensor")
POWER = _gauge("dcnet_power_watts", f"Power in watts. {_SENSOR}", "sensor")
FREQUENCY = _gauge("dcnet_frequency_hertz", f"Frequency in hertz. {_SENSOR}", "sensor")
HUMIDITY = _gauge("dcnet_humidity_ratio", f"Relative humidity, 0 to 1. {_SENSOR}", "sensor")
FAN_SPEED = _gauge("dcnet_fan_speed_rpm", f"Fan speed in revolutions a minute. {_SENSOR}", "sensor")
COMPONENT_HEALTHY = _gauge(
    "dcnet_component_healthy",
    "1: the device says that this part works, 0: that it does not; source: the device's profile.",
    *("component", "name"),
)
COMPONENT_INFO = _gauge(
    "dcnet_component_info", "The state of a part in the vendor's own word.", "component", "name", "state"
)

_OPTIC = (*_INTERFACE, "lane")
OPTIC_RECEIVE_POWER = _gauge("dcnet_optic_receive_power_dbm", f"Light received in dBm. {_SENSOR}", *_OPTIC)
OPTIC_TRANSMIT_POWER = _gauge("dcnet_optic_transmit_power_dbm", f"Light sent in dBm. {_SENSOR}", *_OPTIC)
OPTIC_BIAS = _gauge("dcnet_optic_bias_amperes", f"Laser bias current in amperes. {_SENSOR}", *_OPTIC)
OPTIC_TEMPERATURE = _gauge(
    "dcnet_optic_temperature_celsius", f"Temperature of the transceiver in degrees Celsius. {_SENSOR}", *_OPTIC
)
OPTIC_VOLTAGE = _gauge("dcnet_optic_voltage_volts", f"Supply voltage of the transceiver in volts. {_SENSOR}", *_OPTIC)

_PEER = ("peer", "remote_as", "vrf")
BGP_ESTABLISHED = _gauge(
    "dcnet_bgp_peer_established", "1: established. BGP4-MIB::bgpPeerState or the vendor's.", *_PEER, "description"
)
BGP_ADMIN_UP = _gauge(
    "dcnet_bgp_peer_admin_up", "1: enabled. BGP4-MIB::bgpPeerAdminStatus or the vendor's.", *_PEER, "description"
)
BGP_ESTABLISHED_SECONDS = _gauge(
    "dcnet_bgp_peer_established_seconds",
    "Seconds since the session was last established. BGP4-MIB::bgpPeerFsmEstablishedTime.",
    *_PEER,
)
BGP_TRANSITIONS = _counter(
    "dcnet_bgp_peer_transitions_total",
    "Times that the session was established. BGP4-MIB::bgpPeerFsmEstablishedTransitions.",
    *_PEER,
)
BGP_INFO = _gauge(
    "dcnet_bgp_peer_info", "The session's own end, once known. BGP4-MIB::bgpPeerLocalAddr.", *_PEER, "local_address"
)
BGP_ACCEPTED_PREFIXES = _gauge(
    "dcnet_bgp_peer_accepted_prefixes", "Prefixes accepted from the peer, from the vendor's MIB.", *_PEER, "family"
)
OSPF_FULL = _gauge(
    "dcnet_ospf_neighbor_full",
    "1: full, or two-way where the network has a designated router. OSPF-MIB::ospfNbrState.",
    *("neighbor", "address"),
)
NEIGHBOR_INFO = _gauge(
    "dcnet_neighbor_info",
    "Who is on the other end. LLDP-MIB::lldpRemTable, CISCO-CDP-MIB::cdpCacheTable.",
    *("protocol", "interface", "remote_device", "remote_port"),
)
UPS_ON_BATTERY = _gauge("dcnet_ups_on_battery", "1: the load runs on the battery. UPS-MIB::upsOutputSource.")
UPS_CHARGE = _gauge(
    "dcnet_ups_battery_charge_ratio", "Charge of the battery, 0 to 1. UPS-MIB::upsEstimatedChargeRemaining."
)
UPS_RUNTIME = _gauge(
    "dcnet_ups_battery_runtime_seconds", "Seconds that the battery would last. UPS-MIB::upsEstimatedMinutesRemaining."
)
UPS_BATTERY_HEALTHY = _gauge(
    "dcnet_ups_battery_healthy", "1: the battery needs no replacement. UPS-MIB::upsBatteryStatus or the vendor's."
)
UPS_LOAD = _gauge(
    "dcnet_ups_load_ratio", "Share of the output's capacity in use. UPS-MIB::upsOutputPercentLoad.", "phase"
)
CONFIG_UNSAVED = _gauge(
    "dcnet_config_unsaved",
    "1: the running configuration differs from the saved one; from the vendor's MIB, else the CLI.",
)
CONFIG_LAST_CHANGE = _gauge(
    "dcnet_config_last_change_timestamp_seconds",
    "Unix time of the running configuration's last change; from the vendor's MIB, else the CLI.",
)
CONFIG_BACKUP_TIMESTAMP = _gauge(
    "dcnet_config_backup_timestamp_seconds",
    "Unix time at which the running configuration was last read whole and kept (SSH).",
)
CONFIG_BACKUP_SUCCESS = _gauge(
    "dcnet_config_backup_success", "1: the last attempt to read and keep the running configuration succeeded (SSH)."
)
CONFIG_COMPLIANT = _gauge(
    "dcnet_config_compliant", "1: the running configuration, as last read, keeps this rule of the inventory.", "rule"
)
COLLECTOR_LAST_RUN = _gauge(
    "dcnet_collector_last_run_timestamp_seconds",
    "Unix time at which this collector, which runs by itself and not in a scrape, last ended.",
    "collector",
)
INTERFACES_CUT = _gauge(
    "dcnet_interfaces_cut", "Interfaces that the inventory's limit left out of this scrape; absent where none was."
)

_LINK = ("link", "provider")
_PROBE = (*_LINK, "probe", "target")
LINK_INFO = _gauge(
    "dcnet_link_info", "What carries the link, from the inventory.", *_LINK, "device", "interface", "circuit"
)
LINK_SENT = _counter(
    "dcnet_link_probe_sent_total",
    "ICMP echo requests sent whose outcome is known: answered in time, or not. Sent less received is lost.",
    *_PROBE,
)
LINK_RECEIVED = _counter(
    "dcnet_link_probe_received_total", "ICMP echo requests answered within the probe's timeout.", *_PROBE
)
LINK_DUPLICATE = _counter(
    "dcnet_link_probe_duplicate_total", "ICMP echo replies received after the first one to a request.", *_PROBE
)
LINK_LATE = _counter(
    "dcnet_link_probe_late_total",
    "ICMP echo requests answered after the probe's timeout: counted as lost, and here.",
    *_PROBE,
)
LINK_SUPPRESSED = _counter(
    "dcnet_link_probe_suppressed_total",
    "ICMP echo requests counted neither as sent nor as lost, because this host, not the link, was at fault, by reason.",
    *_PROBE,
    "reason",
)
LINK_RTT = MetricDefinition(
    "dcnet_link_rtt_seconds",
    Kind.HISTOGRAM,
    "Round-trip time of ICMP echoes in seconds, to the kernel's receipt of the reply.",
    _PROBE,
)
LINK_JITTER = _gauge(
    "dcnet_link_jitter_seconds",
    "Smoothed difference of consecutive round-trip times in seconds, as RFC 3550 section 6.4.1.",
    *_PROBE,
)
LINK_SUCCESS = _gauge("dcnet_link_probe_success", "1: the last round passed (DNS, HTTP, TCP, TLS).", *_PROBE)
LINK_FAILURE = _gauge("dcnet_link_probe_failure", "1 while this probe fails, by reason.", *_PROBE, "reason")
LINK_DURATION = _gauge(
    "dcnet_link_probe_duration_seconds", "Seconds that each phase of the last probe took.", *_PROBE, "phase"
)
LINK_HTTP_STATUS = _gauge("dcnet_link_http_status_code", "Status code of the last HTTP answer.", *_PROBE)
LINK_TLS_EXPIRY = _gauge(
    "dcnet_link_tls_expiry_timestamp_seconds", "Unix time at which the server's certificate expires.", *_PROBE
)
LINK_LAST_ROUND = _gauge(
    "dcnet_link_probe_last_round_timestamp_seconds", "Unix time at which the last round of the probe ended.", *_PROBE
)
LINK_PATH_HOPS = _gauge("dcnet_link_path_hops", "Hops to the target, itself included (ICMP, time to live).", *_PROBE)
LINK_PATH_CHANGES = _counter(
    "dcnet_link_path_changes_total", "Rounds that found another path than the round before.", *_PROBE
)
LINK_PATH_MTU = _gauge(
    "dcnet_link_path_mtu_bytes",
    "Largest IP packet in bytes that reaches the target unfragmented, found by search (RFC 1191, RFC 8201).",
    *_PROBE,
)
LINK_THROUGHPUT = _gauge(
    "dcnet_link_throughput_bits_per_second",
    "Bits per second of the body of the last bounded download, from its first byte to its last.",
    *_PROBE,
)
LINK_THROUGHPUT_BYTES = _gauge(
    "dcnet_link_throughput_read_bytes", "Bytes of body that the last bounded download read.", *_PROBE
)
LINK_CONTRACT_BANDWIDTH = _gauge(
    "dcnet_link_contract_bandwidth_bits_per_second",
    "Promised bandwidth in bits per second, from the inventory.",
    *_LINK,
)
LINK_CONTRACT_AVAILABILITY = _gauge(
    "dcnet_link_contract_availability_ratio", "Promised availability, 0 to 1, from the inventory.", *_LINK
)
LINK_CONTRACT_LATENCY = _gauge(
    "dcnet_link_contract_latency_seconds", "Promised round-trip time in seconds, from the inventory.", *_LINK
)
LINK_CONTRACT_LOSS = _gauge("dcnet_link_contract_loss_ratio", "Promised loss, 0 to 1, from the inventory.", *_LINK)

THRESHOLD = _gauge(
    "dcnet_threshold",
    "A limit that the inventory sets in place of the catalogue's, in the indicator's unit; period `month`: for the "
    "value of a month, empty: for the moment.",
    *("indicator", "severity", "object", "period"),
)
MAINTENANCE = _gauge("dcnet_maintenance", "1 while a planned window of the inventory is open.", "object", "window")
INVENTORY_INFO = _gauge(
    "dcnet_inventory_info",
    "Every device and link of the inventory.",
    *("object", "kind", "site", "role", "parent"),
)

TRAP_RECEIVED = _counter(
    "dcnet_trap_received_total",
    "SNMP traps and informs received, by the device that sent them and by their name, else their OID.",
    *("source", "trap"),
)
TRAP_DROPPED = _counter(
    "dcnet_trap_dropped_total",
    "Datagrams on the port of traps that were not taken as one, by the device that sent them, and by reason.",
    *("source", "reason"),
)
TRAP_LAST = _gauge(
    "dcnet_trap_last_timestamp_seconds",
    "Unix time of the last trap of this name about this object: an interface, a BGP peer, or empty for the device.",
    *("source", "trap", "object"),
)
TRAP_STATE = _gauge(
    "dcnet_trap_state_normal",
    "The last trap of a pair about this object: 1 for linkUp, bgpEstablished, upsRestored; 0 for their opposites.",
    *("source", "pair", "object"),
)

BUILD_INFO = _gauge("dcnet_exporter_build_info", "The exporter's version and Python.", "version", "python")
RELOAD_SUCCESS = _gauge("dcnet_exporter_reload_success", "1: the inventory was accepted when it was last read.")
RELOAD_TIMESTAMP = _gauge(
    "dcnet_exporter_reload_timestamp_seconds", "Unix time at which the inventory now serving was read."
)

TEXTFILE_SUCCESS = _gauge(
    "dcnet_textfile_success", "1: the textfile of the inventory was read and is published.", "file"
)
TEXTFILE_MODIFIED = _gauge(
    "dcnet_textfile_modified_timestamp_seconds", "Unix time at which the textfile was last written.", "file"
)

DISTURBANCE = _counter(
    "dcnet_exporter_disturbance_total",
    "Times that this host disturbed the measuring of links: suspended, overload, clock_step.",
    "kind",
)
DISTURBANCE_SECONDS = _counter(
    "dcnet_exporter_disturbance_seconds_total",
    "Seconds of those disturbances; of clock_step, how far the wall clock jumped, either way.",
    "kind",
)

RTT_BUCKETS_SECONDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075),
    *(0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""Upper bounds of dcnet_link_rtt_seconds: 100 µs to 10 s, denser where links and their limits lie."""

BY_NAME: Mapping[str, MetricDefinition] = {
    definition.name: definition for definition in tuple(globals().values()) if isinstance(definition, MetricDefinition)
}
"""Every metric by its name, for what names metrics in data."""
