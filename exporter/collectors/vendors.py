"""Vendors by their private enterprise number (IANA), the part of sysObjectID after 1.3.6.1.4.1.

A small table of what stands in data centers. Profiles may say more about a device than this.
"""

ENTERPRISES = "1.3.6.1.4.1."
VENDORS = {
    9: "Cisco",
    11: "HP",
    43: "3Com",
    171: "D-Link",
    232: "HPE",
    311: "Microsoft",
    318: "APC",
    343: "Intel",
    476: "Vertiv",
    534: "Eaton",
    637: "Nokia",
    674: "Dell",
    705: "Eaton",
    1588: "Brocade",
    1916: "Extreme Networks",
    1991: "Brocade",
    2011: "Huawei",
    2435: "Brother",
    2620: "Check Point",
    2636: "Juniper",
    3224: "Juniper",
    3375: "F5",
    3902: "ZTE",
    4526: "Netgear",
    4881: "Ruijie",
    5951: "Citrix",
    6486: "Alcatel-Lucent Enterprise",
    6527: "Nokia",
    6876: "VMware",
    6889: "Avaya",
    8072: "Net-SNMP",
    10368: "Panduit",
    11863: "TP-Link",
    12325: "FreeBSD",
    12356: "Fortinet",
    13742: "Raritan",
    14823: "Aruba",
    14988: "MikroTik",
    21317: "ATEN",
    25461: "Palo Alto Networks",
    25506: "H3C",
    30065: "Arista",
    33049: "Mellanox",
    35047: "Riello",
    40310: "Cumulus",
    41112: "Ubiquiti",
    47196: "Aruba",
    52642: "FS",
}


def vendor_of(object_identifier: str) -> str:
    """The vendor that a sysObjectID (without leading dot) belongs to; empty where it is not in the table."""
    if not object_identifier.startswith(ENTERPRISES):
        return ""
    number = object_identifier.removeprefix(ENTERPRISES).partition(".")[0]
    return VENDORS.get(int(number), "") if number.isdecimal() else ""
