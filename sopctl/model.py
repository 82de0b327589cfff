"""The words of the SOP as types: positions, officials, steps, the month that they are about.

Pure data; it must not read, query, judge or render anything. Every command loads it: it stands on no catalogue.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Position(StrEnum):
    """Who acts in the SOP, by position code; people and printed titles are data of `sopctl.yml`."""

    SDM = "sdm"
    """Sekretaris Direktorat Jenderal (the SOP's abbreviation; never printed bare)."""

    KABAG = "kabag"
    """Kepala Bagian Rencana dan Laporan."""

    KASUBAG = "kasubag"
    """Kepala Sub Bagian Pengelolaan Informasi."""

    STAF = "staf"


class Capacity(StrEnum):
    """In which capacity an official acts for a position."""

    HOLDER = "holder"
    """Pejabat definitif."""

    PLH = "plh"
    """Pelaksana harian: the holder is absent."""

    PLT = "plt"
    """Pelaksana tugas: the position is vacant."""


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month in the site's time zone."""

    name: str
    """`YYYY-MM`."""

    start: datetime
    """First instant of the month, with time zone."""

    end: datetime
    """First instant of the next month, with time zone."""

    @property
    def seconds(self) -> int:
        """Length of the month in seconds."""
        # Through timestamps: the difference of two times of one zone ignores a change of its offset between them.
        return round(self.end.timestamp() - self.start.timestamp())


@dataclass(frozen=True, slots=True)
class Note:
    """What Staf found and did about a finding (SOP step 4)."""

    cause: str
    action: str
    follow_up: str
    evidence: tuple[str, ...]
    """SHA-256 of the files kept in the store."""

    author: str
    """Official's id."""

    written_at: datetime
    closed: bool = False
    """Whether the finding is settled: an open one is carried over to the next month."""


@dataclass(frozen=True, slots=True)
class Official:
    """A person who acts for a position."""

    id: str
    name: str
    nip: str
    """Nomor Induk Pegawai, 18 digits; may be empty for Staf without one."""

    position: Position
    capacity: Capacity = Capacity.HOLDER


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of the SOP as it was carried out."""

    number: int
    """1 to 7, the SOP's own numbering."""

    position: Position
    official: Official | None
    """None: not done yet."""

    done_at: datetime | None
    event_hash: str | None
    standard_minutes: int | None
    """The SOP's standard time (Mutu Baku); None where it is counted in months."""

    on_paper: bool = False
    """Whether it was decided in wet ink and recorded from the scan."""
