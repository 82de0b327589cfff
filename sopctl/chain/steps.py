"""The seven steps of SOP 12052/70/SOM/2016: who acts, with which command, in which standard time.

A table; it must not know events or cycles.
"""

from dataclasses import dataclass

from dcnet.language import Words
from sopctl.chain.event import EventKind
from sopctl.model import Position

MINUTES_OF_A_DAY = 1440
LAST_STEP = 7
WORK_STEP = 4
CHECK_STEP = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the SOP's table."""

    number: int
    position: Position
    kind: EventKind
    """The event that ends the step."""

    command: str
    """The command that ends it, with what it must be given."""

    standard_minutes: int | None
    """Mutu Baku; None: one month."""

    title: Words


STEPS: tuple[Step, ...] = (
    Step(
        1,
        Position.SDM,
        EventKind.OPENED,
        "open --period YYYY-MM",
        10,
        Words("Menugaskan Kepala Bagian", "Assign the head of division"),
    ),
    Step(
        2,
        Position.KABAG,
        EventKind.ASSIGNED,
        "assign",
        10,
        Words("Menugaskan Kepala Sub Bagian", "Assign the head of subdivision"),
    ),
    Step(3, Position.KASUBAG, EventKind.ASSIGNED, "assign", 10, Words("Menugaskan Staf", "Assign the staff")),
    Step(
        4,
        Position.STAF,
        EventKind.SUBMITTED,
        "submit",
        None,
        Words("Menginventarisasi dan memperbaiki", "Take inventory and repair"),
    ),
    Step(
        5,
        Position.KASUBAG,
        EventKind.CHECKED,
        "check --conclusion TEXT --suggestion TEXT",
        MINUTES_OF_A_DAY,
        Words("Memeriksa hasil pemeliharaan", "Examine the maintenance"),
    ),
    Step(
        6,
        Position.KABAG,
        EventKind.FORWARDED,
        "forward",
        30,
        Words("Melaporkan hasil pemeliharaan", "Report the maintenance"),
    ),
    Step(
        7,
        Position.SDM,
        EventKind.APPROVED,
        "approve",
        10,
        Words("Menyetujui hasil pemeliharaan", "Approve the maintenance"),
    ),
)

WORK_OF_STAF = (EventKind.PULLED, EventKind.NOTED, EventKind.SUBMITTED)
"""What Staf does in step 4; only the last ends the step."""

COMMANDS: dict[EventKind, str] = {
    EventKind.OPENED: "open",
    EventKind.ASSIGNED: "assign",
    EventKind.PULLED: "pull",
    EventKind.NOTED: "note",
    EventKind.SUBMITTED: "submit",
    EventKind.CHECKED: "check",
    EventKind.FORWARDED: "forward",
    EventKind.APPROVED: "approve",
    EventKind.RETURNED: "return",
}


def step_number(number: int) -> Step:
    """The step of that number, 1 to 7."""
    return STEPS[number - 1]


def steps_of(kind: EventKind) -> tuple[Step, ...]:
    """The steps in which `kind` may happen: for `return`, the steps that examine what was handed on."""
    match kind:
        case EventKind.RETURNED:
            return STEPS[CHECK_STEP - 1 :]
        case EventKind.PULLED | EventKind.NOTED:
            return (step_number(WORK_STEP),)
        case _:
            return tuple(step for step in STEPS if step.kind is kind)
