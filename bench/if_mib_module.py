"""The if_mib module of snmp_exporter's users, written from IF-MIB (RFC 2863), in today's form and in the older one.

Debian's package ships no ready snmp.yml, so the module is made here: ifTable and ifXTable walked whole,
interfaces named by ifDescr, ifName and ifAlias, ifType as words. Pure.
"""

from typing import Any

IF_TABLE = "1.3.6.1.2.1.2"
IFX_TABLE = "1.3.6.1.2.1.31.1.1"
SYS_UPTIME = "1.3.6.1.2.1.1.3"
_IF, _IFX = f"{IF_TABLE}.2.1", f"{IFX_TABLE}.1"

_COLUMNS = (
    (f"{_IF}.1", "ifIndex", "gauge"),
    (f"{_IF}.3", "ifType", "EnumAsInfo"),
    (f"{_IF}.4", "ifMtu", "gauge"),
    (f"{_IF}.5", "ifSpeed", "gauge"),
    (f"{_IF}.6", "ifPhysAddress", "PhysAddress48"),
    (f"{_IF}.7", "ifAdminStatus", "gauge"),
    (f"{_IF}.8", "ifOperStatus", "gauge"),
    (f"{_IF}.9", "ifLastChange", "gauge"),
    (f"{_IF}.10", "ifInOctets", "counter"),
    (f"{_IF}.11", "ifInUcastPkts", "counter"),
    (f"{_IF}.12", "ifInNUcastPkts", "counter"),
    (f"{_IF}.13", "ifInDiscards", "counter"),
    (f"{_IF}.14", "ifInErrors", "counter"),
    (f"{_IF}.15", "ifInUnknownProtos", "counter"),
    (f"{_IF}.16", "ifOutOctets", "counter"),
    (f"{_IF}.17", "ifOutUcastPkts", "counter"),
    (f"{_IF}.18", "ifOutNUcastPkts", "counter"),
    (f"{_IF}.19", "ifOutDiscards", "counter"),
    (f"{_IF}.20", "ifOutErrors", "counter"),
    (f"{_IF}.21", "ifOutQLen", "gauge"),
    (f"{_IFX}.2", "ifInMulticastPkts", "counter"),
    (f"{_IFX}.3", "ifInBroadcastPkts", "counter"),
    (f"{_IFX}.4", "ifOutMulticastPkts", "counter"),
    (f"{_IFX}.5", "ifOutBroadcastPkts", "counter"),
    (f"{_IFX}.6", "ifHCInOctets", "counter"),
    (f"{_IFX}.7", "ifHCInUcastPkts", "counter"),
    (f"{_IFX}.8", "ifHCInMulticastPkts", "counter"),
    (f"{_IFX}.9", "ifHCInBroadcastPkts", "counter"),
    (f"{_IFX}.10", "ifHCOutOctets", "counter"),
    (f"{_IFX}.11", "ifHCOutUcastPkts", "counter"),
    (f"{_IFX}.12", "ifHCOutMulticastPkts", "counter"),
    (f"{_IFX}.13", "ifHCOutBroadcastPkts", "counter"),
    (f"{_IFX}.14", "ifLinkUpDownTrapEnable", "gauge"),
    (f"{_IFX}.15", "ifHighSpeed", "gauge"),
    (f"{_IFX}.16", "ifPromiscuousMode", "gauge"),
    (f"{_IFX}.17", "ifConnectorPresent", "gauge"),
    (f"{_IFX}.19", "ifCounterDiscontinuityTime", "gauge"),
)
_LOOKUPS = (
    {"labels": ["ifIndex"], "labelname": "ifAlias", "oid": f"{_IFX}.18", "type": "DisplayString"},
    {"labels": ["ifIndex"], "labelname": "ifDescr", "oid": f"{_IF}.2", "type": "DisplayString"},
    {"labels": ["ifIndex"], "labelname": "ifName", "oid": f"{_IFX}.1", "type": "DisplayString"},
)
_TYPES = {1: "other", 6: "ethernetCsmacd", 24: "softwareLoopback", 53: "propVirtual", 131: "tunnel"}

JsonObject = dict[str, Any]


def if_mib_module() -> JsonObject:
    """The module in today's form: walk, get, metrics."""
    metrics: list[JsonObject] = [_metric("sysUpTime", SYS_UPTIME, "gauge")]
    for oid, name, kind in _COLUMNS:
        metric = _metric(name, oid, kind)
        metric |= {"indexes": [{"labelname": "ifIndex", "type": "gauge"}], "lookups": [dict(row) for row in _LOOKUPS]}
        if kind == "EnumAsInfo":
            metric["enum_values"] = dict(_TYPES)
        metrics.append(metric)
    return {"walk": [IF_TABLE, IFX_TABLE], "get": [f"{SYS_UPTIME}.0"], "metrics": metrics, "max_repetitions": 25}


def _metric(name: str, oid: str, kind: str) -> JsonObject:
    return {"name": name, "oid": oid, "type": kind, "help": f"IF-MIB or SNMPv2-MIB {name} - {oid}"}


def community_auth(community: str) -> JsonObject:
    """An entry of `auths`: SNMPv2c."""
    return {"version": 2, "community": community}


def private_auth(user: str, password: str, priv_password: str) -> JsonObject:
    """An entry of `auths`: SNMPv3 with SHA-1 and AES-128, which version 0.21 speaks too."""
    return {
        "version": 3,
        "username": user,
        "security_level": "authPriv",
        "auth_protocol": "SHA",
        "password": password,
        "priv_protocol": "AES",
        "priv_password": priv_password,
    }


def current_form(auths: JsonObject, modules: JsonObject) -> JsonObject:
    """snmp.yml as snmp_exporter 0.23 and later read it."""
    return {"auths": auths, "modules": modules}


def older_form(auths: JsonObject, modules: JsonObject) -> JsonObject:
    """The same for snmp_exporter 0.22 and before: a module `MODULE_AUTH` for every pair, the auth inside it."""
    pairs: JsonObject = {}
    for auth_name, auth in auths.items():
        inside = {key: value for key, value in auth.items() if key != "version"}
        for name, module in modules.items():
            pairs[f"{name}_{auth_name}"] = module | {"version": auth["version"], "auth": inside}
    return pairs
