"""The tables that every profile may join to: interfaces by ifIndex, and the interface of an ENTITY-MIB part.

Sources: IF-MIB (RFC 2863), ENTITY-MIB (RFC 6933). Owns which columns they are made of. Pure.
"""

from collections.abc import Callable, Mapping

from exporter.collectors.interface_rows import name_interfaces
from exporter.collectors.values import Column, parse_count, parse_mac, parse_text
from exporter.profiles.composed import ENTITY_INTERFACES
from exporter.profiles.expressions import Result

IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
IF_PHYS_ADDRESS = "1.3.6.1.2.1.2.2.1.6"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
IF_ALIAS = "1.3.6.1.2.1.31.1.1.1.18"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
CONTAINED_IN = "1.3.6.1.2.1.47.1.1.1.1.4"
ALIAS_MAPPING = "1.3.6.1.2.1.47.1.3.2.1.2"
DEEPEST = 16
"""Parts within parts are followed this far: some agents have them in a circle."""

Rows = Mapping[str, Mapping[str, Result]]
"""Column, then row index, then value."""


def columns_of(table: str, names: frozenset[str]) -> tuple[str, ...]:
    """The OIDs that the columns `names` of a provided table are made of."""
    interfaces = (IF_DESCR, IF_NAME, IF_ALIAS) + ((IF_PHYS_ADDRESS,) if "mac" in names else ())
    return (*interfaces, CONTAINED_IN, ALIAS_MAPPING) if table == ENTITY_INTERFACES else interfaces


def provide(table: str, read: Callable[[str], Column]) -> Rows:
    """A provided table from the columns already read."""
    interfaces = _interfaces(read)
    return _entity_interfaces(read, interfaces) if table == ENTITY_INTERFACES else interfaces


def _interfaces(read: Callable[[str], Column]) -> Rows:
    descriptions, names, aliases, macs = read(IF_DESCR), read(IF_NAME), read(IF_ALIAS), read(IF_PHYS_ADDRESS)
    indexes = list(dict.fromkeys([*descriptions, *names]))
    return {
        "name": name_interfaces(indexes, names, descriptions),
        "alias": {index: parse_text(aliases.get(index)) for index in indexes},
        "if_name": {index: parse_text(names.get(index)) for index in indexes},
        "description": {index: parse_text(descriptions.get(index)) for index in indexes},
        "mac": {index: parse_mac(value) for index, value in macs.items()},
    }


def _entity_interfaces(read: Callable[[str], Column], interfaces: Rows) -> Rows:
    """By entPhysicalIndex. entAliasMappingIdentifier points to ifIndex.N; its row is (entity, logical entity or 0)."""
    mapped: dict[str, str] = {}
    for index, pointer in read(ALIAS_MAPPING).items():
        if isinstance(pointer, str) and pointer.startswith(f"{IF_INDEX}."):
            mapped.setdefault(index.partition(".")[0], pointer.removeprefix(f"{IF_INDEX}."))
    parents = read(CONTAINED_IN)
    found: dict[str, str] = {}
    for entity in {*parents, *mapped}:
        place: str | None = entity
        for _ in range(DEEPEST):
            if place is None or place in mapped:
                break
            parent = parse_count(parents.get(place))
            place = str(parent) if parent else None
        if place is not None and place in mapped:
            found[entity] = mapped[place]
    return {
        column: {entity: interfaces[column].get(interface) for entity, interface in found.items()}
        for column in ("name", "alias")
    }
