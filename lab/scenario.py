"""The scenario file: which component degrades, how, and when.

Owns the shape of `scenario.yml` and its mistakes. It must not compute any state: `timeline` puts the
faults on the clock, `model` says what they do.
"""

from datetime import time
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from dcnet.catalogue import Bilingual
from dcnet.language import Words
from dcnet.located_yaml import KeyPath, load_located
from lab.errors import LabError
from lab.parts import READINGS, SESSIONS
from lab.topology import DEVICES, LINKS

SHIPPED = Path(__file__).parent / "scenario.yml"


class ScenarioValueError(LabError, ValueError):
    """A value of the scenario that has the right type and still cannot be."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _parse_clock(value: Any) -> Any:
    # YAML 1.1 reads an unquoted 13:30 as the sexagesimal number 810, that is minutes of the day.
    if isinstance(value, int) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    return value


class Occurrence(_Model):
    """One stretch of a fault within any month."""

    day: int = Field(ge=1, le=28)
    """Day of the month; every month has 28."""

    at: Annotated[time, BeforeValidator(_parse_clock)]
    """Time of day in the site's time zone."""

    minutes: int = Field(gt=0, le=7 * 24 * 60)

    @property
    def start_minute(self) -> int:
        """Minutes of the month before it begins."""
        return (self.day - 1) * 24 * 60 + self.at.hour * 60 + self.at.minute

    @property
    def end_minute(self) -> int:
        """Minutes of the month before it ends."""
        return self.start_minute + self.minutes


class Repetition(_Model):
    """How a fault repeats in the live lab."""

    after_minutes: float = Field(ge=0)
    """From the start of the lab."""

    minutes: float = Field(gt=0)
    every_minutes: float = Field(gt=0)

    @model_validator(mode="after")
    def _must_not_overlap(self) -> "Repetition":
        if self.minutes >= self.every_minutes:
            raise ScenarioValueError(
                Words("every_minutes seharusnya lebih dari minutes", "every_minutes should be more than minutes")
            )
        return self


class StaffNote(_Model):
    """Staf's words about a finding (SOP step 4)."""

    cause: Bilingual
    action: Bilingual
    follow_up: Bilingual


class _Fault(_Model):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    why: str
    """What a reader should learn from it: the finding that it causes, or why it must cause none."""

    note: StaffNote | None = None
    """What Staf writes about the finding when the demo walks the SOP."""

    month: tuple[Occurrence, ...] = ()
    live: Repetition | None = None

    @field_validator("month")
    @classmethod
    def _must_be_in_order(cls, value: tuple[Occurrence, ...]) -> tuple[Occurrence, ...]:
        if any(earlier.end_minute > later.start_minute for earlier, later in pairwise(value)):
            raise ScenarioValueError(
                Words(
                    "kejadian seharusnya berurutan dan tidak bertumpuk",
                    "occurrences should be in order and must not overlap",
                )
            )
        return value


class DeviceOutage(_Fault):
    """The device loses power: it answers nothing, and its counters start anew when it is back."""

    kind: Literal["device_outage"]
    device: str


class InterfaceErrors(_Fault):
    """A share of what the interface receives is damaged."""

    kind: Literal["interface_errors"]
    device: str
    interface: str
    ratio: float = Field(gt=0, lt=1)
    """Damaged packets of all packets, both directions together."""


class InterfaceUtilisation(_Fault):
    """The interface receives at a constant share of its speed."""

    kind: Literal["interface_utilisation"]
    device: str
    interface: str
    level: float = Field(ge=0, le=1)


class LinkLoss(_Fault):
    """A share of the ICMP echoes does not come back."""

    kind: Literal["link_loss"]
    link: str
    ratio: float = Field(gt=0, le=1)


class LinkLatency(_Fault):
    """The round trip of ICMP echoes takes about so long."""

    kind: Literal["link_latency"]
    link: str
    seconds: float = Field(gt=0, lt=1)


class Service(StrEnum):
    """A service behind a link that a probe asks."""

    DNS = "dns"
    HTTP = "http"


class Symptom(StrEnum):
    """What a degraded service does."""

    SILENT = "silent"
    """No answer at all: the probe runs into its timeout."""

    FAILING = "failing"
    """DNS answers SERVFAIL, HTTP answers 503."""

    SLOW = "slow"
    """Answers after a second: slower than usual, yet within the probe's timeout."""


class LinkService(_Fault):
    """A service behind the link degrades."""

    kind: Literal["link_service"]
    link: str
    services: tuple[Service, ...] = Field(min_length=1)
    symptom: Symptom


class DeviceReading(_Fault):
    """One of the device's readings (`lab.parts`) stands at a value of its own."""

    kind: Literal["device_reading"]
    device: str
    reading: str
    value: float
    """In the unit of the reading's first metric; of a state, what that metric shows."""


class BgpFlaps(_Fault):
    """The session with a neighbour is down at the beginning of every so many minutes."""

    kind: Literal["bgp_flaps"]
    device: str
    peer: str
    down_minutes: int = Field(gt=0)
    every_minutes: int = Field(gt=0)


class PlannedWork(_Fault):
    """The device is off within a planned window, which opens before and closes after by the margin."""

    kind: Literal["planned_work"]
    device: str
    margin_minutes: int = Field(gt=0)
    reason: str


class MeasurementGap(_Fault):
    """Nobody measures anything: no samples of any series."""

    kind: Literal["measurement_gap"]


Fault: TypeAlias = Annotated[
    DeviceOutage
    | InterfaceErrors
    | InterfaceUtilisation
    | LinkLoss
    | LinkLatency
    | LinkService
    | DeviceReading
    | BgpFlaps
    | PlannedWork
    | MeasurementGap,
    Field(discriminator="kind"),
]


class Scenario(_Model):
    """All that goes wrong in the lab, and the seed of all that only varies."""

    seed: int
    faults: tuple[Fault, ...]


def load_scenario(file: Path = SHIPPED) -> Scenario:
    """Read a scenario. Raises ConfigurationError with every mistake as `file:line: path: found, expected`."""
    return load_located(file, Scenario, _cross_check)


def _cross_check(document: Any) -> list[tuple[KeyPath, Words]]:
    """Mistakes that no single field shows: names used twice, and components that the lab has not."""
    faults = document.get("faults") if isinstance(document, dict) else None
    found: list[tuple[KeyPath, Words]] = []
    seen: set[str] = set()
    for index, fault in enumerate(faults if isinstance(faults, list) else []):
        if not isinstance(fault, dict):
            continue
        name = fault.get("name")
        if isinstance(name, str) and name in seen:
            words = Words(f"nama {name} sudah dipakai", f"name {name} is used already")
            found.append((("faults", index, "name"), words))
        seen.add(str(name))
        found += [(("faults", index, key), words) for key, words in _unknown_components(fault)]
    return found


def _unknown_components(fault: dict[Any, Any]) -> list[tuple[str, Words]]:
    device, link, interface = fault.get("device"), fault.get("link"), fault.get("interface")
    if isinstance(link, str) and link not in LINKS:
        return [("link", _not_in_lab(link, sorted(LINKS)))]
    if not isinstance(device, str):
        return []
    if device not in DEVICES:
        return [("device", _not_in_lab(device, sorted(DEVICES)))]
    known = [one.name for one in DEVICES[device].interfaces]
    if isinstance(interface, str) and interface not in known:
        return [("interface", _not_in_lab(interface, known))]
    readings, peers = [one.key for one in READINGS[device]], [one.peer for one in SESSIONS.get(device, ())]
    return [
        (key, _not_in_lab(fault[key], names))
        for key, names in (("reading", readings), ("peer", peers))
        if isinstance(fault.get(key), str) and fault[key] not in names
    ]


def _not_in_lab(found: str, known: list[str]) -> Words:
    listed = ", ".join(known)
    return Words(f"{found} tidak ada di lab; yang ada: {listed}", f"{found} is not in the lab; it has: {listed}")
