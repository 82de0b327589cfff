"""A network namespace with hundreds of real interfaces, a real snmpd in it, and both exporters beside it.

Owns what lives in the namespace and its end. Needs root and `ip netns`; nothing in it can reach another host.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bench.if_mib_module import community_auth, current_form, if_mib_module, older_form, private_auth

Result = TypeVar("Result")
PEER = "prometheus-snmp-exporter"
OURS_PORT, PEER_PORT, AGENT_PORT = 9780, 9116, 161
COMMUNITY, USER, PASSWORD, PRIV_PASSWORD = "bench", "bench", "bench-auth-key", "bench-priv-key"
_READY_SECONDS = 20
_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of setns(2)."""


class NetworkError(Exception):
    """One of the programs in the namespace did not start."""


class NetworkMissingError(NetworkError):
    """This machine lacks what the namespace needs."""


@dataclass
class InterfaceNetwork:
    """A namespace; made by interface_network()."""

    name: str
    folder: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._inside = ThreadPoolExecutor(max_workers=1, initializer=self._enter)

    def run(self, work: Callable[[], Result]) -> Result:
        """What `work` gives when its sockets are opened inside."""
        return self._inside.submit(work).result()

    def fetch(self, url: str) -> str:
        """The body of `url`, asked inside. Raises urllib's errors."""

        def get() -> str:
            with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - a URL of this module
                return str(answer.read().decode())

        return self.run(get)

    def start(self, name: str, command: Sequence[str], ready_url: str, environment: Mapping[str, str]) -> None:
        """Start a program inside and wait until `ready_url` answers. Raises NetworkError."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | environment,
                cwd=self.folder,
            )
        self.processes[name] = process
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.fetch(ready_url)
            except OSError:
                time.sleep(0.05)
                continue
            return
        raise NetworkError(f"{name} did not start: {log.read_text()[-500:]}")

    def cpu_seconds(self, name: str) -> float:
        """User and system time of a program until now."""
        fields = Path(f"/proc/{self.processes[name].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End the programs."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(20)
        self._inside.shutdown()

    def _enter(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        with Path(f"/run/netns/{self.name}").open("rb") as place:
            if library.setns(place.fileno(), _NEW_NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "setns")


@contextmanager
def interface_network(pairs: int) -> Iterator[InterfaceNetwork]:
    """A namespace with `pairs` of connected interfaces, snmpd, and both exporters serving if_mib of it.

    Raises NetworkMissingError where that cannot be had here.
    """
    missing = [name for name in ("ip", "snmpd", PEER) if _program(name) is None]
    if os.geteuid() != 0 or missing:
        raise NetworkMissingError(
            f"needs root and the programs ip, snmpd, {PEER}; missing: {', '.join(missing) or 'root'}"
        )
    name = f"dcnet{os.getpid()}"
    with ExitStack() as ending, tempfile.TemporaryDirectory() as folder:
        try:
            _ip("netns", "add", name)
        except NetworkError as error:
            raise NetworkMissingError(str(error)) from error
        ending.callback(_ip, "netns", "del", name)
        _ip("-n", name, "link", "set", "lo", "up")
        orders = [f"link add a{number} type veth peer name b{number}" for number in range(pairs)]
        # One end up and one down: both states, and no interface that counts anything.
        orders += [f"link set a{number} up" for number in range(pairs)]
        orders += [f"link set a{number} alias port-{number}" for number in range(0, pairs, 5)]
        _ip("-n", name, "-batch", "-", text="\n".join(orders))
        network = InterfaceNetwork(name, Path(folder))
        ending.callback(network.end)
        _start_agent(network)
        auths = {"public_v2": community_auth(COMMUNITY), "priv": private_auth(USER, PASSWORD, PRIV_PASSWORD)}
        modules = {"if_mib": if_mib_module()}
        start_peer(network, older_form(auths, modules))
        start_ours(network, current_form(auths, modules))
        yield network


def start_ours(network: InterfaceNetwork, settings: Mapping[str, Any]) -> None:
    """Our exporter, serving `settings` at /snmp."""
    file = _write(network.folder / "snmp.yml", settings)
    inventory = _write(network.folder / "inventory.yml", {"site": {"name": "bench", "time_zone": "Asia/Jakarta"}})
    listen = f"127.0.0.1:{OURS_PORT}"
    command = [sys.executable, "-m", "exporter", "serve", "--inventory", str(inventory), "--listen", listen]
    environment = {"PYTHONPATH": str(Path(__file__).parents[1])}
    command += ["--snmp-config", str(file), "--snmp-allow", "127.0.0.0/8"]
    network.start("ours", command, f"http://{listen}/-/healthy", environment)


def start_peer(network: InterfaceNetwork, settings: Mapping[str, Any]) -> None:
    """Debian's snmp_exporter, serving `settings` in the older form."""
    file = _write(network.folder / "older.yml", settings)
    listen = f"127.0.0.1:{PEER_PORT}"
    command = [PEER, f"--config.file={file}", f"--web.listen-address={listen}"]
    network.start("peer", command, f"http://{listen}/", {})


def ours_url(auth: str, target: str = f"127.0.0.1:{AGENT_PORT}", module: str = "if_mib") -> str:
    """Where our exporter tells `module` of `target`."""
    return f"http://127.0.0.1:{OURS_PORT}/snmp?target={target}&module={module}&auth={auth}"


def peer_url(auth: str, target: str = f"127.0.0.1:{AGENT_PORT}", module: str = "if_mib") -> str:
    """Where the peer tells the same."""
    return f"http://127.0.0.1:{PEER_PORT}/snmp?target={target}&module={module}_{auth}"


def _start_agent(network: InterfaceNetwork) -> None:
    file = network.folder / "snmpd.conf"
    file.write_text(
        f"rocommunity {COMMUNITY} 127.0.0.1\ncreateUser {USER} SHA {PASSWORD} AES {PRIV_PASSWORD}\nrouser {USER} priv\n"
    )
    log = (network.folder / "snmpd.log").open("wb")
    process = subprocess.Popen(
        [
            *("ip", "netns", "exec", network.name, str(_program("snmpd")), "-f", "-Lo", "-C", "-c", str(file)),
            *("-p", str(network.folder / "pid"), f"udp:127.0.0.1:{AGENT_PORT}"),
        ],
        stdout=log,
        stderr=subprocess.STDOUT,
        env=os.environ | {"SNMP_PERSISTENT_DIR": str(network.folder / "persistent"), "MIBS": ""},
    )
    log.close()
    network.processes["snmpd"] = process
    deadline = time.monotonic() + _READY_SECONDS
    while not (network.folder / "pid").exists():
        if time.monotonic() > deadline or process.poll() is not None:
            raise NetworkError(f"snmpd did not start: {(network.folder / 'snmpd.log').read_text()[-500:]}")
        time.sleep(0.05)


def _write(file: Path, document: Mapping[str, Any]) -> Path:
    # Copied, lest what stands in it twice becomes an alias.
    file.write_text(yaml.safe_dump(_copied(document), sort_keys=False))
    return file


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _ip(*arguments: str, text: str = "") -> None:
    done = subprocess.run(["ip", *arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NetworkError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
