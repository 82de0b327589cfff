"""What is not taken as a trap: each is counted with its source and reason, and none of it tells a secret."""

import logging

import pytest
from pyasn1.codec.ber import encoder  # type: ignore[import-untyped]
from pysnmp.proto.api import v2c  # type: ignore[import-untyped]

from exporter.exposition import render_text
from exporter.sample_set import SampleSet
from exporter.traps.trap_socket import LONGEST_DATAGRAM
from exporter.traps.user_security import ENGINES_OF_A_DEVICE
from tests.exporter.traps.conftest import CREDENTIALS, DEVICES, Listen, Listening
from tests.exporter.traps.senders import COLD_START, LINK_DOWN, LINK_UP, SECRETS, Capture, make_v2, net_snmp, oid, send

PRIVATE = ("-v3", "-u", "private", "-a", "SHA-256", "-x", "AES", "-e", "0x80001f8880aabbccdd")
RIGHT = ("-A", SECRETS["AUTH"], "-X", SECRETS["PRIVACY"])
REFUSED_V3 = {
    "user": ("-u", "nobody", "-l", "authPriv", *RIGHT),
    "level": ("-l", "authNoPriv", *RIGHT),
    "auth": ("-l", "authPriv", "-A", SECRETS["WRONG"], "-X", SECRETS["PRIVACY"]),
    "decryption": ("-l", "authPriv", "-A", SECRETS["AUTH"], "-X", SECRETS["WRONG"]),
}


def get_request() -> bytes:
    pdu = v2c.GetRequestPDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_varbinds(pdu, [(oid("1.3.6.1.2.1.1.1.0"), v2c.Null(""))])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, SECRETS["COMMUNITY"].encode())
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def no_trap_oid() -> bytes:
    """A v2c trap whose first bindings are not those that RFC 3416 demands."""
    name = encoder.encode(v2c.ObjectIdentifier(oid("1.3.6.1.6.3.1.1.4.1.0")))
    other = encoder.encode(v2c.ObjectIdentifier(oid("1.3.6.1.6.3.1.1.4.2.0")))
    return make_v2(COLD_START).replace(bytes(name), bytes(other))


REFUSED = {
    "community": make_v2(COLD_START, community=SECRETS["WRONG"]),
    "unwanted": get_request(),
    "malformed": b"\x30\x82\x00\x05HTTP/1.1",
    "too_long": make_v2(COLD_START, [("1.3.6.1.4.1.9", v2c.OctetString(bytes(LONGEST_DATAGRAM)))]),
}


@pytest.mark.parametrize("reason", REFUSED)
async def test_refused_before_decoding(listen: Listen, reason: str) -> None:
    """A datagram that is not the device's own trap is counted, and nothing else comes of it."""
    listening = await listen()
    send(REFUSED[reason], listening.port)
    await listening.until(lambda: listening.dropped(reason) == 1)
    assert listening.values("dcnet_trap_last_timestamp_seconds") == {}


async def test_a_trap_without_a_name_is_malformed(listen: Listen) -> None:
    """A v2c trap without snmpTrapOID is no trap."""
    listening = await listen()
    send(no_trap_oid(), listening.port)
    await listening.until(lambda: listening.dropped("malformed") == 1)


@pytest.mark.parametrize("reason", REFUSED_V3)
async def test_refused_users(listen: Listen, reason: str) -> None:
    """An SNMPv3 message that is not the user's is counted by what is wrong with it; the right one is taken after."""
    listening = await listen()
    done = await net_snmp("snmptrap", listening.port, *PRIVATE, *REFUSED_V3[reason], "--", "", COLD_START)
    assert done.returncode == 0, done.stderr
    await listening.until(lambda: listening.dropped(reason) == 1)
    assert listening.received("coldStart") == 0
    await net_snmp("snmptrap", listening.port, *PRIVATE, "-l", "authPriv", *RIGHT, "--", "", COLD_START)
    await listening.until(lambda: listening.received("coldStart") == 1)


async def test_unknown_sources(listen: Listen, caplog: pytest.LogCaptureFixture) -> None:
    """Traps of strangers and of devices whose traps are not accepted are counted together, and told once."""
    caplog.set_level(logging.WARNING)
    listening = await listen()
    for source in ("127.0.0.9", "127.0.0.4", "127.0.0.9"):
        send(make_v2(COLD_START), listening.port, source)
    await listening.until(lambda: listening.dropped("unknown_source", "") == 3)
    assert [record.message for record in caplog.records if "127.0.0." in record.message] == [
        "trap from an address that is no device's address=127.0.0.9; told once in 60 s, counted each time"
    ]


async def test_one_device_does_not_speak_for_another(listen: Listen) -> None:
    """The community of one device is not accepted of another."""
    listening = await listen()
    send(make_v2(COLD_START), listening.port, "127.0.0.3")
    await listening.until(lambda: listening.dropped("community", "dev-2") == 1)


async def captured(*options: str) -> bytes:
    with Capture() as capture:
        done = await net_snmp(
            "snmptrap", capture.port, *PRIVATE, "-l", "authPriv", *RIGHT, *options, "--", "", COLD_START
        )
        assert done.returncode == 0, done.stderr
        return capture.take()


async def test_old_messages_are_not_played_again(listen: Listen) -> None:
    """A message from before the last restart, or 150 s older than the last one heard, is refused; a newer is taken."""
    listening = await listen()
    old, stale, now, later = [await captured("-Z", clock) for clock in ("6,90000", "7,849", "7,1000", "8,1")]
    for datagram, received, refused in ((now, 1, 0), (old, 1, 1), (stale, 1, 2), (later, 2, 2), (now, 2, 3)):
        send(datagram, listening.port)
        await listening.until(
            lambda wanted=(received, refused): (
                (listening.received("coldStart"), listening.dropped("time_window"))  # type: ignore[misc]
                == wanted
            )
        )


async def test_messages_that_prove_nothing_do_not_make_old_ones_new(listen: Listen) -> None:
    """Engines of a user without keys, however many, do not push out what is known of one that proved itself."""
    open_too = DEVICES.replace("proven]", "proven, open]", 1)
    listening = await listen(open_too, CREDENTIALS + "\n    open: {version: 3, user: open}")
    old, now = [await captured("-Z", clock) for clock in ("6,90000", "7,1000")]
    send(now, listening.port)
    await listening.until(lambda: listening.received("coldStart") == 1)
    for number in range(ENGINES_OF_A_DEVICE + 1):
        engine = ("-e", f"0x80001f88040000{number:02x}")
        await net_snmp(
            "snmptrap", listening.port, "-v3", "-u", "open", "-l", "noAuthNoPriv", *engine, "--", "", LINK_UP
        )
    await listening.until(lambda: listening.received("linkUp") == ENGINES_OF_A_DEVICE + 1)
    send(old, listening.port)
    await listening.until(lambda: listening.dropped("time_window") == 1)


async def test_changed_on_the_way(listen: Listen) -> None:
    """No byte of an authenticated message can be changed unnoticed."""
    listening = await listen()
    datagram = await captured()
    for at in range(len(datagram) - 1, 0, -7):
        send(datagram[:at] + bytes((datagram[at] ^ 0x10,)) + datagram[at + 1 :], listening.port)
    send(datagram, listening.port)
    await listening.until(lambda: listening.received("coldStart") == 1)
    sent = len(range(len(datagram) - 1, 0, -7))
    assert listening.value("dcnet_trap_dropped_total", source="dev-1") == sent


async def test_a_device_tied_to_its_engine(listen: Listen) -> None:
    """Where the inventory names a device's engine, no other engine speaks for it."""
    tied = DEVICES.replace("proven]", "proven], engine_id: 80001f8880aabbccde")
    listening = await listen(tied)
    await net_snmp("snmptrap", listening.port, *PRIVATE, "-l", "authPriv", *RIGHT, "--", "", COLD_START)
    await listening.until(lambda: listening.dropped("engine_id") == 1)
    own = ("-e", "0x80001f8880aabbccde")
    await net_snmp("snmptrap", listening.port, *PRIVATE, *own, "-l", "authPriv", *RIGHT, "--", "", COLD_START)
    await listening.until(lambda: listening.received("coldStart") == 1)


def everything(listening: Listening) -> str:
    samples = SampleSet()
    listening.receiver.add_samples(samples)
    return render_text(samples)


async def test_no_secret_is_told(listen: Listen, caplog: pytest.LogCaptureFixture) -> None:
    """Neither accepted nor refused secrets appear in metrics, in the log or on the page."""
    caplog.set_level(logging.DEBUG)
    listening = await listen()
    for datagram in REFUSED.values():
        send(datagram, listening.port)
    for options in (*REFUSED_V3.values(), ("-l", "authPriv", *RIGHT)):
        await net_snmp("snmptrap", listening.port, *PRIVATE, *options, "--", "", LINK_DOWN)
    send(make_v2(COLD_START), listening.port)
    await listening.until(lambda: listening.received("coldStart") == 1 and listening.received("linkDown") == 1)
    told = everything(listening) + caplog.text + repr(list(listening.receiver.recent() or ()))
    assert "linkDown" in told
    assert [secret for secret in SECRETS.values() if secret in told] == []
