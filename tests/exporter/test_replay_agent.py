"""The agent that plays recordings, asked by net-snmp's own programs."""

import asyncio
import shutil

import pytest

from tests.exporter.replay_agent import replay
from tests.exporter.snmprec import read_snmprec

ROWS = 10_000
RECORDING = (
    "1.3.6.1.2.1.1.1.0|4|made-up\n"
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999\n"
    "1.3.6.1.2.1.4.20.1.1.127.0.0.1|64|192.0.2.1\n"
    "1.3.6.1.2.1.2.2.1.6.1|4x|001B21AABBCC\n"
    "1.3.6.1.2.1.2.2.1.8.1|2|-128\n"
    "1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615\n"
    "1.3.6.1.2.1.31.1.1.1.18.1|4|uplink | to core\n"
    "1.3.6.1.6.3.10.2.1.3.0|2|77\n"
    "this line is none\n" + "".join(f"1.3.6.1.4.1.99999.1.1.{row}|66|{row}\n" for row in range(ROWS, 0, -1))
)

pytestmark = pytest.mark.skipif(shutil.which("snmpbulkwalk") is None, reason="the snmp programs are not installed")


async def ask(program: str, version: str, port: int, *arguments: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        *(program, f"-v{version}", "-c", "any", "-m", "", "-On", "-Oq", "-r0"),
        *arguments[:-1],
        f"127.0.0.1:{port}",
        arguments[-1],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode().splitlines()


async def test_bulk_walk_gives_everything_in_order() -> None:
    """A bulk walk over ten thousand objects gives each once, in the order of their numbers."""
    async with replay(RECORDING) as port:
        lines = await ask("snmpbulkwalk", "2c", port, "-Cr40", "1.3.6.1.4.1.99999")
    assert lines == [f".1.3.6.1.4.1.99999.1.1.{row} {row}" for row in range(1, ROWS + 1)]


async def test_end_of_everything() -> None:
    """After the last object comes endOfMibView, once."""
    async with replay(RECORDING) as port:
        lines = await ask("snmpbulkget", "2c", port, "-Cr5", "1.3.6.1.6.3.10.2.1.3")
    assert [line.partition(" ")[0] for line in lines] == [".1.3.6.1.6.3.10.2.1.3.0"] * 2
    assert "No more variables" in lines[1]


async def test_values_of_every_type() -> None:
    """Texts with bars, bytes, negative numbers, addresses and 64-bit counters come as they were recorded."""
    async with replay(RECORDING) as port:
        lines = await ask("snmpbulkwalk", "2c", port, "1.3.6.1.2.1")
    assert lines == [
        '.1.3.6.1.2.1.1.1.0 "made-up"',
        ".1.3.6.1.2.1.1.2.0 .1.3.6.1.4.1.99999",
        '.1.3.6.1.2.1.2.2.1.6.1 "00 1B 21 AA BB CC "',
        ".1.3.6.1.2.1.2.2.1.8.1 -128",
        ".1.3.6.1.2.1.4.20.1.1.127.0.0.1 192.0.2.1",
        ".1.3.6.1.2.1.31.1.1.1.6.1 18446744073709551615",
        '.1.3.6.1.2.1.31.1.1.1.18.1 "uplink | to core"',
    ]


async def test_version_1_has_no_wide_counters() -> None:
    """SNMP v1 cannot carry Counter64: such objects are passed over, and what is missing is noSuchName (RFC 3584)."""
    async with replay(RECORDING) as port:
        walked = await ask("snmpwalk", "1", port, "1.3.6.1.2.1.31")
        missing = await ask("snmpget", "1", port, "1.3.6.1.2.1.31.1.1.1.6.1")
    assert walked == ['.1.3.6.1.2.1.31.1.1.1.18.1 "uplink | to core"']
    assert "noSuchName" in " ".join(missing)


def test_first_of_a_name_counts() -> None:
    """An object recorded twice is answered as it was recorded first."""
    objects = read_snmprec("1.3.6.1.2.1.1.3.0|67|1\n1.3.6.1.2.1.1.3.0|67|2\n")
    assert [varbind.encoded.hex() for varbind in objects] == ["300d06082b06010201010300430101"]
