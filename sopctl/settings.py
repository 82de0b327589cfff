"""What `sopctl.yml` holds: the site, its officials, its letterhead, where Prometheus and the store are.

Owns the shape of the file and every check on it. It must not query, store or print anything.
"""

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from dcnet.errors import PublicError
from dcnet.language import Language, Words
from dcnet.located_yaml import KeyPath, load_located
from dcnet.secret import Secret, SecretSources
from sopctl.model import Official, Position

NUMBER_FIELDS = ("sequence", "month", "month_roman", "year")
"""What `letterhead.number_format` may name between braces."""

NIP_DIGITS = 18


class _SettingError(PublicError, ValueError):
    """A value that the file may not hold; located_yaml tells it with file and line."""


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _SettingError(
            Words(
                f"zona waktu {value!r} tidak dikenal; contoh: Asia/Jakarta",
                f"unknown time zone {value!r}; example: Asia/Jakarta",
            )
        ) from error
    return value


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    """Relative paths start at the folder of the file that names them."""
    return info.context.folder / value if isinstance(info.context, SecretSources) else value


def _nip(value: str) -> str:
    if value and not (value.isascii() and value.isdigit() and len(value) == NIP_DIGITS):
        raise _SettingError(
            Words(
                f"NIP terdiri atas {NIP_DIGITS} angka dalam tanda kutip, atau kosong",
                f"a NIP has {NIP_DIGITS} digits in quotes, or is empty",
            )
        )
    return value


def _nip_as_text(value: Any) -> Any:
    """YAML reads unquoted digits as a number, which keeps them all unless the first is 0; no NIP begins so."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        # Only reading the port checks it.
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", value):
        raise _SettingError(
            Words(
                "bukan alamat http:// atau https:// tanpa nama pengguna; pakai basic_auth untuk kata sandi",
                "not an http:// or https:// address without user name; use basic_auth for a password",
            )
        )
    return value.rstrip("/")


def _number_format(value: str) -> str:
    try:
        named = [name for _text, name, _spec, _conversion in string.Formatter().parse(value) if name is not None]
        value.format(sequence=1, month=1, month_roman="I", year=2026)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise _number_problem() from error
    if not set(named) <= set(NUMBER_FIELDS):
        raise _number_problem()
    return value


def _number_problem() -> _SettingError:
    fields = ", ".join(f"{{{name}}}" for name in NUMBER_FIELDS)
    return _SettingError(Words(f"yang boleh disebut hanya {fields}", f"only {fields} may be named"))


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Text = Annotated[str, Field(min_length=1)]


class BasicAuth(_Model):
    """HTTP basic authentication (RFC 7617)."""

    username: Text
    password: Secret


class PrometheusSettings(_Model):
    """The Prometheus (or Thanos, Mimir, VictoriaMetrics) that holds the month."""

    url: Annotated[str, AfterValidator(_url)]
    """Base address without `/api/v1` and without trailing slash."""

    timeout_seconds: float = Field(default=30, gt=0, le=3600)
    """For one query."""

    retries: int = Field(default=3, ge=0, le=10)
    headers: dict[str, str] = Field(default_factory=dict)
    """Added to every request, e.g. `X-Scope-OrgID`."""

    parameters: dict[str, str] = Field(default_factory=dict)
    """Added to every query, e.g. `partial_response: "false"`."""

    basic_auth: BasicAuth | None = None
    bearer_token: Secret | None = None
    ca_file: Annotated[Path, AfterValidator(_beside_the_file)] | None = None
    """PEM file of the authority that signed the server's certificate; None: the system's."""


class Letterhead(_Model):
    """Kop naskah dinas and how reports are numbered."""

    ministry: Text
    directorate: Text
    secretariat: Text
    division: Text
    subdivision: Text
    address: Text
    city: Text
    number_format: Annotated[Text, AfterValidator(_number_format)]
    """Python format of the report's number; may name sequence, month, month_roman and year."""


class PositionTitles(_Model):
    """The printed title of each position of the SOP."""

    sdm: Text
    kabag: Text
    kasubag: Text
    staf: Text

    def of(self, position: Position) -> str:
        """The title printed for `position`."""
        title: str = getattr(self, position.value)
        return title


class OfficialSettings(_Model):
    """A person who acts for a position."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    name: Text
    nip: Annotated[str, BeforeValidator(_nip_as_text), AfterValidator(_nip)] = ""
    position: Position
    user: str | None = Field(default=None, min_length=1)
    """The only OS login that may act as this official; None: any login that can write the store."""

    def as_official(self) -> Official:
        """The person without the login."""
        return Official(self.id, self.name, self.nip, self.position)


class Settings(_Model):
    """The whole of `sopctl.yml`."""

    language: Language = Language.INDONESIAN
    """The language of reports."""

    time_zone: Annotated[str, AfterValidator(_zone_name)] = "Asia/Jakarta"
    """The site's time zone: where a month begins and ends, and in which times are shown."""

    store: Annotated[Path, AfterValidator(_beside_the_file)]
    """Folder of the ledger and its files. Not on a network file system."""

    prometheus: PrometheusSettings
    grafana_url: Annotated[str, AfterValidator(_url)] | None = None
    """Base address of the Grafana that shows dcnet's boards, for links to them."""

    letterhead: Letterhead
    positions: PositionTitles
    officials: tuple[OfficialSettings, ...]
    allow_consecutive_steps: bool = False
    """Whether one person may take two steps in a row; each time it happens the ledger says so."""

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    def official(self, identity: str) -> OfficialSettings | None:
        """The official of that id."""
        return next((official for official in self.officials if official.id == identity), None)

    def officials_of(self, position: Position) -> tuple[OfficialSettings, ...]:
        """Who acts for `position`, in the file's order."""
        return tuple(official for official in self.officials if official.position is position)


def load_settings(file: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read `file`. Raises ConfigurationError with every mistake as `file:line: path: found, expected`."""
    return load_located(file, Settings, _check_officials, environment)


def _check_officials(document: Any) -> Iterable[tuple[KeyPath, Words]]:
    officials = document.get("officials") if isinstance(document, dict) else None
    if not isinstance(officials, list):
        return
    known = [(index, official) for index, official in enumerate(officials) if isinstance(official, dict)]
    times = Counter(str(official.get("id")) for _index, official in known if "id" in official)
    seen: set[str] = set()
    for index, official in known:
        identity = str(official.get("id"))
        if times[identity] > 1 and identity in seen:
            yield (
                ("officials", index, "id"),
                Words(f"{identity!r} sudah dipakai pejabat lain", f"{identity!r} is already used by another official"),
            )
        seen.add(identity)
    filled = {str(official.get("position")) for _index, official in known}
    for position in Position:
        if position.value not in filled:
            yield (
                ("officials",),
                Words(
                    f"tidak ada pejabat untuk jabatan {position.value}; setiap jabatan memerlukan seorang pejabat",
                    f"no official holds position {position.value}; every position needs one",
                ),
            )
