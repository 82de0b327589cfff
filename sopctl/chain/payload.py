"""What the payload of each kind of event must hold.

Pure. Whoever reads an event of the ledger may rely on it: a damaged one is told before it is used.
"""

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from sopctl.chain.event import Event, EventKind, Payload

SAME_PERSON = "same_person_as_last"
"""Key of a payload that is true where one person took two steps in a row, as the site allows."""


def _with_zone(text: str) -> str:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or not MINYEAR < time.year < MAXYEAR:
        raise ValueError("no time with zone")
    return text


Instant = Annotated[str, AfterValidator(_with_zone)]


class _Payload(BaseModel):
    # Most commands meet few kinds of events; a model is built when it is first used.
    model_config = ConfigDict(strict=True, defer_build=True)


class _File(_Payload):
    name: str
    sha256: str
    size_bytes: int


class _Recorder(_Payload):
    official: str
    name: str
    nip: str
    position: str


class _Manual(_Payload):
    """A decision taken on paper: its scan, and who recorded it."""

    scan: _File
    recorded_by: _Recorder


class _Decision(_Payload):
    """What may go with the decisions of the SOP."""

    manual: _Manual | None = None
    documents: list[_File] = []
    """Signed documents of the step."""


class _Opened(_Decision):
    instruction: str
    period_start: Instant
    period_end: Instant
    number_in_year: int


class _Assigned(_Decision):
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


class _Submitted(_Decision):
    checklist: str


class _PanelFile(_Payload):
    name: str
    title: str
    link: str
    unit: str
    sha256: str | None
    """None: it could not be drawn, and the report was accepted without it."""


class _Checked(_Decision):
    conclusion: str
    suggestion: str
    number: str
    report: str
    panels: list[_PanelFile] = []


class _Examined(_Decision):
    report: str


class _Returned(_Decision):
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


def manual_of(payload: Payload) -> Mapping[str, Any] | None:
    """The paper on which the decision was taken, if it was: `scan` and `recorded_by`."""
    manual: Mapping[str, Any] | None = payload.get("manual")
    return manual


def signer_of(event: Event) -> str:
    """Id of the official whose key signs the event: the actor, or who recorded his decision on paper."""
    manual = manual_of(event.payload)
    return str(manual["recorded_by"]["official"]) if manual is not None else event.actor.official.id


def files_named_by(payload: Any) -> tuple[str, ...]:
    """SHA-256 of every file that an event stands on; a changed event may name anything, also nothing."""
    if not isinstance(payload, dict):
        return ()
    manual = payload.get("manual")
    kept = [*_items(payload.get("evidence")), *_items(payload.get("documents")), *_items(payload.get("panels"))]
    if isinstance(manual, dict):
        kept.append(manual.get("scan"))
    named = (
        payload.get("checklist"),
        payload.get("report"),
        *(file.get("sha256") for file in kept if isinstance(file, dict)),
    )
    return tuple(sha256 for sha256 in named if isinstance(sha256, str))


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def payload_fault(kind: EventKind, payload: Any) -> str | None:
    """What is wrong with `payload` for an event of `kind`; None: nothing."""
    try:
        MODELS[kind].model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'payload'}: {first['msg']}"
    return None
