"""Which profile a device gets by what it says of itself."""

import pytest

from exporter.profiles.library import shipped_profiles

DEVICES = {
    "c2960x": (
        "9.1.1208",
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.0(2a)EX5",
        "cisco_ios",
    ),
    "asr1001": (
        "9.1.1116",
        "Cisco IOS Software [Amsterdam], ASR1000 Software (X86_64_LINUX_IOSD-UNIVERSALK9-M)",
        "cisco_iosxe",
    ),
    "cat9300": (
        "9.1.2494",
        "Cisco IOS Software [Gibraltar], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 16.12.4",
        "cisco_iosxe",
    ),
    "asr9006": ("9.1.1018", "Cisco IOS XR Software (Cisco ASR9K Series), Version 6.1.4[Default]", "cisco_iosxr"),
    "n9k": ("9.12.3.1.3.1508", "Cisco NX-OS(tm) n9000, Software (n9000-dk9), Version 7.0(3)I4(2)", "cisco_nxos"),
    "asa5515": ("9.1.1421", "Cisco Adaptive Security Appliance Version 9.8(2)", "cisco_asa"),
    "mx204": (
        "2636.1.1.1.2.144",
        "Juniper Networks, Inc. mx204 internet router, kernel JUNOS 21.4R3.15",
        "juniper_junos",
    ),
    "dcs7050": (
        "30065.1.3011.7050.3282.48",
        "Arista Networks EOS version 4.20.5F running on an Arista Networks DCS-7050TX-48",
        "arista_eos",
    ),
    "crs317": ("14988.1", "RouterOS CRS317-1G-16S+", "mikrotik_routeros"),
    "s5720": ("2011.2.23.291", "S5720-56C-PWR-EI-AC Huawei Versatile Routing Platform Software", "huawei_vrp"),
    "h3c": ("25506.1.1279", "H3C Comware Platform Software, Software Version 7.1.070, Release 1119", "h3c_comware"),
    "hp5130": ("25506.11.1.161", "HPE Comware Platform Software", "h3c_comware"),
    "hp2920": ("11.2.3.7.11.152", "HP J9726A 2920-24G Switch, revision WB.16.05.0004", "hpe_procurve"),
    "cx6300": ("47196.4.1.1.1.107", "Aruba JL659A FL.10.06.0110", "aruba_cx"),
    "fgt60f": ("12356.101.1.644", "office-fw", "fortinet_fortigate"),
    "pa220": ("25461.2.3.36", "Palo Alto Networks PA-220 series firewall", "paloalto_panos"),
    "edgeswitch": ("4413", "EdgeSwitch 24-Port 250W, 1.7.0.4922887, Linux 3.6.5-f4a26ed5", "ubiquiti_edgeswitch"),
    "edgerouter": ("41112.1.5", "EdgeOS v1.10.7.5127989.181001.1227", "ubiquiti_edgeos"),
    "unifi-ap": ("41112", "UAP-AC-Pro-Gen2 4.0.10.9653", "ubiquiti_airos"),
    "n2048": ("674.10895.3054", "Dell Networking N2048, 6.3.3.10, Linux 3.6.5", "dell_os6"),
    "s4048": (
        "6027.1.3.26",
        "Dell Real Time Operating System Software. Dell Application Software Version: 9.14(0.1)",
        "dell_os9",
    ),
    "s5248": (
        "674.11000.5000.100.2.1.19",
        "Dell EMC Networking OS10 Enterprise. System Description: OS10 Enterprise.",
        "dell_os10",
    ),
    "smart-ups": ("318.1.3.27", "APC Web/SNMP Management Card (MB:v4.2.9 PF:v2.3.1.1)", "apc"),
    "eaton9px": ("534.1", "Eaton 9PX 6000i", "eaton_ups"),
    "net-snmp": ("8072.3.2.10", "Linux db1 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian", "linux_netsnmp"),
    "unheard-of": ("99999.1", "Frobnicator 3000", "generic"),
}


@pytest.mark.parametrize(("number", "description", "expected"), list(DEVICES.values()), ids=list(DEVICES))
def test_choice(number: str, description: str, expected: str) -> None:
    """Of all profiles the one for the device's family is chosen."""
    assert shipped_profiles().choose(f"1.3.6.1.4.1.{number}", description).name == expected
