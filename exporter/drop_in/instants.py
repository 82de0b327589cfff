"""Instants that devices give, as Unix seconds: DateAndTime (RFC 2579), NTPTimeStamp, text by a pattern. Pure."""

from datetime import UTC, date, datetime

_NTP_TO_UNIX = 2_208_988_800
"""Seconds from 1900 to 1970."""

_MONTHS = 12
_WITHOUT_ZONE, _WITH_ZONE = 8, 11
_NTP_OCTETS = 8


def date_and_time(octets: bytes) -> int | None:
    """Unix seconds of a DateAndTime of 8 octets (UTC) or 11; None when it is none.

    Fields beyond their range carry over into the next, as in Go: some devices give month 0 for "never".
    """
    if len(octets) not in {_WITHOUT_ZONE, _WITH_ZONE}:
        return None
    year, (month, day, hour, minute, second) = int.from_bytes(octets[:2], "big"), octets[2:7]
    offset = 0
    if len(octets) == _WITH_ZONE:
        sign = {ord("+"): 1, ord("-"): -1}.get(octets[8])
        if sign is None or octets[9] > 24 or octets[10] > 60:  # noqa: PLR2004 - what Go takes for hours and minutes
            return None
        offset = sign * (octets[9] * 3600 + octets[10] * 60)
    years, month_before = divmod(month - 1, _MONTHS)
    # Four centuries later, so that year 0 has a date: the calendar repeats after 146,097 days.
    shifted = date(year + years + 400, month_before + 1, 1) if year + years < 9000 else None  # noqa: PLR2004
    if shifted is None:
        return None
    days = shifted.toordinal() - 146_097 - date(1970, 1, 1).toordinal() + day - 1
    return days * 86_400 + hour * 3600 + minute * 60 + second - offset


def ntp_timestamp(octets: bytes) -> int | None:
    """Unix seconds of an NTP timestamp of 64 bits (RFC 5905 section 6); None when it is shorter."""
    return int.from_bytes(octets[:4], "big") - _NTP_TO_UNIX if len(octets) >= _NTP_OCTETS else None


def parsed_instant(text: str, pattern: str) -> int | None:
    """Unix seconds of `text` by a strptime `pattern`, in UTC unless it holds a zone; None when it does not fit."""
    try:
        instant = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added below
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return int(instant.timestamp() // 1)
