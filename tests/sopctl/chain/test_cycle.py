"""The state of a cycle, folded from a real ledger's events."""

from dataclasses import replace
from typing import Any

import pytest

from sopctl.chain.event import EventKind
from sopctl.evidence import Finding

K = EventKind


def test_seven_steps_end_approved(walk: Any) -> None:
    """The plain walk stands as seven done steps with the SOP's standard times."""
    cycle = walk.until(8).cycle
    assert cycle.approved
    assert cycle.revision == 1
    records = cycle.step_records()
    assert [record.number for record in records] == [1, 2, 3, 4, 5, 6, 7]
    assert [record.standard_minutes for record in records] == [10, 10, 10, None, 1440, 30, 10]
    assert [record.official.id for record in records if record.official] == [
        "sekretaris",
        "kabag",
        "kasubag",
        "staf",
        "kasubag",
        "kabag",
        "sekretaris",
    ]
    assert all(record.event_hash and record.done_at for record in records)


@pytest.mark.parametrize(("step", "who", "back_to"), [(5, "kasubag", 4), (6, "kabag", 5), (7, "sekretaris", 6)])
def test_a_return_goes_one_step_back_and_opens_a_revision(walk: Any, step: int, who: str, back_to: int) -> None:
    """The step returned to is open again, what came before it stands, notes and checklist are kept."""
    walk.until(step).act(who, K.RETURNED)
    cycle = walk.cycle
    assert cycle.next_step == back_to
    assert cycle.revision == 2
    assert sorted(cycle.done) == list(range(1, back_to))
    assert cycle.checklist is not None
    assert list(cycle.notes_by_finding()) == ["F01"]


def test_a_returned_cycle_can_be_finished(walk: Any) -> None:
    """Returned three times down to Staf, the cycle is submitted, checked, forwarded and approved anew."""
    walk.until(7)
    walk.act("sekretaris", K.RETURNED)
    walk.act("kabag", K.RETURNED)
    walk.act("kasubag", K.RETURNED)
    assert walk.cycle.next_step == 4
    walk.act("staf", K.SUBMITTED)
    walk.act("kasubag", K.CHECKED, conclusion="Sudah diperbaiki")
    walk.act("kabag", K.FORWARDED)
    walk.act("sekretaris", K.APPROVED)
    assert walk.cycle.approved
    assert walk.cycle.revision == 4
    assert walk.cycle.checked.payload["conclusion"] == "Sudah diperbaiki"


def test_a_second_pull_keeps_notes_with_what_they_are_about(walk: Any) -> None:
    """When findings are numbered anew, a note follows its object and indicator, not its number."""
    walk.until(4).act("staf", K.PULLED)
    first = walk.cycle.checklist.file
    walk.act("staf", K.NOTED, finding="F02", cause="Konektor kotor")
    only = walk.checklist.findings[1]
    walk.checklist = replace(walk.checklist, findings=(Finding("F01", only.row),))
    walk.act("staf", K.PULLED)
    cycle = walk.cycle
    assert cycle.pulls == 2
    assert cycle.checklist.file != first
    assert walk.files.problem_of(first) is None
    assert cycle.notes_by_finding()["F01"].cause == "Konektor kotor"
    assert cycle.findings_without_note() == ()


def test_a_note_of_a_finding_that_went_is_not_lost(walk: Any) -> None:
    """A pull without the finding hides its note from the report; a later pull with it shows the note again."""
    walk.until(4).act("staf", K.PULLED)
    walk.act("staf", K.NOTED)
    whole = walk.checklist
    walk.checklist = replace(whole, findings=())
    walk.act("staf", K.PULLED)
    assert walk.cycle.notes_by_finding() == {}
    assert len(walk.cycle.notes) == 1
    walk.checklist = whole
    walk.act("staf", K.PULLED)
    assert list(walk.cycle.notes_by_finding()) == ["F01"]


def test_the_newer_note_counts(walk: Any) -> None:
    """Two notes on one finding: the report shows the second, the ledger has both."""
    walk.until(4).act("staf", K.PULLED)
    walk.act("staf", K.NOTED, cause="dugaan")
    walk.act("staf", K.NOTED, cause="pasti")
    assert walk.cycle.notes_by_finding()["F01"].cause == "pasti"
    assert [event.payload["cause"] for event in walk.ledger.events("2024-10") if event.kind is K.NOTED] == [
        "dugaan",
        "pasti",
    ]
