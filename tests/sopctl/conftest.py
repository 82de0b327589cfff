"""What the tests of the approval chain share: a checklist, a site, a walk on a real ledger, the command line."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.signers import SimpleSigner

from dcnet.catalogue import Component
from sopctl.adapters.demo_identities import DemoAuthority, as_pkcs12
from sopctl.adapters.event_signature import Judge, sign_bytes
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.adapters.trust import TrustAnchors
from sopctl.chain.cycle import Cycle, fold
from sopctl.chain.event import Actor, Draft, Event, EventKind, Sign, canonical_json, seal
from sopctl.chain.roster import Term
from sopctl.chain.site import Site
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.serialise import checklist_to_json
from sopctl.cli import main
from sopctl.evidence import Checklist, ChecklistRow, Finding, InventoryObject, Status
from sopctl.model import Capacity, Official, Position
from sopctl.workflow.take_step import Taken, take_step
from sopctl.workflow.verify_ledger import verify_ledger

JAKARTA = ZoneInfo("Asia/Jakarta")
MONTH = "2024-10"
"""Long over, whatever the day on which the tests run."""

SOPCTL = (sys.executable, "-c", "from sopctl.cli import main; main(prog_name='sopctl')")
OFFICIALS = {"sekretaris": Position.SDM, "kabag": Position.KABAG, "kasubag": Position.KASUBAG, "staf": Position.STAF}


def _row(name: str, indicator: str, status: Status, value: float | None) -> ChecklistRow:
    degraded = status in {Status.DEGRADED, Status.CRITICAL}
    return ChecklistRow(
        object=name,
        device=name.partition(":")[0],
        component=Component.INTERFACE if ":" in name else Component.DEVICE,
        indicator=indicator,
        status=status,
        value=value,
        previous_value=None,
        warning_limit=0.999,
        critical_limit=0.99,
        coverage=1.0,
        degraded_minutes=90 if degraded else 0,
        critical_minutes=0,
        planned_minutes=0,
        unknown_minutes=0,
        incidents=(),
    )


@pytest.fixture
def checklist() -> Checklist:
    """Two devices, three rows, two findings."""
    return a_checklist()


def a_checklist() -> Checklist:
    """What the fixture gives, for processes of their own."""
    critical = _row("core-1", "device_availability", Status.CRITICAL, 0.95)
    degraded = _row("core-1:ge-0/0/1", "interface_errors", Status.DEGRADED, 0.002)
    return Checklist(
        period=parse_month(MONTH, JAKARTA),
        pulled_at=datetime(2024, 11, 1, 9, tzinfo=JAKARTA),
        source="http://127.0.0.1:9090",
        objects=(
            InventoryObject("core-1", Component.DEVICE, "dc-migas", "core_switch", ""),
            InventoryObject("core-2", Component.DEVICE, "dc-migas", "core_switch", ""),
        ),
        rows=(critical, degraded, _row("core-2", "device_availability", Status.GOOD, 1.0)),
        findings=(Finding("F01", critical), Finding("F02", degraded)),
        warnings=(),
    )


@pytest.fixture
def site() -> Site:
    """The site of the walks: one official a position."""
    return a_site()


def a_site() -> Site:
    """What the fixture gives, for processes of their own."""
    return Site(
        zone=JAKARTA,
        titles={
            Position.SDM: "Sekretaris Direktorat Jenderal",
            Position.KABAG: "Kepala Bagian",
            Position.KASUBAG: "Kepala Sub Bagian",
            Position.STAF: "Staf",
        },
        officials={position: (identity,) for identity, position in OFFICIALS.items()},
    )


def trust_of(pins: Mapping[str, tuple[bytes, ...]], **more: Any) -> TrustAnchors:
    """The trust of the walks' site: its four officials, with these pinned certificates."""
    plain: dict[str, Any] = {
        "time_zone": "Asia/Jakarta",
        "titles": {position: position.value for position in Position},
        "terms": {
            identity: (Term(position, Capacity.HOLDER, None, None, ""),) for identity, position in OFFICIALS.items()
        },
        "recorders": frozenset(),
        "pins": pins,
        "authorities": (),
        "revocation_lists": (),
        "signed_since": None,
    }
    return TrustAnchors(**(plain | more))


@dataclass
class Walk:
    """Steps on a real ledger, each by its own person; the time is passed in and grows by a minute a step."""

    ledger: Ledger
    files: ContentFiles
    site: Site
    checklist: Checklist
    time: datetime = datetime(2024, 11, 4, 2, tzinfo=UTC)
    allow_same_person: bool = False
    logins: dict[str, str] = field(default_factory=dict)
    trust: TrustAnchors = field(default_factory=lambda: trust_of({}))
    keys: Mapping[str, Sign] = field(default_factory=dict)
    """What signs for each official; without one he acts by login."""

    def act(self, identity: str, kind: EventKind, month: str = MONTH, **payload: Any) -> Taken:
        """Take one step with everything that it needs, unless `payload` says otherwise."""
        self.time += timedelta(minutes=1)
        position = OFFICIALS[identity]
        actor = Actor(
            Official(identity, f"Nama {identity}", "", position),
            self.site.titles[position],
            self.logins.get(identity, f"login-{identity}"),
        )
        draft = Draft(month, kind, self.time, actor, {**self._needs(kind, month), **payload})

        def work(cycle: Cycle | None) -> Mapping[str, Any]:
            return self._made(kind, cycle, draft.payload)

        return take_step(
            self.ledger,
            draft,
            self.site,
            allow_same_person=self.allow_same_person,
            work=work,
            judge=self.judge,
            sign=self.keys.get(identity),
        )

    @property
    def judge(self) -> Judge:
        """Who may act, and with which key."""
        return Judge(self.trust)

    def record(self, draft: Draft) -> Event:
        """Put an event in the ledger that nobody judged, well hashed and well chained."""
        cycle = self.cycle
        event = seal(draft, cycle.version + 1, cycle.head)
        self.ledger.append(event)
        return event

    def problems(self) -> list[str]:
        """What verify says."""
        return [one.en for one in verify_ledger(self.ledger, self.files, self.site, self.judge).problems]

    def until(self, step: int) -> "Walk":
        """Take every step before `step`."""
        for number, moves in enumerate(PLAIN_WALK, start=1):
            if number < step:
                for identity, kind in moves:
                    self.act(identity, kind)
        return self

    @property
    def cycle(self) -> Cycle:
        """The cycle as the ledger has it now."""
        cycle = fold(self.ledger.events(MONTH))
        assert cycle is not None
        return cycle

    def _needs(self, kind: EventKind, month: str) -> dict[str, Any]:
        period = parse_month(month, JAKARTA)
        match kind:
            case EventKind.OPENED:
                return {
                    "instruction": "Laksanakan",
                    "period_start": period.start.isoformat(),
                    "period_end": period.end.isoformat(),
                    "time_zone": "Asia/Jakarta",
                }
            case EventKind.ASSIGNED:
                return {"instruction": ""}
            case EventKind.NOTED:
                return {"finding": "F01", "cause": "kabel", "action": "ganti", "follow_up": "amati"}
            case EventKind.CHECKED:
                return {"conclusion": "Baik", "suggestion": "Tambah cadangan", "number": "001/LPKS"}
            case EventKind.RETURNED:
                return {"reason": "Lengkapi"}
            case _:
                return {}

    def _made(self, kind: EventKind, cycle: Cycle | None, payload: Mapping[str, Any]) -> dict[str, Any]:
        match kind:
            case EventKind.OPENED:
                return {"number_in_year": 1}
            case EventKind.PULLED:
                return {
                    "checklist": self.files.put(checklist_to_json(self.checklist).encode()),
                    "findings": [
                        {"id": one.id, "object": one.row.object, "indicator": one.row.indicator}
                        for one in self.checklist.findings
                    ],
                    "rows": len(self.checklist.rows),
                    "warnings": 0,
                }
            case EventKind.NOTED:
                assert cycle is not None
                assert cycle.checklist is not None
                about, indicator = cycle.checklist.findings[payload["finding"]]
                return {"object": about, "indicator": indicator, "evidence": []}
            case EventKind.SUBMITTED:
                assert cycle is not None
                assert cycle.checklist is not None
                return {"checklist": cycle.checklist.file, "without_note": []}
            case EventKind.CHECKED:
                return {"report": self.files.put(canonical_json(dict(payload)))}
            case EventKind.FORWARDED | EventKind.APPROVED:
                assert cycle is not None
                assert cycle.checked is not None
                return {"report": cycle.checked.payload["report"]}
            case _:
                return {}


PLAIN_WALK = (
    (("sekretaris", EventKind.OPENED),),
    (("kabag", EventKind.ASSIGNED),),
    (("kasubag", EventKind.ASSIGNED),),
    (("staf", EventKind.PULLED), ("staf", EventKind.NOTED), ("staf", EventKind.SUBMITTED)),
    (("kasubag", EventKind.CHECKED),),
    (("kabag", EventKind.FORWARDED),),
    (("sekretaris", EventKind.APPROVED),),
)


@pytest.fixture
def walk(tmp_path: Path, site: Site, checklist: Checklist) -> Iterator[Walk]:
    """An empty ledger in SQLite, ready to be walked."""
    store = tmp_path / "store"
    ledger = Ledger.create(store)
    yield Walk(ledger, ContentFiles(store), site, checklist)
    ledger.close()


CERTIFIED_FROM = datetime(2024, 1, 1, tzinfo=UTC)


def key_of(authority: DemoAuthority, identity: str, **more: Any) -> tuple[Sign, bytes]:
    """What signs as `identity`, and the certificate (DER)."""
    key, certificate = authority.issue(f"Nama {identity}", CERTIFIED_FROM, **more)
    signer = SimpleSigner.load_pkcs12_data(as_pkcs12(authority, key, certificate, b"x"), [], b"x")
    assert signer is not None
    return (lambda body: sign_bytes(signer, body, identity)), certificate.public_bytes(Encoding.DER)


def give_keys(walk: Walk) -> DemoAuthority:
    """Give every official of `walk` a key, pinned and issued by the authority that comes back."""
    authority = DemoAuthority.make(CERTIFIED_FROM)
    made = {identity: key_of(authority, identity) for identity in OFFICIALS}
    walk.keys = {identity: sign for identity, (sign, _der) in made.items()}
    walk.trust = trust_of(
        {identity: (der,) for identity, (_sign, der) in made.items()},
        authorities=(authority.certificate.public_bytes(Encoding.DER),),
        revocation_lists=(authority.revocation_list(CERTIFIED_FROM).public_bytes(Encoding.DER),),
        signed_since=CERTIFIED_FROM.date(),
    )
    return authority


@pytest.fixture
def signed_walk(walk: Walk) -> Walk:
    """A walk whose officials all hold keys, on a site where every step must be signed."""
    give_keys(walk)
    return walk


@dataclass(frozen=True)
class CommandLine:
    """sopctl in a folder of its own, made by `sopctl init`, where one login may take all steps."""

    folder: Path

    @property
    def settings(self) -> Path:
        """Its sopctl.yml."""
        return self.folder / "sopctl.yml"

    @property
    def store(self) -> Path:
        """Its store."""
        return self.folder / "store"

    def run(self, *arguments: str, language: str = "id") -> Result:
        """Run in this process, as fast as a function."""
        environment = {"SOPCTL_CONFIG": str(self.settings), "DCNET_LANG": language, "SOPCTL_AS": None}
        return CliRunner().invoke(main, arguments, prog_name="sopctl", env=environment)

    def done(self, *arguments: str, language: str = "id") -> str:
        """Run, expect success, give what was printed."""
        result = self.run(*arguments, language=language)
        assert result.exit_code == 0, result.output
        return result.output

    def start(self, *arguments: str, **settings: Any) -> "subprocess.Popen[bytes]":
        """Start a process of its own."""
        return subprocess.Popen([*SOPCTL, "--config", str(self.settings), *arguments], **settings)

    def change(self, old: str, new: str) -> None:
        """Replace text in sopctl.yml."""
        text = self.settings.read_text()
        assert old in text
        self.settings.write_text(text.replace(old, new))


@pytest.fixture
def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checklist: Checklist) -> CommandLine:
    """The command line; only the month's query is replaced by a checklist that is there already."""
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", lambda *_arguments, **_options: checklist)
    line = CommandLine(tmp_path / "site")
    line.folder.mkdir()
    result = CliRunner().invoke(main, ["init", str(line.folder)])
    assert result.exit_code == 0, result.output
    line.change("allow_consecutive_steps: false", "allow_consecutive_steps: true")
    return line


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--as", "sekretaris", "open", "--period", MONTH, "--instruction", "Laksanakan pemeliharaan"),
    ("--as", "kabag", "assign"),
    ("--as", "kasubag", "assign", "--instruction", "Periksa seluruh tautan"),
    ("--as", "staf", "pull"),
    ("--as", "staf", "note", "F01", "--cause", "Catu daya", "--action", "Diganti", "--follow-up", "Diamati"),
    ("--as", "staf", "submit"),
    ("--as", "kasubag", "check", "--conclusion", "Menurun pada core-1", "--suggestion", "Tambah cadangan"),
    ("--as", "kabag", "forward"),
    ("--as", "sekretaris", "approve"),
)


@pytest.fixture
def walk_commands(command_line: CommandLine) -> Callable[[int], CommandLine]:
    """Run the first so many of the nine commands of a plain walk."""

    def run(count: int) -> CommandLine:
        for command in COMMANDS[:count]:
            command_line.done(*command)
        return command_line

    return run


def normalised(text: str, folder: Path) -> str:
    """A transcript without what differs from run to run: folder, times, login, hashes."""
    text = text.replace(str(folder), "FOLDER")
    text = re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)
    text = re.sub(r"\b[0-9a-f]{12}\b", "HASH12", text)
    text = re.sub(r"\b\d{1,2} \w+ 20\d\d (pukul )?\d\d[.:]\d\d WIB", "TIME", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d \d\d:\d\d\b", "YYYY-MM-DD HH:MM", text)
    return re.sub(r"\(\d+ (menit|minutes?)\)", "(SPAN)", text)


@pytest.fixture
def normalise(command_line: CommandLine) -> Callable[[str], str]:
    """Normalise what the command line printed."""
    return lambda text: normalised(text, command_line.folder)
