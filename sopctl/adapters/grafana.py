"""Grafana: panels drawn for a month, and a note on the boards when a cycle is approved.

Owns the exchange: `GET /render/d-solo/UID/_` of its image renderer and `POST /api/annotations` of its HTTP API, with a
service account's token. A panel that fails is an error, never a blank.
"""

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

import requests

from dcnet.language import Words
from sopctl.adapters.web_service import excerpt_of, failure_of, open_session
from sopctl.errors import SopctlError
from sopctl.evidence import Panel
from sopctl.model import Period
from sopctl.settings_services import GrafanaPanel, GrafanaSettings

PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_PICTURE_BYTES = 16 << 20
SCALE = 2
"""Twice the pixels: a page is read closer than a screen."""


class GrafanaError(SopctlError):
    """Grafana did not do what was asked."""


class Grafana:
    """One Grafana."""

    def __init__(self, settings: GrafanaSettings, time_zone: str) -> None:
        self._settings = settings
        self._time_zone = time_zone

    def draw_panels(self, period: Period, accepted: Collection[str] = ()) -> tuple[Panel, ...]:
        """Every panel of the settings over `period`; one that fails stays empty if `accepted` names it.

        Raises GrafanaError that names every other one that failed.
        """
        pictures, failures = [], []
        with self._session() as session:
            for panel in self._settings.panels:
                png: bytes | None = None
                try:
                    png = self._draw(session, panel, period)
                except GrafanaError as error:
                    if panel.name not in accepted:
                        failures.append((panel.name, error.words))
                pictures.append(Panel(panel.name, panel.title, self.link(panel, period), png))
        if failures:
            raise GrafanaError(failed_panels(failures))
        return tuple(pictures)

    def link(self, panel: GrafanaPanel, period: Period) -> str:
        """The panel for people, at the month's own times."""
        query = urlencode({**_times(period), "viewPanel": panel.panel, **_variables(panel)})
        return f"{self._settings.url}/d/{panel.dashboard}/_?{query}"

    def note_approval(self, period: Period, text: str, cycle: str) -> None:
        """Mark the month on the boards. Raises GrafanaError."""
        start, end = _milliseconds(period)
        note = {"time": start, "timeEnd": end, "tags": ["sopctl", "approved", cycle], "text": text}
        with self._session() as session:
            try:
                response = session.post(
                    f"{self._settings.url}/api/annotations",
                    json=note,
                    timeout=self._settings.timeout_seconds,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise self._error(failure_of(error)) from error
        if response.status_code != requests.codes.ok:
            raise self._error(_refusal(response))

    def _draw(self, session: requests.Session, panel: GrafanaPanel, period: Period) -> bytes:
        settings = self._settings
        query = {
            **_times(period),
            "panelId": panel.panel,
            "width": settings.width,
            "height": settings.height,
            "scale": SCALE,
            "tz": self._time_zone,
            "theme": "light",
            "timeout": round(settings.timeout_seconds),
            **_variables(panel),
        }
        address = f"{settings.url}/render/d-solo/{panel.dashboard}/_?{urlencode(query)}"
        try:
            # The renderer is given its own time limit; ours only ends what hangs.
            with session.get(
                address, timeout=settings.timeout_seconds + 5, allow_redirects=False, stream=True
            ) as response:
                body = response.raw.read(LARGEST_PICTURE_BYTES + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise self._error(failure_of(error)) from error
        if response.status_code != requests.codes.ok:
            raise self._error(
                Words(
                    f"menjawab {response.status_code}: {excerpt_of(body.decode(errors='replace'))}",
                    f"answers {response.status_code}: {excerpt_of(body.decode(errors='replace'))}",
                )
            )
        if not body.startswith(PNG) or len(body) > LARGEST_PICTURE_BYTES:
            raise self._error(Words("jawabannya bukan gambar PNG", "its answer is no PNG picture"))
        return bytes(body)

    def _session(self) -> requests.Session:
        token = self._settings.token
        return open_session(None, token.get_secret_value() if token else None, self._settings.ca_file)

    def _error(self, why: Words) -> GrafanaError:
        return GrafanaError(Words(f"Grafana {self._settings.url} {why.id}", f"Grafana {self._settings.url} {why.en}"))


def _milliseconds(period: Period) -> tuple[int, int]:
    return round(period.start.timestamp() * 1000), round(period.end.timestamp() * 1000)


def _times(period: Period) -> dict[str, int]:
    start, end = _milliseconds(period)
    return {"orgId": 1, "from": start, "to": end}


def _variables(panel: GrafanaPanel) -> dict[str, str]:
    return {f"var-{name}": value for name, value in sorted(panel.variables.items())}


def _refusal(response: requests.Response) -> Words:
    said = excerpt_of(response.text)
    return Words(f"menjawab {response.status_code}: {said}", f"answers {response.status_code}: {said}")


def failed_panels(failures: Sequence[tuple[str, Words]]) -> Words:
    """The words for panels, by name, that could not be drawn and that nobody accepted to be without."""
    accept = " ".join(f"--accept-panel {name}" for name, _why in failures)
    return Words(
        "\n".join(
            [
                "Laporan dihentikan: panel berikut tidak dapat digambar.",
                *(f"- {name}: {why.id}" for name, why in failures),
                f"Perbaiki, atau terima laporan tanpa panel itu dengan {accept}",
            ]
        ),
        "\n".join(
            [
                "The report was stopped: these panels could not be drawn.",
                *(f"- {name}: {why.en}" for name, why in failures),
                f"Repair them, or accept the report without them with {accept}",
            ]
        ),
    )
