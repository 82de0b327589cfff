"""Two providers between a near host and a far one, each over a wire under the test's control."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.network.namespaces import Namespace, Wire, namespace, wire


def may_make_namespaces() -> bool:
    """Whether this process can make network namespaces and TUN devices."""
    if shutil.which("ip") is None:
        return False
    done = subprocess.run(
        ["unshare", "-n", "ip", "tuntap", "add", "dev", "t", "mode", "tun"],
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.returncode == 0


@pytest.fixture(scope="session", autouse=True)
def _needs_namespaces() -> None:
    if not may_make_namespaces():
        pytest.skip("needs root, iproute2 and /dev/net/tun")


@dataclass(frozen=True, slots=True)
class Providers:
    """The near end at 10.81.0.1 (isp-a) and 10.82.0.1 (isp-b); 10.91/16 and 10.92/16 answer behind each."""

    near: Namespace
    far: Namespace
    a: Wire
    b: Wire


@pytest.fixture
def providers() -> Iterator[Providers]:
    """Two wires; each far address answers echoes, IPv6 ones of 2001:db8:91::/64 over isp-a as well."""
    with (
        namespace("near") as near,
        namespace("far") as far,
        wire(near, far, "isp-a") as a,
        wire(near, far, "isp-b") as b,
    ):
        for number, device in ((1, "isp-a"), (2, "isp-b")):
            near.run(f"ip address add 10.8{number}.0.1/30 dev {device}")
            near.run(f"ip route add 10.9{number}.0.0/16 dev {device}")
            far.run(f"ip address add 10.8{number}.0.2/30 dev {device}")
            far.run(f"ip route add local 10.9{number}.0.0/16 dev lo")
        near.run("ip -6 address add 2001:db8:81::1/64 dev isp-a nodad")
        near.run("ip -6 route add 2001:db8:91::/64 dev isp-a")
        far.run("ip -6 address add 2001:db8:81::2/64 dev isp-a nodad")
        far.run("ip -6 route add local 2001:db8:91::/64 dev lo")
        yield Providers(near, far, a, b)
