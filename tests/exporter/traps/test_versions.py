"""Traps and informs of net-snmp's own commands, in every version and with every protocol of SNMPv3."""

import itertools
from collections.abc import Callable

import pytest

from exporter.inventory.models import AuthProtocol, PrivacyProtocol
from tests.exporter.traps.conftest import Listen
from tests.exporter.traps.senders import COLD_START, IF_INDEX, LINK_DOWN, LINK_UP, SECRETS, WARM_START, net_snmp

COMMUNITY = SECRETS["COMMUNITY"]
AUTH_NAMES = {AuthProtocol.MD5: "MD5", AuthProtocol.SHA: "SHA"} | {
    protocol: protocol.value.upper().replace("SHA", "SHA-")
    for protocol in AuthProtocol
    if protocol not in (AuthProtocol.MD5, AuthProtocol.SHA)
}
PRIVACY_NAMES = {
    PrivacyProtocol.DES: "DES",
    PrivacyProtocol.AES128: "AES",
    PrivacyProtocol.AES192: "AES-192",
    PrivacyProtocol.AES256: "AES-256",
    PrivacyProtocol.AES192_CISCO: "AES-192-C",
    PrivacyProtocol.AES256_CISCO: "AES-256-C",
}


async def test_traps_of_v1_and_v2c(listen: Listen) -> None:
    """A linkDown is the same whether it comes as v1 or v2c; an enterprise's trap of v1 is told by its v2 OID."""
    listening = await listen()
    ports = ("--", "", LINK_DOWN, f"{IF_INDEX}.7", "i", "7")
    assert (await net_snmp("snmptrap", listening.port, "-v2c", "-c", COMMUNITY, *ports)).returncode == 0
    v1_head = ("-v1", "-c", COMMUNITY, "--", "1.3.6.1.4.1.8072.4", "127.0.0.2")
    down = (*v1_head, "2", "0", "55", f"{IF_INDEX}.7", "i", "7")
    assert (await net_snmp("snmptrap", listening.port, *down)).returncode == 0
    own = (*v1_head, "6", "3", "55")
    assert (await net_snmp("snmptrap", listening.port, *own)).returncode == 0
    await listening.until(lambda: listening.received("1.3.6.1.4.1.8072.4.0.3") == 1)
    assert listening.received("linkDown") == 2
    assert listening.values("dcnet_trap_state_normal") == {("dev-1", "link", "if7"): 0}


async def test_informs_of_v2c_are_acknowledged(listen: Listen) -> None:
    """An inform is answered at once, so that its sender neither repeats it nor complains."""
    listening = await listen()
    tail = ("--", "", LINK_UP, f"{IF_INDEX}.7", "i", "7")
    done = await net_snmp("snmpinform", listening.port, "-v2c", "-c", COMMUNITY, "-r", "0", "-t", "10", *tail)
    assert (done.returncode, done.stderr) == (0, "")
    assert listening.received("linkUp") == 1


@pytest.mark.parametrize("auth", AuthProtocol)
async def test_every_protocol_of_v3(listen: Listen, auth: AuthProtocol, share: Callable[[int, int], int]) -> None:
    """A trap and an inform of each authentication with each encryption are accepted, from an engine unknown before.

    Each encryption is met daily, with one authentication; with each in full.
    """
    turn = list(AuthProtocol).index(auth)
    encryptions = [*PrivacyProtocol][turn:] + [*PrivacyProtocol][:turn]
    chosen = encryptions[: share(1, len(encryptions))]
    users = {f"u-{auth}": None} | {f"u-{auth}-{privacy}": privacy for privacy in chosen}
    credentials = "\n".join(
        f'    {user}: {{version: 3, user: {user}, auth: {{protocol: {auth}, password: "${{env:AUTH}}"}}'
        + (f', privacy: {{protocol: {privacy}, password: "${{env:PRIVACY}}"}}}}' if privacy else "}")
        for user, privacy in users.items()
    )
    device = f"  - {{name: dev-1, address: 127.0.0.2, role: r, traps: {{credentials: [{', '.join(users)}]}}}}"
    listening = await listen(device, credentials)
    for count, (user, privacy) in enumerate(users.items(), 1):
        options = ["-v3", "-u", user, "-a", AUTH_NAMES[auth], "-A", SECRETS["AUTH"]]
        options += ["-l", "authPriv" if privacy else "authNoPriv"]
        options += ["-x", PRIVACY_NAMES[privacy], "-X", SECRETS["PRIVACY"]] if privacy else []
        trap = await net_snmp("snmptrap", listening.port, *options, "-e", "0x80001f8880aabbccdd", "--", "", COLD_START)
        assert trap.returncode == 0, trap.stderr
        inform = await net_snmp("snmpinform", listening.port, *options, "-r", "0", "-t", "10", "--", "", WARM_START)
        assert (inform.returncode, inform.stderr) == (0, ""), user
        await listening.until(lambda wanted=count: listening.received("coldStart") == wanted)  # type: ignore[misc]
        assert listening.received("warmStart") == count


async def test_a_v3_user_without_keys(listen: Listen) -> None:
    """A user without authentication is accepted where the inventory has one such."""
    device = "  - {name: dev-1, address: 127.0.0.2, role: r, traps: {credentials: [open]}}"
    listening = await listen(device, "    open: {version: 3, user: open}")
    options = ("-v3", "-u", "open", "-l", "noAuthNoPriv")
    for command, trap in (("snmptrap", COLD_START), ("snmpinform", WARM_START)):
        done = await net_snmp(command, listening.port, *options, "-r", "0", "-t", "10", "--", "", trap)
        assert done.returncode == 0, done.stderr
    await listening.until(lambda: listening.received("coldStart") + listening.received("warmStart") == 2)


async def test_an_inform_to_another_engine_finds_ours(listen: Listen) -> None:
    """An inform to an engine ID that is not this receiver's any more is told the right one, and then accepted."""
    listening = await listen()
    options = ("-v3", "-u", "proven", "-l", "authNoPriv", "-a", "SHA-512", "-A", SECRETS["AUTH"], "-r", "3", "-t", "1")
    stale = ("-e", "0x80001f88040000ff")
    done = await net_snmp("snmpinform", listening.port, *options, *stale, "--", "", WARM_START)
    assert "Unknown engine ID" in done.stderr
    assert listening.received("warmStart") == 0
    done = await net_snmp("snmpinform", listening.port, *options, "--", "", WARM_START)
    assert (done.returncode, done.stderr) == (0, "")
    assert listening.received("warmStart") == 1


async def test_many_devices_share_a_user(listen: Listen) -> None:
    """One user serves many devices, each with an engine of its own."""
    devices = "\n".join(
        f"  - {{name: dev-{number}, address: 127.0.0.{number}, role: r, traps: {{credentials: [proven]}}}}"
        for number in range(2, 8)
    )
    listening = await listen(devices)
    options = ("-v3", "-u", "proven", "-l", "authNoPriv", "-a", "SHA-512", "-A", SECRETS["AUTH"])
    for number, _ in itertools.product(range(2, 8), range(2)):
        engine = ("-e", f"0x80001f88040000{number:02x}")
        source = f"127.0.0.{number}"
        done = await net_snmp("snmptrap", listening.port, *options, *engine, "--", "", COLD_START, source=source)
        assert done.returncode == 0, done.stderr
    await listening.until(lambda: listening.value("dcnet_trap_received_total", trap="coldStart") == 12)
    assert all(listening.received("coldStart", f"dev-{number}") == 2 for number in range(2, 8))
