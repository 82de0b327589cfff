"""What each known trap is called, whichever version and vendor it comes from, and what it is about."""

from typing import Any

import pytest
from pysnmp.proto.api import v1, v2c  # type: ignore[import-untyped]

from exporter.sample_set import SampleSet
from exporter.traps.book import MOST_OBJECTS, MOST_UNKNOWN, TrapBook
from exporter.traps.decoding import Waiting, decode_all
from exporter.traps.envelope import read_envelope
from exporter.traps.fair_queue import TokenBucket
from exporter.traps.known import TrapKind
from exporter.traps.sources import Source
from exporter.traps.subject import InterfaceSubject, KnownInterface, NamedSubject, name_subject
from exporter.traps.user_security import LocalEngine, UserSecurity
from tests.exporter.traps.senders import IF_INDEX, LINK_DOWN, LINK_UP, make_v1, make_v2

IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
PEER_STATE = "1.3.6.1.2.1.15.3.1.2.192.0.2.9"
JUNIPER = "1.3.6.1.4.1.2636.5.1.1.2.1.1.1"
UPS_DESCR = "1.3.6.1.2.1.33.1.6.2.1.2.1"
ON_BATTERY = v2c.ObjectIdentifier((1, 3, 6, 1, 2, 1, 33, 1, 6, 3, 2))
LOW_BATTERY = v2c.ObjectIdentifier((1, 3, 6, 1, 2, 1, 33, 1, 6, 3, 3))
ONE = v2c.Integer32(1)
SOURCE = Source("dev-1", (), (), None, TokenBucket(1, 1, 0, 1))

V2_CASES: list[tuple[str, list[tuple[str, Any]], TrapKind | None, str]] = [
    ("1.3.6.1.6.3.1.1.5.1", [], TrapKind.COLD_START, ""),
    ("1.3.6.1.6.3.1.1.5.2", [], TrapKind.WARM_START, ""),
    ("1.3.6.1.6.3.1.1.5.5", [], TrapKind.AUTHENTICATION_FAILURE, ""),
    (LINK_DOWN, [(f"{IF_INDEX}.7", v2c.Integer32(7))], TrapKind.LINK_DOWN, "if7"),
    (LINK_UP, [("1.3.6.1.2.1.2.2.1.8.7", ONE)], TrapKind.LINK_UP, "if7"),
    (
        LINK_UP,
        [(f"{IF_INDEX}.7", v2c.Integer32(7)), (f"{IF_DESCR}.7", v2c.OctetString("eth0"))],
        TrapKind.LINK_UP,
        "eth0",
    ),
    (LINK_UP, [], TrapKind.LINK_UP, ""),
    ("1.3.6.1.2.1.15.7.2", [(PEER_STATE, ONE)], TrapKind.BGP_BACKWARD_TRANSITION, "192.0.2.9"),
    ("1.3.6.1.2.1.15.7.1", [(PEER_STATE, ONE)], TrapKind.BGP_ESTABLISHED, "192.0.2.9"),
    (
        "1.3.6.1.2.1.15.0.2",
        [("1.3.6.1.2.1.15.3.1.7.192.0.2.9", v2c.IpAddress("192.0.2.9"))],
        TrapKind.BGP_BACKWARD_TRANSITION,
        "192.0.2.9",
    ),
    ("1.3.6.1.2.1.15.0.1", [(PEER_STATE, ONE)], TrapKind.BGP_ESTABLISHED, "192.0.2.9"),
    (
        "1.3.6.1.4.1.9.9.187.0.6",
        [("1.3.6.1.4.1.9.9.187.1.2.5.1.17.1.4.192.0.2.9", ONE)],
        TrapKind.BGP_BACKWARD_TRANSITION,
        "192.0.2.9",
    ),
    (
        "1.3.6.1.4.1.9.9.187.0.5",
        [("1.3.6.1.4.1.9.9.187.1.2.5.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9", v2c.Integer32(6))],
        TrapKind.BGP_ESTABLISHED,
        "2001:db8::9",
    ),
    (
        "1.3.6.1.4.1.2636.5.1.1.1.0.2",
        [(f"{JUNIPER}.11.0.1.192.0.2.1.1.192.0.2.9", v2c.OctetString(bytes((192, 0, 2, 9))))],
        TrapKind.BGP_BACKWARD_TRANSITION,
        "192.0.2.9",
    ),
    (
        "1.3.6.1.4.1.2636.5.1.1.1.0.1",
        [(f"{JUNIPER}.2.0.1.192.0.2.1.1.192.0.2.9", v2c.Integer32(6))],
        TrapKind.BGP_ESTABLISHED,
        "192.0.2.9",
    ),
    (
        "1.3.6.1.4.1.30065.4.1.0.2",
        [("1.3.6.1.4.1.30065.4.1.1.2.1.13.1.1.4.192.0.2.9", ONE)],
        TrapKind.BGP_BACKWARD_TRANSITION,
        "192.0.2.9",
    ),
    (
        "1.3.6.1.4.1.2011.5.25.177.1.3.10",
        [("1.3.6.1.4.1.2011.5.25.177.1.1.2.1.5.0.1.1.1.4.192.0.2.9", ONE)],
        TrapKind.BGP_BACKWARD_TRANSITION,
        "192.0.2.9",
    ),
    ("1.3.6.1.4.1.9.9.43.2.0.1", [], TrapKind.CONFIG_CHANGE, ""),
    ("1.3.6.1.4.1.9.9.43.2.0.2", [], TrapKind.CONFIG_CHANGE, ""),
    ("1.3.6.1.4.1.2636.4.5.0.1", [], TrapKind.CONFIG_CHANGE, ""),
    ("1.3.6.1.4.1.30065.3.9.3.0.1", [], TrapKind.CONFIG_CHANGE, ""),
    ("1.3.6.1.4.1.2011.6.10.2.1", [], TrapKind.CONFIG_CHANGE, ""),
    ("1.3.6.1.4.1.25506.2.4.2.1", [], TrapKind.CONFIG_CHANGE, ""),
    ("1.3.6.1.4.1.12356.101.6.0.1003", [], TrapKind.CONFIG_CHANGE, ""),
    ("1.3.6.1.2.1.47.2.0.1", [], TrapKind.ENTITY_CONFIG_CHANGE, ""),
    ("1.3.6.1.2.1.33.2.1", [], TrapKind.UPS_ON_BATTERY, ""),
    ("1.3.6.1.2.1.33.2.3", [(UPS_DESCR, ON_BATTERY)], TrapKind.UPS_ON_BATTERY, ""),
    ("1.3.6.1.2.1.33.2.4", [(UPS_DESCR, ON_BATTERY)], TrapKind.UPS_RESTORED, ""),
    ("1.3.6.1.2.1.33.2.4", [(UPS_DESCR, LOW_BATTERY)], None, ""),
    ("1.3.6.1.4.1.318.0.5", [], TrapKind.UPS_ON_BATTERY, ""),
    ("1.3.6.1.4.1.318.0.9", [], TrapKind.UPS_RESTORED, ""),
    ("1.3.6.1.4.1.534.1.11.4.1.0.5", [], TrapKind.UPS_RESTORED, ""),
    ("1.3.6.1.4.1.8072.4.0.2", [], None, ""),
]

V1_CASES: list[tuple[tuple[str, int, int], TrapKind | None, str]] = [
    (("1.3.6.1.4.1.9.1.1", 0, 0), TrapKind.COLD_START, "1.3.6.1.6.3.1.1.5.1"),
    (("1.3.6.1.4.1.9.1.1", 4, 0), TrapKind.AUTHENTICATION_FAILURE, "1.3.6.1.6.3.1.1.5.5"),
    (("1.3.6.1.4.1.9.1.1", 5, 0), None, "1.3.6.1.6.3.1.1.5.6"),
    (("1.3.6.1.2.1.15.7", 6, 2), TrapKind.BGP_BACKWARD_TRANSITION, "1.3.6.1.2.1.15.7.0.2"),
    (("1.3.6.1.4.1.318", 6, 5), TrapKind.UPS_ON_BATTERY, "1.3.6.1.4.1.318.0.5"),
    (("1.3.6.1.4.1.318", 6, 9), TrapKind.UPS_RESTORED, "1.3.6.1.4.1.318.0.9"),
    (("1.3.6.1.2.1.33.2", 6, 1), TrapKind.UPS_ON_BATTERY, "1.3.6.1.2.1.33.2.0.1"),
    (("1.3.6.1.4.1.9.9.43.2", 6, 1), TrapKind.CONFIG_CHANGE, "1.3.6.1.4.1.9.9.43.2.0.1"),
    (("1.3.6.1.4.1.9.9.41.2", 6, 1), None, "1.3.6.1.4.1.9.9.41.2.0.1"),
]


def decoded(datagram: bytes) -> tuple[TrapKind | None, str, str]:
    """Kind, OID and object of a trap."""
    security = UserSecurity(LocalEngine(b"engine", lambda: 2e9, lambda: 0.0), lambda: 0.0)
    (found,) = decode_all([Waiting(datagram, read_envelope(datagram), SOURCE, (), 0.0)], security)
    assert found.event is not None, found.reason
    return found.event.kind, found.event.oid, name_subject(found.event.subject, {})


@pytest.mark.parametrize(("oid", "bindings", "kind", "about"), V2_CASES)
def test_v2_traps(oid: str, bindings: list[tuple[str, Any]], kind: TrapKind | None, about: str) -> None:
    """A notification is known by its OID, and by its bindings what it is about."""
    assert decoded(make_v2(oid, bindings)) == (kind, oid, about)


@pytest.mark.parametrize(("trap", "kind", "oid"), V1_CASES)
def test_v1_traps(trap: tuple[str, int, int], kind: TrapKind | None, oid: str) -> None:
    """A trap of v1 gets the OID of RFC 3584, section 3.1, and is known where its v2 definition is."""
    assert decoded(make_v1(*trap)) == (kind, oid, "")


def test_v1_bindings_are_read() -> None:
    """A linkDown of v1 names its interface as one of v2 does."""
    bindings = [(f"{IF_INDEX}.7", v1.Integer(7)), (f"{IF_NAME}.7", v1.OctetString("ge-0/0/7"))]
    assert decoded(make_v1("1.3.6.1.4.1.2636", 2, 0, bindings)) == (TrapKind.LINK_DOWN, LINK_DOWN, "ge-0/0/7")


KNOWN = {7: KnownInterface("Gi0/7", "GigabitEthernet0/7"), 8: KnownInterface("eth#8", "eth")}


@pytest.mark.parametrize(
    ("subject", "label"),
    [
        (InterfaceSubject(7), "Gi0/7"),
        (InterfaceSubject(7, "", "GigabitEthernet0/7"), "Gi0/7"),
        (InterfaceSubject(7, "Gi0/7", ""), "Gi0/7"),
        (InterfaceSubject(8, "eth", ""), "eth#8"),
        (InterfaceSubject(7, "Gi1/7", "GigabitEthernet1/7"), "Gi1/7"),
        (InterfaceSubject(7, "", "GigabitEthernet1/7"), "GigabitEthernet1/7"),
        (InterfaceSubject(9, "", "x0"), "x0"),
        (InterfaceSubject(9), "if9"),
        (NamedSubject("192.0.2.9"), "192.0.2.9"),
    ],
)
def test_interfaces_are_called_as_probe_calls_them(subject: InterfaceSubject | NamedSubject, label: str) -> None:
    """The label is the one of /probe, unless the trap itself tells that the index belongs to another now."""
    assert name_subject(subject, KNOWN) == label


def values_of(book: TrapBook, name: str) -> dict[tuple[str, ...], float]:
    samples = SampleSet()
    book.add_samples(samples, 0)
    return next((found.values for found in samples.samples if found.metric.name == name), {})


def test_a_pair_tells_its_last_word() -> None:
    """The state of an object is what the later of its two traps says, also after its name became known."""
    known: dict[int, KnownInterface] = {}
    book = TrapBook(lambda _device: known)
    book.keep_only(["dev-1"])
    for at, kind in enumerate((TrapKind.LINK_DOWN, TrapKind.LINK_UP, TrapKind.LINK_DOWN)):
        book.receive("dev-1", kind, "", InterfaceSubject(7), 100.0 + at)
    book.receive("dev-1", TrapKind.LINK_UP, "", InterfaceSubject(8), 200.0)
    known.update(KNOWN)
    assert values_of(book, "dcnet_trap_state_normal") == {
        ("dev-1", "link", "Gi0/7"): 0,
        ("dev-1", "link", "eth#8"): 1,
    }
    assert values_of(book, "dcnet_trap_last_timestamp_seconds") == {
        ("dev-1", "linkDown", "Gi0/7"): 102.0,
        ("dev-1", "linkUp", "Gi0/7"): 101.0,
        ("dev-1", "linkUp", "eth#8"): 200.0,
    }


def test_a_source_cannot_make_series_without_end() -> None:
    """Unknown OIDs beyond the first are counted as others, objects beyond the most recent are forgotten."""
    book = TrapBook(lambda _device: {})
    book.keep_only(["dev-1"])
    for number in range(3 * MOST_UNKNOWN):
        book.receive("dev-1", None, f"1.3.6.1.4.1.{number}", NamedSubject(""), 1.0)
    for number in range(2 * MOST_OBJECTS):
        book.receive("dev-1", TrapKind.LINK_DOWN, "", InterfaceSubject(number), float(number))
    received = values_of(book, "dcnet_trap_received_total")
    assert received["dev-1", "other"] == 2 * MOST_UNKNOWN
    assert len(received) == len(TrapKind) + MOST_UNKNOWN + 1
    assert len(values_of(book, "dcnet_trap_last_timestamp_seconds")) == MOST_OBJECTS
    assert len(values_of(book, "dcnet_trap_state_normal")) == MOST_OBJECTS
    book.keep_only(["dev-2"])
    assert {source for source, _ in values_of(book, "dcnet_trap_received_total")} == {"dev-2"}
