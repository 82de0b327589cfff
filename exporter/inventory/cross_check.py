"""What no single entry of the inventory shows: double names, unknown references, cycles, contradictions.

Works on the raw document, of whatever shape, so that its findings are told together with the models'. It
must not raise: a part of the wrong shape is the models' to tell.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from dcnet.catalogue import Catalogue, Component, Direction, Indicator, Limits, belongs_to_link
from dcnet.language import Words
from dcnet.located_yaml import KeyPath, render_path
from exporter.inventory.trap_check import check_traps
from exporter.inventory.values import parse_instant

Findings: TypeAlias = Iterator[tuple[KeyPath, Words]]
Entry: TypeAlias = tuple[KeyPath, Mapping[str, Any]]

MONTH_PREFIX = "month_"
"""What the keys of limits for a month's value start with."""

PORTS = frozenset({Component.INTERFACE, Component.OPTIC})
"""What a limit of one interface of a device can be about."""


def cross_check_with(catalogue: Catalogue) -> Callable[[Any], Findings]:
    """The cross check of an inventory against itself and `catalogue`."""

    def cross_check(document: Any) -> Findings:
        if not isinstance(document, dict):
            return
        devices = list(_entries(document, "devices"))
        links = list(_entries(document, "links"))
        yield from _check_names(devices, links, document)
        yield from _check_parents(devices)
        yield from _check_credentials(devices, document)
        yield from check_traps(devices, document)
        yield from _check_link_devices(devices, links)
        yield from _check_thresholds(devices, links, document, catalogue)
        yield from _check_planned_work(devices, links, document)
        yield from _check_configuration_rules(devices, document)

    return cross_check


def _entries(place: Mapping[str, Any], key: str, path: KeyPath = ()) -> Iterator[Entry]:
    """The mappings in the list under `key`, with their paths."""
    found = place.get(key)
    for index, entry in enumerate(found if isinstance(found, list) else []):
        if isinstance(entry, dict):
            yield (*path, key, index), entry


def _names(entries: Iterable[Entry]) -> list[str]:
    return [entry["name"] for _, entry in entries if isinstance(entry.get("name"), str)]


def _check_names(devices: list[Entry], links: list[Entry], document: Mapping[str, Any]) -> Findings:
    yield from _check_unique([*devices, *links])
    yield from _check_unique(_entries(document, "planned_work"))
    for path, link in links:
        yield from _check_unique(_entries(link, "probes", path))


def _check_unique(entries: Iterable[Entry]) -> Findings:
    first: dict[str, KeyPath] = {}
    for path, entry in entries:
        name = entry.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            place = render_path(first[name])
            yield (
                (*path, "name"),
                Words(
                    f"nama {name!r} sudah dipakai oleh {place}; nama harus unik",
                    f"name {name!r} is already taken by {place}; names are unique",
                ),
            )
        else:
            first[name] = path


def _check_parents(devices: list[Entry]) -> Findings:
    known = set(_names(devices))
    parents = {device.get("name"): device.get("parent") for _, device in devices if isinstance(device.get("name"), str)}
    for path, device in devices:
        parent = device.get("parent")
        if not isinstance(parent, str):
            continue
        if parent not in known:
            yield (
                (*path, "parent"),
                Words(
                    f"ditemukan {parent!r}, seharusnya nama perangkat yang ada", f"found {parent!r}, expected a device"
                ),
            )
            continue
        chain = [device.get("name")]
        while isinstance(parent, str) and parent not in chain:
            chain.append(parent)
            parent = parents.get(parent)
        # Devices that only lead into a cycle are not named: those on it are.
        if parent == chain[0]:
            circle = " -> ".join(str(name) for name in [*chain, chain[0]])
            yield (*path, "parent"), Words(f"induk berputar: {circle}", f"parents go in a circle: {circle}")


def _check_credentials(devices: list[Entry], document: Mapping[str, Any]) -> Findings:
    credentials = document.get("credentials")
    for path, device in devices:
        for transport in ("snmp", "ssh"):
            access = device.get(transport)
            wanted = access.get("credential") if isinstance(access, dict) else None
            listed = credentials.get(transport) if isinstance(credentials, dict) else None
            if isinstance(wanted, str) and wanted not in (listed if isinstance(listed, dict) else {}):
                yield (
                    (*path, transport, "credential"),
                    Words(
                        f"ditemukan {wanted!r}, seharusnya nama di credentials.{transport}",
                        f"found {wanted!r}, expected a name of credentials.{transport}",
                    ),
                )


def _check_link_devices(devices: list[Entry], links: list[Entry]) -> Findings:
    known = set(_names(devices))
    for path, link in links:
        device = link.get("device")
        if isinstance(device, str) and device not in known:
            yield (
                (*path, "device"),
                Words(
                    f"ditemukan {device!r}, seharusnya nama perangkat yang ada", f"found {device!r}, expected a device"
                ),
            )


def _check_thresholds(
    devices: list[Entry], links: list[Entry], document: Mapping[str, Any], catalogue: Catalogue
) -> Findings:
    indicators = catalogue.by_id()
    of_site = {
        entry["indicator"]: entry
        for _, entry in _entries(document, "thresholds")
        if isinstance(entry.get("indicator"), str)
    }
    owners: list[tuple[Entry, frozenset[Component]]] = [
        (((), document), frozenset(Component)),
        *((device, frozenset(one for one in Component if not belongs_to_link(one))) for device in devices),
        *((link, frozenset(one for one in Component if belongs_to_link(one))) for link in links),
    ]
    for (path, owner), components in owners:
        seen: set[tuple[str, object]] = set()
        of_owner = {
            entry["indicator"]: entry
            for _, entry in _entries(owner, "thresholds", path)
            if isinstance(entry.get("indicator"), str) and "interface" not in entry
        }
        for place, entry in _entries(owner, "thresholds", path):
            wanted = entry.get("indicator")
            if not isinstance(wanted, str):
                continue
            indicator = indicators.get(wanted)
            if indicator is None:
                known = ", ".join(indicators)
                yield (
                    (*place, "indicator"),
                    Words(
                        f"ditemukan {wanted!r}, seharusnya salah satu dari {known}",
                        f"found {wanted!r}, expected one of {known}",
                    ),
                )
                continue
            key = (wanted, str(entry.get("interface")))
            if key in seen:
                yield (
                    (*place, "indicator"),
                    Words(
                        f"batas untuk {wanted} ditulis dua kali di sini", f"limits of {wanted} are written twice here"
                    ),
                )
            seen.add(key)
            yield from _check_component(place, entry, indicator, components)
            yield from _check_critical(place, entry, indicator)
            inherited = dict(of_site.get(wanted, {})) if path else {}
            if "interface" in entry:
                inherited |= of_owner.get(wanted, {})
            moment = _overridden(_overridden(indicator.limits, inherited), entry)
            month = _overridden(indicator.month.limits or moment, inherited, MONTH_PREFIX)
            yield from _check_order(place, entry, indicator, moment)
            yield from _check_order(place, entry, indicator, _overridden(month, entry, MONTH_PREFIX), MONTH_PREFIX)


def _check_component(
    place: KeyPath, entry: Mapping[str, Any], indicator: Indicator, components: frozenset[Component]
) -> Findings:
    if indicator.component not in components:
        judged = indicator.component.value
        yield (
            (*place, "indicator"),
            Words(
                f"{indicator.id} menilai {judged}; batasnya tidak berlaku di sini",
                f"{indicator.id} judges a {judged}; its limits do not belong here",
            ),
        )
    elif "interface" in entry and indicator.component not in PORTS:
        yield (
            (*place, "interface"),
            Words(
                f"{indicator.id} tidak menilai antarmuka; hapus kunci ini",
                f"{indicator.id} does not judge interfaces; remove this key",
            ),
        )


def _check_critical(place: KeyPath, entry: Mapping[str, Any], indicator: Indicator) -> Findings:
    """That no critical limit is set for what is never critical by itself."""
    for key, limits in (("critical", indicator.limits), (f"{MONTH_PREFIX}critical", indicator.month.limits)):
        if key in entry and (limits or indicator.limits).critical is None:
            yield (
                (*place, key),
                Words(
                    f"{indicator.id} tidak mengenal batas kritis; hapus kunci ini",
                    f"{indicator.id} knows no critical limit; remove this key",
                ),
            )


def _check_order(
    place: KeyPath, entry: Mapping[str, Any], indicator: Indicator, limits: Limits, prefix: str = ""
) -> Findings:
    """That critical lies past warning, where `entry` sets one of the two; `limits` are those in force with it."""
    names = (f"{prefix}warning", f"{prefix}critical")
    given = next((name for name in names if name in entry), None)
    if given is None or limits.critical is None:
        return
    warning, critical = f"{names[0]} {limits.warning:g}", f"{names[1]} {limits.critical:g}"
    if indicator.direction is Direction.ABOVE and limits.warning > limits.critical:
        yield (
            (*place, given),
            Words(
                f"{warning} lebih besar daripada {critical}; {indicator.id} buruk bila di atas batas",
                f"{warning} is greater than {critical}; {indicator.id} is bad above its limit",
            ),
        )
    if indicator.direction is Direction.BELOW and limits.warning < limits.critical:
        yield (
            (*place, given),
            Words(
                f"{warning} lebih kecil daripada {critical}; {indicator.id} buruk bila di bawah batas",
                f"{warning} is less than {critical}; {indicator.id} is bad below its limit",
            ),
        )


def _overridden(limits: Limits, entry: Mapping[str, Any], prefix: str = "") -> Limits:
    """`limits` with those of `entry` in place; what is no number is the model's to tell."""

    def limit(key: str) -> float | None:
        value = entry.get(prefix + key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    warning, critical = limit("warning"), limit("critical")
    return Limits(
        warning=limits.warning if warning is None else warning,
        critical=limits.critical if critical is None or limits.critical is None else critical,
    )


def _check_planned_work(devices: list[Entry], links: list[Entry], document: Mapping[str, Any]) -> Findings:
    known, with_ports = {*_names(devices), *_names(links)}, set(_names(devices))
    zone = _zone_of(document)
    for path, work in _entries(document, "planned_work"):
        objects = work.get("objects")
        for index, name in enumerate(objects if isinstance(objects, list) else []):
            if isinstance(name, str) and name not in known and not _is_port(name, with_ports):
                yield (
                    (*path, "objects", index),
                    Words(
                        f"ditemukan {name!r}, seharusnya nama perangkat, tautan, atau PERANGKAT:ANTARMUKA",
                        f"found {name!r}, expected a device, a link or DEVICE:INTERFACE",
                    ),
                )
        start, end = parse_instant(work.get("start"), zone), parse_instant(work.get("end"), zone)
        if start is not None and end is not None and end <= start:
            yield (*path, "end"), Words("end harus sesudah start", "end must be after start")


def _check_configuration_rules(devices: list[Entry], document: Mapping[str, Any]) -> Findings:
    configuration = document.get("configuration")
    rules = list(_entries(configuration, "rules", ("configuration",)) if isinstance(configuration, dict) else [])
    yield from _check_unique(rules)
    known = {device.get("role") for _, device in devices if isinstance(device.get("role"), str)}
    for path, rule in rules:
        roles = rule.get("roles")
        for index, role in enumerate(roles if isinstance(roles, list) else []):
            if isinstance(role, str) and role not in known:
                yield (
                    (*path, "roles", index),
                    Words(
                        f"ditemukan {role!r}, seharusnya peran salah satu perangkat",
                        f"found {role!r}, expected the role of a device",
                    ),
                )


def _is_port(name: str, devices: set[str]) -> bool:
    device, colon, interface = name.partition(":")
    return device in devices and bool(colon and interface)


def _zone_of(document: Mapping[str, Any]) -> ZoneInfo:
    site = document.get("site")
    try:
        return ZoneInfo(site["time_zone"] if isinstance(site, dict) else "UTC")
    except (KeyError, TypeError, ValueError, OSError):
        return ZoneInfo("UTC")
