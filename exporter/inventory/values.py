"""Checked scalars of the inventory: names, hosts, addresses, URLs, patterns, time zones, instants.

Pure checks that raise InventoryValueError in both languages. It must not look anything up on a network.
"""

import ipaddress
import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo

from dcnet.language import Words
from dcnet.secret import Secret, SecretSources
from exporter.errors import InventoryValueError

_HOST_NAME = re.compile(
    r"(?=.{1,253}\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*\.?"
)
SHORTEST_KEY = 8
"""RFC 3414 section 11.2: passwords of the User-based Security Model have at least 8 characters."""


def check_host(value: str) -> str:
    """`value` when it is an IP address or a host name (RFC 1123)."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    # A name of digits and dots alone is a mistyped address: 10.0.0.256.
    if _HOST_NAME.fullmatch(value) and not re.fullmatch(r"[0-9.]+", value):
        return value
    raise InventoryValueError(
        Words(
            f"ditemukan {value!r}, seharusnya alamat IP atau nama host",
            f"found {value!r}, expected an IP address or a host name",
        )
    )


def check_address(value: str) -> str:
    """`value` when it is an IPv4 or IPv6 address."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise InventoryValueError(
            Words(f"ditemukan {value!r}, seharusnya alamat IP", f"found {value!r}, expected an IP address")
        ) from None


def check_url(value: str) -> str:
    """`value` when it is an http or https URL without user and password."""
    try:
        parts = urlsplit(value)
        _port = parts.port
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or any(character.isspace() for character in value):
        raise InventoryValueError(
            Words(
                "seharusnya URL lengkap, misalnya https://contoh.go.id/",
                "expected a full URL, for example https://example.org/",
            )
        )
    if parts.username is not None:
        raise InventoryValueError(
            Words(
                "URL tidak boleh memuat nama pengguna atau sandi; hapus bagian sebelum @",
                "a URL must not hold a user or password; remove the part before the @",
            )
        )
    check_host(host)
    return value


def check_time_zone(value: str) -> str:
    """`value` when it is a name of the IANA time zone database."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise InventoryValueError(
            Words(
                f"ditemukan {value!r}, seharusnya zona waktu IANA, misalnya Asia/Jakarta",
                f"found {value!r}, expected an IANA time zone, for example Asia/Jakarta",
            )
        ) from None
    return value


def check_key(value: Secret) -> Secret:
    """`value` when it is long enough for an SNMPv3 key."""
    if len(value.get_secret_value()) < SHORTEST_KEY:
        raise InventoryValueError(
            Words(
                f"sandi SNMPv3 terlalu pendek; sedikitnya {SHORTEST_KEY} karakter",
                f"SNMPv3 password is too short; it needs at least {SHORTEST_KEY} characters",
            )
        )
    return value


def check_file(value: Path, info: ValidationInfo) -> Path:
    """`value` from the inventory's folder, when it is a file."""
    path = beside_inventory(value, info)
    if not path.is_file():
        raise InventoryValueError(Words(f"berkas {value} tidak ada", f"file {value} does not exist"))
    return path


def beside_inventory(value: Path, info: ValidationInfo) -> Path:
    """`value` from the inventory's folder, whether it is there or not."""
    sources = info.context
    return sources.folder / value if isinstance(sources, SecretSources) else value


def parse_instant(value: object, zone: ZoneInfo) -> datetime | None:
    """An instant with a zone of a YAML value: a time, a date (its midnight), or ISO 8601 text of either.

    Without an offset it is meant in `zone`. None when it is none: a number is never taken as a time.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def check_instant(value: object) -> datetime:
    """`value` as parse_instant reads it; one without an offset stays so, for its zone is the site's."""
    unset = ZoneInfo("UTC")
    instant = parse_instant(value, unset)
    if instant is None:
        found = repr(value) if isinstance(value, str | int | float) else type(value).__name__
        raise InventoryValueError(
            Words(
                f"ditemukan {found}, seharusnya waktu seperti 2026-10-04T22:00 atau tanggal",
                f"found {found}, expected a time such as 2026-10-04T22:00, or a date",
            )
        )
    return instant.replace(tzinfo=None) if instant.tzinfo is unset else instant


Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=63)]
PlannedObject: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(:\S.*)?$", max_length=200)
]
"""A device, a link, or DEVICE:INTERFACE."""

InterfaceName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s/:]{1,15}$")]
"""A network interface of this host: at most 15 characters (IFNAMSIZ of linux/if.h)."""

Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Host: TypeAlias = Annotated[str, AfterValidator(check_host)]
Address: TypeAlias = Annotated[str, AfterValidator(check_address)]
Url: TypeAlias = Annotated[str, AfterValidator(check_url)]
TimeZone: TypeAlias = Annotated[str, AfterValidator(check_time_zone)]
Key: TypeAlias = Annotated[Secret, AfterValidator(check_key)]
Instant: TypeAlias = Annotated[datetime, BeforeValidator(check_instant)]
ExistingFile: TypeAlias = Annotated[Path, AfterValidator(check_file)]
FileToCome: TypeAlias = Annotated[Path, AfterValidator(beside_inventory)]
Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
Percent: TypeAlias = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Limit: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
