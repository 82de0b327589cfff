"""How a command takes a step of the SOP: as whom, in which cycle, with which signature and paper, and what it tells.

Owns what all steps share. Imported only by commands that record: those that only look need none of it.
"""

from collections.abc import Sequence
from dataclasses import replace

from dcnet.bilingual_click import say
from dcnet.language import Words
from sopctl.chain.cycle import Cycle, fold
from sopctl.chain.event import Draft, EventKind, Payload
from sopctl.chain.payload import SAME_PERSON
from sopctl.chain.rules import refusal_of, whose_turn
from sopctl.chain.site import Site
from sopctl.chain.steps import COMMANDS, WORK_STEP, step_number
from sopctl.commands.acting import Acting, Paper, keep_scan, recorder_of
from sopctl.commands.metrics import publish_metrics
from sopctl.commands.session import Session
from sopctl.dates import moment_in_words
from sopctl.errors import Refused
from sopctl.workflow.paper_trail import WITH_PAPER
from sopctl.workflow.take_step import Taken, Work, take_step


def no_work(_cycle: Cycle | None) -> Payload:
    """The work of a step that needs none."""
    return {}


def take(
    session: Session,
    kind: EventKind,
    period: str | None,
    payload: Payload,
    work: Work = no_work,
    *,
    paper: Paper | None = None,
) -> Taken:
    """Take a step of the SOP as the official who runs the command, or record one taken on `paper`.

    Raises SopctlError.
    """
    acting = Acting.of(session.settings, session.acting, session.clock())
    deciding = acting
    if paper is not None:
        deciding = acting.on_behalf_of(paper.official)
        payload = {**payload, "manual": {"recorded_by": recorder_of(acting)}}
    drafts = [Draft("", kind, acting.time, actor, payload) for actor in deciding.actors()]
    draft = _choose(session, drafts, period)
    # Whatever a killed run left half written goes when the next one comes to write.
    session.files.clean()

    # Loading what signs takes longer than most commands take altogether.
    from sopctl.commands.signing import judge_of, signing_as  # noqa: PLC0415

    with signing_as(session.settings, acting.official, acting.time) as key:

        def whole_work(cycle: Cycle | None) -> Payload:
            done = work(cycle)
            if paper is not None:
                scan = keep_scan(session.files, paper.scan)
                return {**done, "manual": {"recorded_by": recorder_of(acting), "scan": scan}}
            if key is None or kind not in WITH_PAPER:
                return done
            from sopctl.commands.papers import paper_of  # noqa: PLC0415  # as above

            make = paper_of(session.settings, session.files, acting.official, key.documents())
            newest = cycle.head if cycle else session.ledger.newest().hash
            return {**done, **make(cycle, replace(draft, payload={**payload, **done}), newest)}

        taken = take_step(
            session.ledger,
            draft,
            session.site,
            allow_same_person=session.settings.allow_consecutive_steps,
            work=whole_work,
            judge=judge_of(session.settings),
            sign=key.sign if key else None,
        )
    publish_metrics(session)
    return taken


def tell_step(taken: Taken, site: Site, done: Words | None = None) -> None:
    """What was done and what comes next. `done` replaces the words of a plain step."""
    if done is None:
        step = step_number(taken.before.next_step or 1) if taken.before else step_number(1)
        done = Words(
            f"Langkah {step.number} selesai: {step.title.id}, siklus {taken.after.name}.",
            f"Step {step.number} is done: {step.title.en}, cycle {taken.after.name}.",
        )
    say(done)
    if taken.event.payload.get(SAME_PERSON):
        say(
            Words(
                "Dicatat: orang yang sama mengambil dua langkah berurutan (diizinkan oleh sopctl.yml).",
                "Recorded: the same person took two steps in a row (allowed by sopctl.yml).",
            )
        )
    say(whose_turn(taken.after, site))
    if taken.after.next_step == WORK_STEP and taken.event.time < taken.after.period_end:
        begins = moment_in_words(taken.after.period_end, site.zone)
        say(
            Words(
                f"Data dapat ditarik setelah bulannya berakhir: mulai {begins.id}.",
                f"The data can be pulled once the month is over: from {begins.en}.",
            )
        )


def _choose(session: Session, drafts: Sequence[Draft], period: str | None) -> Draft:
    """Whoever stands in several positions acts in the first in which the step is allowed."""
    site = session.site
    placed = [
        replace(draft, cycle=_cycle_for(session, draft) if period is None else session.cycle_name(period))
        for draft in drafts
    ]
    able = [draft for draft in placed if refusal_of(fold(session.ledger.events(draft.cycle)), draft, site) is None]
    return (able or placed)[0]


def _cycle_for(session: Session, draft: Draft) -> str:
    """The cycle that a step without --period is about. Raises Refused where more than one could take it."""
    site = session.site
    able = [name for name in site.open_cycles if refusal_of(session.cycle(name), draft, site) is None]
    if len(able) > 1:
        command = f"{COMMANDS[draft.kind]} … --period"
        raise Refused(
            Words(
                f"`{COMMANDS[draft.kind]}` dapat mengenai siklus {' atau '.join(able)}. Sebutkan yang mana:\n  "
                + "\n  ".join(f"{site.program} --as {draft.actor.official.id} {command} {name}" for name in able),
                f"`{COMMANDS[draft.kind]}` could be about cycle {' or '.join(able)}. Say which one:\n  "
                + "\n  ".join(f"{site.program} --as {draft.actor.official.id} {command} {name}" for name in able),
            )
        )
    return able[0] if able else session.cycle_name(None)
