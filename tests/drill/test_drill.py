"""A share of the fault drill: two faults at once, and their end. `make drill` runs all, and a quiet half hour."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drill.drill import Drill, running_drill
from tests.drill.faults import INTERFACE_CUT, ROUTER_KILLED
from tests.drill.monitoring import HURRIED
from tests.drill.router import FRR

pytestmark = pytest.mark.timeout(400)


def may_drill() -> bool:
    """Whether this process may make namespaces, and has the daemons."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    programs = all(shutil.which(name, path=path) for name in ("ip", "snmpd", "lldpd", "snmpset"))
    return os.geteuid() == 0 and programs and (FRR / "bgpd").exists() and Path("/dev/net/tun").exists()


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    if not may_drill():
        pytest.skip("needs root, /dev/net/tun, snmpd, frr, frr-snmp and lldpd")
    with running_drill(HURRIED) as running:
        yield running


def test_a_cut_port_and_a_dead_router_are_one_message_each(drill: Drill) -> None:
    """Each is told once by its own name, and so is its end; what the router's death entails fires and is not told."""
    measured = drill.run([INTERFACE_CUT, ROUTER_KILLED])
    assert [one.fault.name for one in measured] == ["interface cut", "router killed"]
