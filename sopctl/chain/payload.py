"""What the payload of each kind of event must hold.

Pure. Whoever reads an event of the ledger may rely on it: a damaged one is told before it is used.
"""

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from sopctl.chain.event import EventKind


def _with_zone(text: str) -> str:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or not MINYEAR < time.year < MAXYEAR:
        raise ValueError("no time with zone")
    return text


Instant = Annotated[str, AfterValidator(_with_zone)]


class _Payload(BaseModel):
    model_config = ConfigDict(strict=True)


class _Opened(_Payload):
    instruction: str
    period_start: Instant
    period_end: Instant
    number_in_year: int


class _Assigned(_Payload):
    instruction: str


class _Found(_Payload):
    id: str
    object: str
    indicator: str


class _Pulled(_Payload):
    checklist: str
    findings: list[_Found]
    warnings: int


class _Evidence(_Payload):
    sha256: str


class _Noted(_Payload):
    finding: str
    object: str
    indicator: str
    cause: str
    action: str
    follow_up: str
    evidence: list[_Evidence]
    closed: bool = False


class _Submitted(_Payload):
    checklist: str


class _Checked(_Payload):
    conclusion: str
    suggestion: str
    number: str
    report: str


class _Examined(_Payload):
    report: str


class _Returned(_Payload):
    reason: str


MODELS: Mapping[EventKind, type[_Payload]] = {
    EventKind.OPENED: _Opened,
    EventKind.ASSIGNED: _Assigned,
    EventKind.PULLED: _Pulled,
    EventKind.NOTED: _Noted,
    EventKind.SUBMITTED: _Submitted,
    EventKind.CHECKED: _Checked,
    EventKind.FORWARDED: _Examined,
    EventKind.APPROVED: _Examined,
    EventKind.RETURNED: _Returned,
}


def payload_fault(kind: EventKind, payload: Any) -> str | None:
    """What is wrong with `payload` for an event of `kind`; None: nothing."""
    try:
        MODELS[kind].model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'payload'}: {first['msg']}"
    return None
