"""What no single entry shows about traps: unknown credentials, and devices that one address cannot tell apart.

Works on the raw document, as cross_check.py does. It must not raise.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dcnet.language import Words
from dcnet.located_yaml import KeyPath, render_path


def check_traps(
    devices: Iterable[tuple[KeyPath, Mapping[str, Any]]], document: Mapping[str, Any]
) -> Iterator[tuple[KeyPath, Words]]:
    """What is wrong with the traps of the site and its devices."""
    site = document.get("traps")
    places: list[tuple[KeyPath, Mapping[str, Any]]] = [(("traps",), site)] if isinstance(site, dict) else []
    owners: dict[str, KeyPath] = {}
    for path, device in devices:
        settings = device.get("traps")
        own = settings if isinstance(settings, dict) else {}
        places.append(((*path, "traps"), own))
        if not isinstance(site, dict) or own.get("accepted") is False:
            continue
        for place, address in _addresses(path, device, own):
            if address not in owners:
                owners[address] = path
                continue
            if owners[address] == path:
                continue
            other = render_path(owners[address])
            yield (
                place,
                Words(
                    f"{address} juga alamat {other}; trap dikenali dari alamat pengirimnya saja, "
                    "jadi tulis traps: {accepted: false} pada salah satunya",
                    f"{address} is an address of {other} too; a trap is known by its sender's address only, "
                    "so write traps: {accepted: false} at one of them",
                ),
            )
    yield from _check_credentials(places, document)


def _addresses(path: KeyPath, device: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(device.get("address"), str):
        yield (*path, "address"), device["address"]
    further = own.get("addresses")
    for index, address in enumerate(further if isinstance(further, list) else []):
        if isinstance(address, str):
            yield (*path, "traps", "addresses", index), address


def _check_credentials(
    places: Iterable[tuple[KeyPath, Mapping[str, Any]]], document: Mapping[str, Any]
) -> Iterator[tuple[KeyPath, Words]]:
    credentials = document.get("credentials")
    listed = credentials.get("snmp") if isinstance(credentials, dict) else None
    known = listed if isinstance(listed, dict) else {}
    for path, settings in places:
        wanted = settings.get("credentials")
        for index, name in enumerate(wanted if isinstance(wanted, list) else []):
            if isinstance(name, str) and name not in known:
                yield (
                    (*path, "credentials", index),
                    Words(
                        f"ditemukan {name!r}, seharusnya nama di credentials.snmp",
                        f"found {name!r}, expected a name of credentials.snmp",
                    ),
                )
