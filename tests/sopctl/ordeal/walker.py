"""Processes of their own that take steps on a ledger in a folder: they are raced and killed by the tests.

Owns what such a process does. It must not judge what comes of it.
"""

import multiprocessing
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pyhanko.sign.signers import SimpleSigner

from sopctl.adapters.demo_identities import DemoAuthority, as_pkcs12
from sopctl.adapters.event_signature import sign_bytes
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.chain.cycle import fold
from sopctl.chain.event import EventKind, Sign
from sopctl.errors import Conflict, Refused
from tests.sopctl.conftest import OFFICIALS, PLAIN_WALK, Walk, a_checklist, a_site, trust_of

BEGUN = datetime(2024, 1, 1, tzinfo=UTC)
MOVES = tuple(move for moves in PLAIN_WALK for move in moves)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.sopctl.ordeal.walker"])


def make_site(folder: Path) -> None:
    """A store, and the officials' keys beside it."""
    Ledger.create(folder / "store").close()
    authority = DemoAuthority.make(BEGUN)
    for identity in OFFICIALS:
        key, certificate = authority.issue(identity, BEGUN, timedelta(days=36500))
        (folder / f"{identity}.p12").write_bytes(as_pkcs12(authority, key, certificate, b"x"))


def walk_in(folder: Path) -> Walk:
    """The walk of the site in `folder`, with a connection of its own."""
    keys: dict[str, Sign] = {}
    pins = {}
    for identity in OFFICIALS:
        signer = SimpleSigner.load_pkcs12_data((folder / f"{identity}.p12").read_bytes(), [], b"x")
        assert signer is not None
        keys[identity] = _sign_with(signer, identity)
        pins[identity] = (signer.signing_cert.dump(),)
    store = folder / "store"
    trust = trust_of(pins, signed_since=date(2024, 1, 1))
    return Walk(Ledger(store), ContentFiles(store), a_site(), a_checklist(), trust=trust, keys=keys)


def _sign_with(signer: SimpleSigner, identity: str) -> Sign:
    return lambda body: sign_bytes(signer, body, identity)


def act_now(walk: Walk, month: str, identity: str, kind: EventKind) -> str:
    """Take a step a minute after the ledger's newest event; gives the event's hash."""
    walk.time = max(walk.ledger.newest().time or BEGUN, datetime(int(month[:4]) + 1, 1, 1, 3, tzinfo=UTC))
    return walk.act(identity, kind, month=month).event.hash


def race(folder: Path, month: str, rounds: int, barrier: Any, said: Connection) -> None:
    """Decide the same as everybody else, `rounds` times: the Sekretaris sends back, the Kabag reports again."""
    walk = walk_in(folder)
    for number in range(rounds):
        barrier.wait()
        identity, kind = [("sekretaris", EventKind.RETURNED), ("kabag", EventKind.FORWARDED)][number % 2]
        try:
            said.send((number, act_now(walk, month, identity, kind)))
        except (Conflict, Refused) as error:
            said.send((number, type(error).__name__))
        barrier.wait()
    walk.ledger.close()


def walk_on(folder: Path, said: Connection) -> None:
    """Walk month after month from wherever the ledger stands, telling each step once it is recorded, until killed."""
    walk = walk_in(folder)
    while True:
        months = walk.ledger.cycles()
        done = len(walk.ledger.events(months[-1])) if months else len(MOVES)
        if done >= len(MOVES):
            month, done = _month_after(months[-1] if months else "2023-12"), 0
        else:
            month = months[-1]
        said.send(act_now(walk, month, *MOVES[done]))


def _month_after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def standing(walk: Walk) -> int:
    """How many cycles can be folded."""
    return sum(fold(walk.ledger.events(month)) is not None for month in walk.ledger.cycles())
