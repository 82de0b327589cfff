"""The services of `sopctl.yml` that documents stand on: a timestamp authority, BSrE's signing server, Grafana.

Owns the shape of that part. It must not talk to any of them.
"""

import re
from enum import StrEnum
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from dcnet.language import Words
from dcnet.secret import Secret
from dcnet.unit import Unit
from sopctl.settings_base import Model, PathBeside, SettingError, Text


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        # Only reading the port checks it.
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", value):
        raise SettingError(
            Words(
                "bukan alamat http:// atau https:// tanpa nama pengguna; pakai basic_auth untuk kata sandi",
                "not an http:// or https:// address without user name; use basic_auth for a password",
            )
        )
    return value.rstrip("/")


WebAddress: TypeAlias = Annotated[str, AfterValidator(_web_address)]


class BasicAuth(Model):
    """HTTP basic authentication (RFC 7617)."""

    username: Text
    password: Secret


class TimestampSettings(Model):
    """A timestamp authority (RFC 3161); with one, signatures are PAdES B-LTA. Its root is among `trust.authorities`."""

    url: WebAddress
    basic_auth: BasicAuth | None = None
    timeout_seconds: float = Field(default=15, gt=0, le=300)


class BoxOrigin(StrEnum):
    """From which corner of a page BSrE's server measures `originX` and `originY`."""

    UPPER_LEFT = "upper_left"
    LOWER_LEFT = "lower_left"


class BsreSettings(Model):
    """BSrE's signing server as its users run it (esign client service, API v2)."""

    url: WebAddress
    basic_auth: BasicAuth
    authorities: tuple[PathBeside, ...] = ()
    """BSrE's own authorities (PEM or DER): only certificates that they issued are called BSrE's on a page."""

    origin: BoxOrigin = BoxOrigin.UPPER_LEFT
    ca_file: PathBeside | None = None
    timeout_seconds: float = Field(default=60, gt=0, le=600)


class GrafanaPanel(Model):
    """A panel that the Laporan shows."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    title: Text
    dashboard: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    """The dashboard's uid."""

    panel: int | None = Field(default=None, gt=0)
    """The panel's id."""

    variables: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")], str] = Field(default_factory=dict)
    query: Text | None = None
    """The panel's PromQL, from which sopctl draws it itself where no Grafana is configured."""

    unit: Unit = Unit.COUNT
    """Of the query's values."""


def _named_once(panels: tuple[GrafanaPanel, ...]) -> tuple[GrafanaPanel, ...]:
    names = [panel.name for panel in panels]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        named = ", ".join(twice)
        raise SettingError(Words(f"nama panel dipakai dua kali: {named}", f"panel names used twice: {named}"))
    return panels


class GrafanaSettings(Model):
    """The panels that go into the Laporan, and the Grafana that draws them and notes each approved cycle."""

    url: WebAddress | None = None
    """None: there is no Grafana; sopctl draws the panels' queries itself."""

    token: Secret | None = None
    """Of a service account (role Viewer draws, Editor also notes)."""

    ca_file: PathBeside | None = None
    timeout_seconds: float = Field(default=60, gt=0, le=600)
    width: int = Field(default=1000, ge=200, le=4000)
    height: int = Field(default=360, ge=100, le=4000)
    panels: Annotated[tuple[GrafanaPanel, ...], AfterValidator(_named_once)] = ()

    @field_validator("panels")
    @classmethod
    def _each_can_be_drawn(cls, panels: tuple[GrafanaPanel, ...], info: ValidationInfo) -> tuple[GrafanaPanel, ...]:
        if "url" not in info.data:
            # A mistaken url is told by itself.
            return panels
        by_grafana = info.data["url"] is not None
        lacking = [
            panel.name
            for panel in panels
            if (panel.dashboard is None or panel.panel is None if by_grafana else panel.query is None)
        ]
        if lacking:
            named = ", ".join(lacking)
            raise SettingError(
                Words(
                    f"dengan url Grafana setiap panel memerlukan dashboard dan panel; belum ada pada: {named}"
                    if by_grafana
                    else f"tanpa url Grafana setiap panel memerlukan query (PromQL); belum ada pada: {named}",
                    f"with Grafana's url each panel needs dashboard and panel; missing for: {named}"
                    if by_grafana
                    else f"without Grafana's url each panel needs a query (PromQL); missing for: {named}",
                )
            )
        return panels
