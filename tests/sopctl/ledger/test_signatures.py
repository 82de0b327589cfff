"""Signatures over events: every way in which one can be wrong is named, on a real ledger with real keys."""

import io
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign import signers

from sopctl.adapters.demo_identities import DemoAuthority, as_pkcs12
from sopctl.adapters.event_sheet import event_sheet
from sopctl.adapters.event_signature import sign_bytes
from sopctl.adapters.ledger import Ledger
from sopctl.adapters.ledger_rows import COLUMNS, MARKS, row_of
from sopctl.chain.event import Event, EventKind, Sign, body_of, hash_of
from sopctl.chain.roster import Term
from sopctl.errors import Refused
from sopctl.model import Capacity, Position
from tests.sopctl.conftest import CERTIFIED_FROM, MONTH, give_keys, key_of

Change = Callable[[Event], Event]


def _forge(walk: Any, changes: Mapping[int, Change]) -> None:
    """Change events and hash the whole chain anew, heads and seal too: what can be done without keys."""
    events, previous = [], walk.ledger.events(MONTH)[0].previous_hash
    for event in walk.ledger.events(MONTH):
        moved = replace(event, previous_hash=previous)
        changed = changes[event.sequence](moved) if event.sequence in changes else moved
        events.append(replace(changed, hash=hash_of(changed)))
        previous = events[-1].hash
    _write(walk.ledger, events)


def _write(ledger: Ledger, events: list[Event]) -> None:
    database = sqlite3.connect(ledger.file)
    guards = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _sql in guards:
        database.execute(f"DROP TRIGGER {name}")
    database.execute("DELETE FROM event")
    database.executemany(f"INSERT INTO event ({COLUMNS}) VALUES ({MARKS})", [row_of(event) for event in events])  # noqa: S608
    for _name, sql in guards:
        database.execute(sql)
    database.commit()
    database.close()
    ledger.heads.file.write_text("".join(f"{one.cycle} {one.sequence} {one.hash}\n" for one in events))
    ledger.seal.renew(events[-1].hash)


def _signed_by(sign: Sign) -> Change:
    return lambda event: replace(event, signature=sign(body_of(event)))


def test_a_signed_walk_is_whole(signed_walk: Any) -> None:
    """Nine steps and a return, each signed by its official's own key, verify without a fault."""
    signed_walk.until(7).act("sekretaris", EventKind.RETURNED)
    signed_walk.act("kabag", EventKind.FORWARDED)
    signed_walk.act("sekretaris", EventKind.APPROVED)
    assert signed_walk.problems() == []
    assert all(event.signature for event in signed_walk.ledger.events(MONTH))


def test_a_replaced_and_rehashed_event_is_named(signed_walk: Any) -> None:
    """A conclusion changed and the whole chain hashed anew: the signatures from there on no longer fit."""
    signed_walk.until(8)
    better = lambda event: replace(event, payload={**event.payload, "conclusion": "Semua baik"})  # noqa: E731
    _forge(signed_walk, {7: better})
    assert signed_walk.problems() == [
        f"cycle {MONTH}, event {number}: the signature does not fit the content" for number in (7, 8, 9)
    ]


def test_a_removed_event_under_a_rehashed_chain_is_named(signed_walk: Any) -> None:
    """A note taken out, numbers and hashes made good again: what was signed after it says otherwise."""
    signed_walk.until(8)
    events = [event for event in signed_walk.ledger.events(MONTH) if event.sequence != 5]
    previous = events[0].previous_hash
    closed = []
    for number, event in enumerate(events, start=1):
        moved = replace(event, sequence=number, previous_hash=previous)
        closed.append(replace(moved, hash=hash_of(moved)))
        previous = closed[-1].hash
    _write(signed_walk.ledger, closed)
    assert signed_walk.problems() == [
        f"cycle {MONTH}, event {number}: the signature does not fit the content" for number in (5, 6, 7, 8)
    ]


def test_a_stripped_signature_is_named(signed_walk: Any) -> None:
    """The last event without its signature, hashed anew, is missing something."""
    signed_walk.until(8)
    _forge(signed_walk, {9: lambda event: replace(event, signature=b"")})
    assert signed_walk.problems() == [f"cycle {MONTH}, event 9: the signature of sekretaris is missing"]


def test_another_officials_certificate_is_named(signed_walk: Any) -> None:
    """An approval signed by the Kabag is no approval, and whose certificate it is is said."""
    signed_walk.until(8)
    _forge(signed_walk, {9: _signed_by(signed_walk.keys["kabag"])})
    (problem,) = signed_walk.problems()
    assert problem.startswith(f"cycle {MONTH}, event 9: signed with the certificate of kabag (")
    assert problem.endswith("), not of sekretaris")


def test_a_certificate_that_nobody_pinned_is_named(signed_walk: Any) -> None:
    """A self-made certificate in the Sekretaris' name is not his."""
    signed_walk.until(8)
    forger = DemoAuthority.make(CERTIFIED_FROM, "Nama sekretaris")
    sign, _der = key_of(forger, "sekretaris")
    _forge(signed_walk, {9: _signed_by(sign)})
    (problem,) = signed_walk.problems()
    assert problem.startswith(f"cycle {MONTH}, event 9: signed with a certificate that is not pinned for sekretaris: ")


def test_a_self_made_certificate_is_named_so(signed_walk: Any) -> None:
    """One that signed itself is called self-made."""
    signed_walk.until(8)
    forger = DemoAuthority.make(CERTIFIED_FROM, "Nama sekretaris")
    signer = signers.SimpleSigner.load_pkcs12_data(as_pkcs12(forger, forger.key, forger.certificate, b"x"), [], b"x")
    assert signer is not None

    _forge(signed_walk, {9: _signed_by(lambda body: sign_bytes(signer, body, "sekretaris"))})
    (problem,) = signed_walk.problems()
    assert "event 9: signed with a self-made certificate that is not pinned for sekretaris" in problem


def test_a_pinned_certificate_of_another_authority_is_named(signed_walk: Any) -> None:
    """The pin alone is not enough where authorities are named."""
    signed_walk.until(8)
    sign, der = key_of(DemoAuthority.make(CERTIFIED_FROM), "sekretaris")
    pins = {**signed_walk.trust.pins, "sekretaris": (*signed_walk.trust.pins["sekretaris"], der)}
    signed_walk.trust = replace(signed_walk.trust, pins=pins)
    assert signed_walk.problems() == []
    _forge(signed_walk, {9: _signed_by(sign)})
    (problem,) = signed_walk.problems()
    assert problem.endswith("was not issued by an authority of trust.authorities")


def test_an_expired_certificate_is_named(walk: Any) -> None:
    """Validity counts at the event's time: what was good then stays good, what had run out never was."""
    authority = give_keys(walk)
    sign, der = key_of(authority, "sekretaris", valid=timedelta(days=30))
    walk.until(8)
    walk.trust = replace(walk.trust, pins={**walk.trust.pins, "sekretaris": (*walk.trust.pins["sekretaris"], der)})
    assert walk.problems() == []
    _forge(walk, {9: _signed_by(sign)})
    (problem,) = walk.problems()
    assert "event 9: certificate " in problem
    assert "is valid from 2023-12-31T23:55:00Z to 2024-01-31T00:00:00Z, not at that time" in problem


@pytest.mark.parametrize(
    ("revoked", "accused"),
    [(datetime(2024, 11, 4, 2, 9, tzinfo=UTC), [9]), (datetime(2024, 11, 5, tzinfo=UTC), [])],
    ids=["before the approval", "after it"],
)
def test_a_revoked_certificate_is_named(walk: Any, revoked: datetime, accused: list[int]) -> None:
    """What was signed from the revocation on is not believed; what was signed before it stays."""
    authority = give_keys(walk)
    walk.until(8)
    (der,) = walk.trust.pins["sekretaris"]
    gone = authority.revocation_list(revoked, [(x509.load_der_x509_certificate(der), revoked)])
    walk.trust = replace(walk.trust, revocation_lists=(gone.public_bytes(Encoding.DER),))
    problems = walk.problems()
    assert [one.partition(": certificate ")[0] for one in problems] == [f"cycle {MONTH}, event {n}" for n in accused]
    assert all("was revoked as of 2024-11-04T02:09:00Z" in one for one in problems)


def test_what_verify_would_accuse_is_not_recorded(signed_walk: Any) -> None:
    """A key whose certificate is not the pinned one cannot take a step at all."""
    signed_walk.until(2)
    signed_walk.keys["kabag"] = signed_walk.keys["staf"]
    with pytest.raises(Refused, match=r"Not recorded, for it would not stand: signed with the certificate of staf"):
        signed_walk.act("kabag", EventKind.ASSIGNED)
    signed_walk.keys.pop("kabag")
    with pytest.raises(Refused, match="the signature of kabag is missing"):
        signed_walk.act("kabag", EventKind.ASSIGNED)
    assert len(signed_walk.ledger.events(MONTH)) == 1


def test_an_official_out_of_term_is_named(signed_walk: Any) -> None:
    """Whose term had ended could not act, and whoever is gone from sopctl.yml is asked for."""
    signed_walk.until(3)
    terms = {**signed_walk.trust.terms, "kabag": (Term(Position.KABAG, Capacity.HOLDER, None, date(2024, 11, 3), ""),)}
    signed_walk.trust = replace(signed_walk.trust, terms=terms)
    assert signed_walk.problems() == [
        f"cycle {MONTH}, event 2: kabag was not kabag (holder) at that time, by sopctl.yml"
    ]
    terms.pop("kabag")
    assert "official kabag is not in sopctl.yml" in signed_walk.problems()[0]


def _sheet_signed_by(authority: DemoAuthority) -> tuple[Callable[[bytes], bytes], bytes]:
    """Signs event sheets as BSrE's server would: a PDF comes back signed."""
    key, certificate = authority.issue("Nama sekretaris", CERTIFIED_FROM)
    signer = signers.SimpleSigner.load_pkcs12_data(as_pkcs12(authority, key, certificate, b"x"), [], b"x")
    assert signer is not None

    def sign(body: bytes) -> bytes:
        signed = io.BytesIO()
        sheet = IncrementalPdfFileWriter(io.BytesIO(event_sheet(body)))
        signers.sign_pdf(sheet, signers.PdfSignatureMetadata(field_name="S"), signer, output=signed)
        return signed.getvalue()

    return sign, certificate.public_bytes(Encoding.DER)


def test_an_event_sheet_is_a_signature_over_its_event_alone(walk: Any) -> None:
    """The signed PDF of a key that signs only PDF stands for its event, and for no other, and not once changed."""
    authority = give_keys(walk)
    sign, der = _sheet_signed_by(authority)
    walk.keys["sekretaris"] = sign
    walk.trust = replace(walk.trust, pins={**walk.trust.pins, "sekretaris": (der,)})
    walk.until(8)
    assert walk.problems() == []
    first, last = walk.ledger.events(MONTH)[0], walk.ledger.events(MONTH)[8]
    _forge(walk, {9: lambda event: replace(event, signature=first.signature)})
    assert walk.problems() == [f"cycle {MONTH}, event 9: the signed event sheet holds another event"]
    changed, written = IncrementalPdfFileWriter(io.BytesIO(last.signature)), io.BytesIO()
    drawn = changed.add_object(generic.StreamObject(stream_data=b""))
    changed.insert_page(PageObject(contents=drawn, media_box=(0, 0, 595, 842)))  # type: ignore[no-untyped-call]
    changed.write(written)  # type: ignore[no-untyped-call]
    _forge(walk, {9: lambda event: replace(event, signature=written.getvalue())})
    assert "event 9: the event sheet was changed after it was signed" in "".join(walk.problems())
