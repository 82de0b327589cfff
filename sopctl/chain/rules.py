"""What the SOP allows: whose turn it is, what must be there first, and the words of every refusal.

Pure. The same rules stop a command and, replayed by `verify`, find a ledger that broke them.
"""

from datetime import datetime, timedelta

from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import Actor, Draft, Event, EventKind
from sopctl.chain.payload import manual_of
from sopctl.chain.site import Site
from sopctl.chain.steps import COMMANDS, Step, step_number, steps_of
from sopctl.dates import moment_in_words
from sopctl.model import Position

OPEN_AHEAD = timedelta(days=31)
"""A cycle may be opened this long before its month begins; a mistyped year must not stay in the ledger for ever."""


def refusal_of(cycle: Cycle | None, draft: Draft, site: Site) -> Words | None:
    """Why `draft` may not follow `cycle`; None: it may. Consecutive steps are judged by same_person_as_last."""
    if draft.kind is EventKind.OPENED:
        return _refuse_opening(cycle, draft, site)
    if cycle is None:
        return no_cycle(draft.cycle, site)
    return _refuse_turn(cycle, draft, site) or _refuse_content(cycle, draft, site)


def refuse_clock(before: datetime | None, draft: Draft, site: Site) -> Words | None:
    """Why nothing may be recorded that would come before what it follows; terms and certificates rest on the order."""
    if before is None or draft.time.replace(microsecond=0) >= before:
        return None
    last, here = moment_in_words(before, site.zone), moment_in_words(draft.time, site.zone)
    return Words(
        f"Jam komputer ini ({here.id}) lebih awal dari kejadian terakhir ({last.id}). Betulkan jamnya, lalu ulangi.",
        f"This computer's clock ({here.en}) is before the last event ({last.en}). Set the clock, then repeat.",
    )


def no_cycle(name: str, site: Site) -> Words:
    """The words where cycle `name` (empty: any) is not there, with the command that opens it."""
    command = site.command(Position.SDM, f"open --period {name or 'YYYY-MM'}")
    of_period = f" {name}" if name else ""
    return Words(
        f"Belum ada siklus{of_period}. {site.titled(Position.SDM)} membukanya dengan:\n  {command}",
        f"There is no cycle{of_period} yet. {site.titled(Position.SDM)} opens it with:\n  {command}",
    )


def same_person_as_last(cycle: Cycle | None, draft: Draft | Event) -> bool:
    """Whether the actor is the person who gave the turn: the same official, NIP or login.

    The login counts because one who runs two officials' keys from it is one person; on paper it is the recorder's.
    """
    if cycle is None:
        return False
    last, actor = cycle.last_move.actor, draft.actor
    same_nip = bool(actor.official.nip) and actor.official.nip == last.official.nip
    on_paper = manual_of(draft.payload) is not None or manual_of(cycle.last_move.payload) is not None
    return actor.official.id == last.official.id or same_nip or (not on_paper and actor.os_user == last.os_user)


def refuse_same_person(cycle: Cycle, actor: Actor) -> Words:
    """The words for a step that the person of the step before may not take."""
    last = cycle.last_move.actor
    return Words(
        f"{actor.official.name} ({actor.official.id}, login {actor.os_user}) adalah orang yang sama dengan pelaku "
        f"langkah sebelumnya, {last.official.name} ({last.official.id}, login {last.os_user}).\n"
        "Dua langkah berurutan memerlukan dua orang. Jalankan dari login pejabat yang lain, atau izinkan dengan "
        "`allow_consecutive_steps: true` di sopctl.yml; setiap kejadian akan dicatat.",
        f"{actor.official.name} ({actor.official.id}, login {actor.os_user}) is the same person as the one who took "
        f"the step before, {last.official.name} ({last.official.id}, login {last.os_user}).\n"
        "Two steps in a row need two people. Run it from the other official's login, or allow it with "
        "`allow_consecutive_steps: true` in sopctl.yml; each time will be recorded.",
    )


def whose_turn(cycle: Cycle, site: Site) -> Words:
    """Whose turn it is, and with which command."""
    if cycle.next_step is None:
        return Words(
            f"Siklus {cycle.name} sudah selesai: disetujui. Laporannya:\n  {site.program} report --period {cycle.name}",
            f"Cycle {cycle.name} has ended: approved. Its report:\n  {site.program} report --period {cycle.name}",
        )
    step = step_number(cycle.next_step)
    commands = "\n  ".join(site.command(step.position, command, cycle.name) for command in next_commands(cycle, step))
    return Words(
        f"Sekarang giliran {site.titled(step.position)}, langkah {step.number}:\n  {commands}",
        f"It is the turn of {site.titled(step.position)}, step {step.number}:\n  {commands}",
    )


def next_commands(cycle: Cycle, step: Step) -> tuple[str, ...]:
    """The commands that can follow in `step`, the most useful first."""
    if step.kind is not EventKind.SUBMITTED:
        examined = step in steps_of(EventKind.RETURNED)
        return (step.command, "return --reason TEXT") if examined else (step.command,)
    if cycle.checklist is None:
        return ("pull",)
    missing = cycle.findings_without_note()
    note = f"note {missing[0]} --cause TEXT --action TEXT --follow-up TEXT" if missing else None
    return (note, "submit") if note else ("submit",)


def _refuse_opening(cycle: Cycle | None, draft: Draft, site: Site) -> Words | None:
    if draft.actor.official.position is not Position.SDM:
        return _wrong_position(draft, site, site.command(Position.SDM, f"open --period {draft.cycle}"))
    if cycle is not None:
        opener = cycle.done[1]
        when = moment_in_words(opener.time, site.zone)
        turn = whose_turn(cycle, site)
        return Words(
            f"Siklus {cycle.name} sudah dibuka oleh {opener.actor.official.name} pada {when.id}.\n{turn.id}",
            f"Cycle {cycle.name} was already opened by {opener.actor.official.name} on {when.en}.\n{turn.en}",
        )
    earliest = datetime.fromisoformat(draft.payload["period_start"]) - OPEN_AHEAD
    if draft.time < earliest:
        when = moment_in_words(earliest, site.zone)
        return Words(
            f"Periode {draft.cycle} masih jauh; siklusnya dapat dibuka mulai {when.id}. Periksa kembali --period.",
            f"Period {draft.cycle} is far ahead; its cycle can be opened from {when.en}. Check --period.",
        )
    return None


def _refuse_turn(cycle: Cycle, draft: Draft, site: Site) -> Words | None:
    position = draft.actor.official.position
    turn = whose_turn(cycle, site)
    command = COMMANDS[draft.kind]
    mine = [step for step in steps_of(draft.kind) if step.position is position]
    if not mine:
        return _wrong_position(draft, site, None, turn)
    if cycle.next_step in {step.number for step in mine}:
        return None
    step = max(mine, key=lambda step: step.number)
    if cycle.next_step is not None and cycle.next_step < step.number:
        return Words(
            f"`{command}` belum dapat dilakukan: langkah {step.number} belum tiba.\n{turn.id}",
            f"`{command}` cannot be done yet: step {step.number} has not come.\n{turn.en}",
        )
    doer = cycle.done[step.number]
    when = moment_in_words(doer.time, site.zone)
    return Words(
        f"Langkah {step.number} sudah selesai: dilakukan oleh {doer.actor.official.name} pada {when.id}.\n{turn.id}",
        f"Step {step.number} is already done: by {doer.actor.official.name} on {when.en}.\n{turn.en}",
    )


def _wrong_position(draft: Draft, site: Site, command: str | None, turn: Words | None = None) -> Words:
    allowed = dict.fromkeys(step.position for step in steps_of(draft.kind))
    acting = site.titled(draft.actor.official.position)
    doers_id = " atau ".join(site.titled(position) for position in allowed)
    doers_en = " or ".join(site.titled(position) for position in allowed)
    tail_id = turn.id if turn else f"Perintahnya:\n  {command}"
    tail_en = turn.en if turn else f"The command:\n  {command}"
    return Words(
        f"`{COMMANDS[draft.kind]}` dilakukan oleh {doers_id}; "
        f"Anda bertindak sebagai {draft.actor.official.id}, {acting}.\n{tail_id}",
        f"`{COMMANDS[draft.kind]}` is done by {doers_en}; you act as {draft.actor.official.id}, {acting}.\n{tail_en}",
    )


def _refuse_content(cycle: Cycle, draft: Draft, site: Site) -> Words | None:
    pull = site.command(Position.STAF, "pull", cycle.name)
    match draft.kind:
        case EventKind.PULLED | EventKind.SUBMITTED if draft.time < cycle.period_end:
            end = moment_in_words(cycle.period_end, site.zone)
            return Words(
                f"Periode {cycle.name} belum berakhir; `{COMMANDS[draft.kind]}` dapat dilakukan mulai {end.id}.",
                f"Period {cycle.name} is not over; `{COMMANDS[draft.kind]}` can be done from {end.en}.",
            )
        case EventKind.SUBMITTED | EventKind.NOTED if cycle.checklist is None:
            return Words(
                f"Data bulan {cycle.name} belum ditarik; tarik dahulu dengan:\n  {pull}",
                f"The data of {cycle.name} has not been pulled; pull it first with:\n  {pull}",
            )
        case EventKind.NOTED if cycle.checklist and draft.payload["finding"] not in cycle.checklist.findings:
            known = ", ".join(cycle.checklist.findings)
            return Words(
                f"Temuan {draft.payload['finding']} tidak ada. "
                + (f"Yang ada: {known}." if known else "Bulan ini tidak ada temuan."),
                f"There is no finding {draft.payload['finding']}. "
                + (f"There are: {known}." if known else "There are none this month."),
            )
        case _:
            return None
