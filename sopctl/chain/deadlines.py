"""When a step is due, by the SOP's standard times (Mutu Baku) and the office's working time.

Pure. Deadlines are computed whenever they are asked for, never stored.
"""

from datetime import datetime

from sopctl.chain.cycle import Cycle
from sopctl.chain.steps import MINUTES_OF_A_DAY, WORK_STEP, Step, step_number
from sopctl.chain.working_time import WorkingTime


def counted_from(cycle: Cycle) -> datetime:
    """From when the turn's standard time counts: Staf's month begins when the month to be examined is over."""
    return max(cycle.since, cycle.period_end) if cycle.next_step == WORK_STEP else cycle.since


def due_of(cycle: Cycle, working: WorkingTime) -> datetime | None:
    """When the step whose turn it is should be done; None where the cycle has ended."""
    if cycle.next_step is None:
        return None
    return due_after(step_number(cycle.next_step), counted_from(cycle), working)


def due_after(step: Step, begun: datetime, working: WorkingTime) -> datetime:
    """When `step` should be done if it began at `begun`: minutes count as working time, a day as a working day."""
    if step.standard_minutes is None:
        return working.after_month(begun)
    if step.standard_minutes == MINUTES_OF_A_DAY:
        return working.after_working_day(begun)
    return working.after_minutes(begun, step.standard_minutes)
