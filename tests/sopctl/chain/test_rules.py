"""The SOP's rules, on a real ledger."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dcnet.language import Language, Words
from sopctl.chain.event import Draft, EventKind
from sopctl.errors import Refused

K = EventKind
PULLED = {"checklist": "0" * 64, "findings": [], "rows": 0, "warnings": 0}
REFUSALS: tuple[Any, ...] = (
    # step before, who, what, what is told
    pytest.param(
        1, "kabag", K.ASSIGNED, Words("Belum ada siklus 2024-10.", "There is no cycle 2024-10 yet."), id="none"
    ),
    pytest.param(1, "kabag", K.OPENED, Words("`open` dilakukan oleh Sekretaris", "`open` is done by"), id="open-kabag"),
    pytest.param(
        2, "sekretaris", K.OPENED, Words("sudah dibuka oleh Nama sekretaris", "already opened"), id="open-twice"
    ),
    pytest.param(2, "staf", K.ASSIGNED, Words("`assign` dilakukan oleh Kepala Bagian", "is done by"), id="assign-staf"),
    pytest.param(2, "kasubag", K.ASSIGNED, Words("langkah 3 belum tiba", "step 3 has not come"), id="assign-early"),
    pytest.param(3, "kabag", K.ASSIGNED, Words("Langkah 2 sudah selesai", "Step 2 is already done"), id="assign-twice"),
    pytest.param(3, "staf", K.PULLED, Words("langkah 4 belum tiba", "step 4 has not come"), id="pull-early"),
    pytest.param(4, "kasubag", K.PULLED, Words("`pull` dilakukan oleh Staf", "`pull` is done by"), id="pull-kasubag"),
    pytest.param(4, "staf", K.SUBMITTED, Words("belum ditarik", "has not been pulled"), id="submit-without-pull"),
    pytest.param(4, "staf", K.NOTED, Words("belum ditarik", "has not been pulled"), id="note-without-pull"),
    pytest.param(4, "kasubag", K.RETURNED, Words("langkah 5 belum tiba", "step 5 has not come"), id="return-early"),
    pytest.param(5, "staf", K.SUBMITTED, Words("Langkah 4 sudah selesai", "Step 4 is already done"), id="submit-twice"),
    pytest.param(5, "staf", K.PULLED, Words("Langkah 4 sudah selesai", "Step 4 is already done"), id="pull-late"),
    pytest.param(
        5, "staf", K.CHECKED, Words("`check` dilakukan oleh Kepala Sub", "`check` is done by"), id="check-staf"
    ),
    pytest.param(5, "kabag", K.FORWARDED, Words("langkah 6 belum tiba", "step 6 has not come"), id="forward-early"),
    pytest.param(5, "staf", K.RETURNED, Words("`return` dilakukan oleh", "`return` is done by"), id="return-staf"),
    pytest.param(6, "kasubag", K.CHECKED, Words("Langkah 5 sudah selesai", "Step 5 is already done"), id="check-twice"),
    pytest.param(
        6, "kasubag", K.RETURNED, Words("Langkah 5 sudah selesai", "Step 5 is already done"), id="return-late"
    ),
    pytest.param(6, "sekretaris", K.APPROVED, Words("langkah 7 belum tiba", "step 7 has not come"), id="approve-early"),
    pytest.param(7, "kabag", K.APPROVED, Words("`approve` dilakukan oleh", "`approve` is done by"), id="approve-kabag"),
    pytest.param(
        8, "sekretaris", K.APPROVED, Words("Langkah 7 sudah selesai", "Step 7 is already done"), id="approve-twice"
    ),
    pytest.param(
        8, "sekretaris", K.RETURNED, Words("sudah selesai: disetujui", "has ended: approved"), id="return-ended"
    ),
)


@pytest.mark.parametrize(("before", "who", "kind", "told"), REFUSALS)
def test_a_step_out_of_turn_is_refused_and_records_nothing(
    walk: Any, before: int, who: str, kind: EventKind, told: Words
) -> None:
    """Whatever is not the SOP's next step is refused in both languages, and the ledger stays as it was."""
    walk.until(before)
    stored = walk.ledger.stored()
    with pytest.raises(Refused) as refused:
        walk.act(who, kind)
    for language in Language:
        assert told.in_language(language) in refused.value.in_language(language)
    assert walk.ledger.stored() == stored


@pytest.mark.parametrize("before", range(1, 8))
def test_a_refusal_says_whose_turn_it_is_with_the_command(walk: Any, before: int) -> None:
    """Anyone who tries anything out of turn learns who acts now and how."""
    acting, kind, command = {
        1: ("kabag", K.FORWARDED, "sopctl --as sekretaris open --period 2024-10"),
        2: ("sekretaris", K.APPROVED, "sopctl --as kabag assign"),
        3: ("sekretaris", K.APPROVED, "sopctl --as kasubag assign"),
        4: ("sekretaris", K.APPROVED, "sopctl --as staf pull"),
        5: ("sekretaris", K.APPROVED, "sopctl --as kasubag check --conclusion TEXT --suggestion TEXT"),
        6: ("sekretaris", K.APPROVED, "sopctl --as kabag forward"),
        7: ("kabag", K.FORWARDED, "sopctl --as sekretaris approve"),
    }[before]
    walk.until(before)
    with pytest.raises(Refused) as refused:
        walk.act(acting, kind)
    for language in Language:
        assert command in refused.value.in_language(language)


@pytest.mark.parametrize("kind", [K.PULLED, K.SUBMITTED])
def test_a_month_that_is_not_over_is_not_judged(walk: Any, kind: EventKind) -> None:
    """One second before midnight in Jakarta the month still runs; at midnight it may be pulled."""
    walk.time = datetime(2024, 10, 20, 2, tzinfo=UTC)
    walk.until(4)
    if kind is K.SUBMITTED:
        actor = replace(walk.cycle.last_move.actor, official=replace(walk.cycle.last_move.actor.official, id="staf"))
        walk.record(Draft("2024-10", K.PULLED, walk.time, actor, PULLED))
    walk.time = datetime(2024, 10, 31, 16, 58, 59, tzinfo=UTC)
    with pytest.raises(Refused, match="Period 2024-10 is not over"):
        walk.act("staf", kind)
    walk.time = datetime(2024, 10, 31, 16, 59, tzinfo=UTC)
    assert walk.act("staf", kind).event.kind is kind


def test_a_mistyped_year_opens_no_cycle(walk: Any) -> None:
    """A cycle cannot be opened years ahead, for no command could take it away again."""
    with pytest.raises(Refused, match="far ahead"):
        walk.act("sekretaris", K.OPENED, month="2042-10")


def test_a_note_names_a_finding_that_is_there(walk: Any) -> None:
    """An unknown finding is refused with the list of known ones."""
    walk.until(4).act("staf", K.PULLED)
    with pytest.raises(Refused, match=r"There is no finding F09. There are: F01, F02\."):
        walk.act("staf", K.NOTED, finding="F09")


@pytest.mark.parametrize(("step", "who", "kind"), [(2, "kabag", K.ASSIGNED), (5, "kasubag", K.CHECKED)])
def test_one_login_does_not_take_two_steps_in_a_row(walk: Any, step: int, who: str, kind: EventKind) -> None:
    """The same login behind two officials is one person; the step is refused, or recorded where allowed."""
    walk.until(step)
    walk.logins[who] = walk.cycle.last_move.actor.os_user
    with pytest.raises(Refused, match="Two steps in a row need two people"):
        walk.act(who, kind)
    walk.allow_same_person = True
    assert walk.act(who, kind).event.payload["same_person_as_last"] is True


def test_a_step_by_another_person_carries_no_mark(walk: Any) -> None:
    """Allowing consecutive steps marks only those that were taken by one person."""
    walk.allow_same_person = True
    walk.until(3)
    assert "same_person_as_last" not in walk.cycle.last_move.payload
