"""What IF-MIB's columns mean, case by case."""

import pytest

from exporter.collectors.interface_rows import (
    judge_counter,
    judge_last_change,
    judge_oper_up,
    judge_speed,
    name_interfaces,
    name_type,
)
from exporter.collectors.system import judge_uptime
from exporter.collectors.values import Value, parse_mac, parse_text
from exporter.collectors.vendors import vendor_of


@pytest.mark.parametrize(
    ("speed", "high_speed", "expected"),
    [
        pytest.param(1_000_000_000, 1000, 1_000_000_000, id="gigabit"),
        pytest.param(4_294_967_295, 10_000, 10_000_000_000, id="ten gigabit: ifSpeed at its ceiling"),
        pytest.param(1_410_065_408, 10_000, 10_000_000_000, id="ten gigabit: ifSpeed wrapped"),
        pytest.param(1_544_000, 2, 1_544_000, id="T1: ifHighSpeed rounded"),
        pytest.param(100_000_000, None, 100_000_000, id="no ifXTable"),
        pytest.param(100_000_000, 0, 100_000_000, id="ifHighSpeed left at zero"),
        pytest.param(4_294_967_295, None, None, id="ceiling alone says nothing"),
        pytest.param(0, 0, None, id="no bandwidth"),
        pytest.param(b"fast", b"faster", None, id="wrong types"),
        pytest.param(None, 400_000, 400_000_000_000, id="400 gigabit"),
    ],
)
def test_speed(speed: Value, high_speed: Value, expected: int | None) -> None:
    """The speed is ifHighSpeed wherever ifSpeed cannot be."""
    assert judge_speed(speed, high_speed) == expected


@pytest.mark.parametrize(
    ("names", "descriptions", "expected"),
    [
        pytest.param({"1": b"ge-0/0/0"}, {"1": b"port"}, {"1": "ge-0/0/0"}, id="ifName first"),
        pytest.param({"1": b" "}, {"1": b"port"}, {"1": "port"}, id="else ifDescr"),
        pytest.param({}, {}, {"1": "if1"}, id="else the index"),
        pytest.param({"1": b"e", "2": b"e"}, {}, {"1": "e#1", "2": "e#2"}, id="a name twice"),
        pytest.param(
            {"1": b"e", "2": b"e", "3": b"e#1"}, {}, {"1": "e#1#1", "2": "e#2", "3": "e#1#3"}, id="even so twice"
        ),
        pytest.param({"1": b"\xe9t\x00junk"}, {}, {"1": "ét"}, id="Latin-1, ended by NUL"),
    ],
)
def test_names(names: dict[str, Value], descriptions: dict[str, Value], expected: dict[str, str]) -> None:
    """Every interface gets a label of its own that does not depend on the order of rows."""
    assert name_interfaces(list(expected), names, descriptions) == expected
    assert len(set(expected.values())) == len(expected)


def test_counter_of_the_wider_kind() -> None:
    """The 32-bit counter stands in only for an interface that has no 64-bit counters of the same group."""
    assert judge_counter("1", {"1": 2**40}, {"1": 7}, has_high=True) == 2**40
    assert judge_counter("1", {}, {"1": 7}, has_high=True) is None
    assert judge_counter("1", {}, {"1": 7}, has_high=False) == 7
    assert judge_counter("1", {"1": b"x"}, {}, has_high=True) is None


@pytest.mark.parametrize(
    ("last_change", "uptime", "expected"),
    [(1000, 6000, 950.0), (0, 6000, None), (7000, 6000, None), (1000, None, None), (b"?", 6000, None)],
    ids=["known", "before the agent started", "sysUpTime wrapped", "no sysUpTime", "wrong type"],
)
def test_last_change(last_change: Value, uptime: int | None, expected: float | None) -> None:
    """The instant of the last change is told only where it can be known."""
    assert judge_last_change(last_change, uptime, 1000.0) == expected


@pytest.mark.parametrize(
    ("status", "expected"), [(1, True), (2, False), (4, None), (7, False), (9, None), (b"up", None), (None, None)]
)
def test_oper_status(status: Value, expected: bool | None) -> None:
    """Unknown is neither up nor down."""
    assert judge_oper_up(status) is expected


@pytest.mark.parametrize(
    ("ticks", "engine", "expected"),
    [
        pytest.param(123_456, 1_234, 1234.56, id="both agree: the finer one"),
        pytest.param(123_456, None, 1234.56, id="no snmpEngineTime"),
        pytest.param(None, 77, 77.0, id="no sysUpTime"),
        pytest.param(5_000, 42_949_722, 42_949_722.0, id="sysUpTime wrapped after 497 days"),
        pytest.param(123_456, 9_999_999, 1234.56, id="snmpEngineTime is another clock"),
        pytest.param(None, None, None, id="neither"),
    ],
)
def test_uptime(ticks: int | None, engine: int | None, expected: float | None) -> None:
    """The uptime is snmpEngineTime where sysUpTime has wrapped and both are the same clock."""
    assert judge_uptime(ticks, engine) == expected


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (b"plain", "plain"),
        ("サ".encode(), "サ"),
        (b"caf\xe9", "café"),
        (b"two\r\nlines\t ", "two lines"),
        (b"\xff\xfe\x00", "ÿþ"),
        (42, ""),
        (None, ""),
        (b"x" * 1000, "x" * 255),
    ],
)
def test_text(raw: Value, clean: str) -> None:
    """Text of any encoding becomes one clean line."""
    assert parse_text(raw) == clean


def test_small_readings() -> None:
    """Physical addresses, interface types and vendors are told in words, or not at all."""
    assert parse_mac(b"\x00\x1b\x21\xaa\xbb\xcc") == "00:1b:21:aa:bb:cc"
    assert parse_mac(b"") == parse_mac(b"\0" * 6) == parse_mac(5) == ""
    assert (name_type(6), name_type(9999), name_type(None)) == ("ethernet", "9999", "")
    assert vendor_of("1.3.6.1.4.1.9.1.1208") == "Cisco"
    assert vendor_of("1.3.6.1.4.1.999999.1") == vendor_of("") == vendor_of("1.3.6.1.4.1.x") == ""
