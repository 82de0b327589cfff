"""A whole walk through the SOP whose every paper is signed, without ledger and commands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dcnet.catalogue import load_catalogue
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.paper_verification import paper_problems
from sopctl.adapters.papers import PaperDesk, make_paper
from sopctl.adapters.pdf_signing import LocalSigner, TimestampSource
from sopctl.adapters.pdf_verification import SignedDocuments
from sopctl.adapters.trust import TrustAnchors
from sopctl.chain.cycle import Cycle, fold
from sopctl.chain.event import NO_EVENT, Actor, Draft, Event, EventKind, Payload, seal
from sopctl.checklist.serialise import checklist_to_json
from sopctl.evidence import Checklist, SignatureKind
from sopctl.model import Official, Position
from sopctl.settings import Settings
from tests.sopctl.report.identities import Authority, Holder

STEPS: tuple[tuple[EventKind, Position], ...] = (
    (EventKind.OPENED, Position.SDM),
    (EventKind.ASSIGNED, Position.KABAG),
    (EventKind.ASSIGNED, Position.KASUBAG),
    (EventKind.PULLED, Position.STAF),
    (EventKind.SUBMITTED, Position.STAF),
    (EventKind.CHECKED, Position.KASUBAG),
    (EventKind.FORWARDED, Position.KABAG),
    (EventKind.APPROVED, Position.SDM),
)


@dataclass
class SignedWalk:
    """Events with their papers, and what they are judged by."""

    settings: Settings
    files: ContentFiles
    authority: Authority
    officials: Mapping[Position, Official]
    holders: dict[str, Holder]
    events: list[Event]
    timestamps: TimestampSource | None = None

    def take(self, kind: EventKind, position: Position, payload: Payload, signer: Holder | None = None) -> Event:
        """Take a step; `signer` signs in place of the official's own key."""
        cycle: Cycle | None = fold(self.events)
        official = self.officials[position]
        at = datetime(2026, 11, 3, 2, 0, tzinfo=UTC) + timedelta(minutes=7 * len(self.events))
        draft = Draft("2026-10", kind, at, Actor(official, self.settings.positions.of(position), "uji"), payload)
        newest = cycle.head if cycle else NO_EVENT
        desk = PaperDesk(
            settings=self.settings,
            catalogue=load_catalogue(),
            files=self.files,
            signer=LocalSigner((signer or self.holders[official.id]).signer(), self.timestamps),
            kind=SignatureKind.ARCHIVAL if self.timestamps else SignatureKind.WITHOUT_TIMESTAMP,
            issued_by_bsre=False,
            due_of=lambda taken: taken.since + timedelta(days=1),
        )
        papers = make_paper(desk, cycle, draft, newest)
        event = seal(replace(draft, payload={**payload, **papers}), len(self.events) + 1, newest)
        self.events.append(event)
        return event

    def walk(self, checklist: Checklist, until: int = len(STEPS)) -> None:
        """Take the first `until` steps."""
        kept = self.files.put(checklist_to_json(checklist).encode())
        start, end = checklist.period.start.isoformat(), checklist.period.end.isoformat()
        found = [{"id": one.id, "object": one.row.object, "indicator": one.row.indicator} for one in checklist.findings]
        payloads: dict[EventKind, Payload] = {
            EventKind.OPENED: {
                "instruction": "Laksanakan.",
                "period_start": start,
                "period_end": end,
                "number_in_year": 10,
            },
            EventKind.ASSIGNED: {"instruction": "Teruskan.\nPerhatikan tautan isp-a."},
            EventKind.PULLED: {"checklist": kept, "findings": found, "warnings": 0},
            EventKind.SUBMITTED: {"checklist": kept},
            EventKind.CHECKED: {"conclusion": "Baik.", "suggestion": "Lanjutkan.", "number": "10/X", "report": kept},
            EventKind.FORWARDED: {"report": kept},
            EventKind.APPROVED: {"report": kept},
        }
        for kind, position in STEPS[:until]:
            self.take(kind, position, payloads[kind])

    def pdf(self, step: int) -> bytes:
        """The paper of the event of that place in STEPS."""
        document, *_sheet = self.events[step].payload["documents"]
        return self.files.read(document["sha256"])

    def trust(self, revocation_lists: tuple[bytes, ...] = ()) -> TrustAnchors:
        """Everyone's own certificate, pinned."""
        return TrustAnchors(
            time_zone="Asia/Jakarta",
            titles={},
            terms={},
            recorders=frozenset(),
            pins={official: (holder.der,) for official, holder in self.holders.items()},
            authorities=(self.authority.der,),
            revocation_lists=revocation_lists,
            signed_since=None,
        )

    def problems(self, trust: TrustAnchors | None = None) -> list[str]:
        """What verification says, in English."""
        judge = SignedDocuments(trust or self.trust())
        return [words.en for _sequence, words in paper_problems(self.events, self.files, judge)]


def new_walk(settings: Settings, officials: Mapping[Position, Official], folder: Path) -> SignedWalk:
    """Nothing taken yet; everyone has a key of one authority."""
    authority = Authority()
    holders = {official.id: authority.official(official.name) for official in officials.values()}
    return SignedWalk(settings, ContentFiles(folder), authority, officials, holders, [])
