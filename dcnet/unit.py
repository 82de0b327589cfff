"""In which units values are told. It must not know what has one: settings name a unit without the catalogue."""

from enum import StrEnum


class Unit(StrEnum):
    """The unit of an indicator's value and limits, and of a panel's values."""

    RATIO = "ratio"
    """A share, 0 to 1; printed in percent."""

    STATE = "state"
    """1 while the fault is there, else 0. Its average is the share of time, printed in percent."""

    COUNT = "count"
    """How many; printed without a unit."""

    SECONDS = "seconds"
    """From microseconds (latency) to days (ages, time that is left)."""

    CELSIUS = "celsius"
    DECIBELS = "decibels"
    """A difference of levels, dB."""

    DBM = "dbm"
    """A level against one milliwatt."""

    BYTES = "bytes"
