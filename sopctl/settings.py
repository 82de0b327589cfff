"""What `sopctl.yml` holds: the site, its officials, its letterhead, where Prometheus and the store are.

Owns the shape of the file and every check on it. It must not query, store or print anything.
"""

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from dcnet.language import Language, Words
from dcnet.located_yaml import load_located
from dcnet.secret import Secret
from sopctl.chain.roster import Roster
from sopctl.model import Position
from sopctl.settings_base import Model, PathBeside, SettingError, Text
from sopctl.settings_officials import OfficialSettings, PaperSettings, TrustSettings, official_problems
from sopctl.settings_services import BasicAuth, BsreSettings, GrafanaSettings, TimestampSettings, WebAddress
from sopctl.settings_working_time import WorkingTimeSettings

NUMBER_FIELDS = ("sequence", "month", "month_roman", "year")
"""What `letterhead.number_format` may name between braces."""


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingError(
            Words(
                f"zona waktu {value!r} tidak dikenal; contoh: Asia/Jakarta",
                f"unknown time zone {value!r}; example: Asia/Jakarta",
            )
        ) from error
    return value


def _number_format(value: str) -> str:
    try:
        named = [name for _text, name, _spec, _conversion in string.Formatter().parse(value) if name is not None]
        value.format(sequence=1, month=1, month_roman="I", year=2026)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise _number_problem() from error
    if not set(named) <= set(NUMBER_FIELDS):
        raise _number_problem()
    return value


def _number_problem() -> SettingError:
    fields = ", ".join(f"{{{name}}}" for name in NUMBER_FIELDS)
    return SettingError(Words(f"yang boleh disebut hanya {fields}", f"only {fields} may be named"))


class PrometheusSettings(Model):
    """The Prometheus (or Thanos, Mimir, VictoriaMetrics) that holds the month."""

    url: WebAddress
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
    ca_file: PathBeside | None = None
    """PEM file of the authority that signed the server's certificate; None: the system's."""


class Letterhead(Model):
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


class PositionTitles(Model):
    """The printed title of each position of the SOP."""

    sdm: Text
    kabag: Text
    kasubag: Text
    staf: Text

    def of(self, position: Position) -> str:
        """The title printed for `position`."""
        title: str = getattr(self, position.value)
        return title


class Settings(Model):
    """The whole of `sopctl.yml`."""

    language: Language = Language.INDONESIAN
    """The language of reports."""

    time_zone: Annotated[str, AfterValidator(_zone_name)] = "Asia/Jakarta"
    """The site's time zone: where a month begins and ends, and in which times are shown."""

    store: PathBeside
    """Folder of the ledger and its files. Not on a network file system."""

    prometheus: PrometheusSettings
    letterhead: Letterhead
    positions: PositionTitles
    officials: tuple[OfficialSettings, ...]
    shortest_pause_minutes: float = Field(default=5, ge=0, le=60)
    """Incidents of one thing with a shorter pause between them than this are one incident in the checklist."""

    working_time: WorkingTimeSettings = WorkingTimeSettings()
    trust: TrustSettings = TrustSettings()
    paper: PaperSettings = PaperSettings()
    timestamp: TimestampSettings | None = None
    """None: signatures carry no trusted time (PAdES B-B)."""

    bsre: BsreSettings | None = None
    grafana: GrafanaSettings | None = None
    metrics_file: PathBeside | None = None
    """Where the state of the cycles is written for Prometheus, after each step; the exporter's `textfiles` name it."""

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
        """Who ever holds `position` or acts for it, in the file's order."""
        return tuple(official for official in self.officials if position in official.positions)

    @property
    def roster(self) -> Roster:
        """Who may act for which position, and when."""
        terms = {official.id: official.terms for official in self.officials}
        return Roster(self.zone, terms, frozenset(self.paper.recorders))


def load_settings(file: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read `file`. Raises ConfigurationError with every mistake as `file:line: path: found, expected`."""
    return load_located(file, Settings, official_problems, environment)
