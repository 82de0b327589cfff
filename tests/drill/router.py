"""A router of the drill: a network namespace in which real zebra, bgpd, snmpd and lldpd run.

FRR of Debian gives the routes and BGP4-MIB, snmpd the IF-MIB and everything else over AgentX, lldpd the LLDP-MIB.
Owns their configuration and their life. FRR's daemons give root up, so their folder must be theirs.
"""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.drill.waiting import wait_for
from tests.network.namespaces import Namespace

FRR = Path("/usr/lib/frr")
AGENTX = "tcp:127.0.0.1:705"
COMMUNITY = "drill"
AGENT_CACHE_SECONDS = 1
# NET-SNMP-AGENT-MIB::nsCacheTimeout of ifTable: 15 s unless told otherwise.
CACHE = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2"
IF_ALIAS = "1.3.6.1.2.1.31.1.1.1.18"


@dataclass
class Router:
    """Its name is that of the inventory, its sysName and what its neighbours see."""

    name: str
    namespace: Namespace
    folder: Path
    autonomous_system: int
    peers: dict[str, int]
    """Addresses of BGP peers, with their autonomous systems."""

    managed: bool = True
    """Whether it shows itself over SNMP and LLDP."""

    ports: list[str] = field(default_factory=list)
    """Those that lose their light with its power."""

    described: dict[str, str] = field(default_factory=dict)
    """Ports that an operator has described (ifAlias): only what is described or has a neighbour is missed when down."""

    processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self) -> None:
        """Write the daemons' configuration and start them."""
        self.folder.mkdir(exist_ok=True)
        self._write("snmpd.conf", _SNMPD.format(name=self.name, community=COMMUNITY, agentx=AGENTX))
        self._write("frr.conf", f"agentXSocket {AGENTX}\n")
        self._write("lldpd.conf", f"configure system hostname {self.name}\nconfigure lldp tx-interval 1\n")
        self._write("zebra.conf", f"hostname {self.name}\n")
        self._write("bgpd.conf", self._bgp())
        shutil.chown(self.folder, "frr", "frr")
        if self.managed:
            self._start("snmpd", "snmpd", "-f", "-Lo", "-C", "-c", "snmpd.conf", "-p", "snmpd.pid", "udp:161")
            wait_for((self.folder / "snmpd.pid").exists, f"{self.name}: snmpd")
            self._set(CACHE, "i", str(AGENT_CACHE_SECONDS))
            for port, description in self.described.items():
                index = self.namespace.run(f"cat /sys/class/net/{port}/ifindex").strip()
                self._set(f"{IF_ALIAS}.{index}", "s", description)
        vty = ("-z", str(self.folder / "zserv"), "--vty_socket", str(self.folder), "-P", "0")
        self._start("zebra", str(FRR / "zebra"), "-f", str(self.folder / "zebra.conf"), "-i", "zebra.pid", *vty)
        wait_for((self.folder / "zserv").exists, f"{self.name}: zebra")
        snmp = ("-M", "snmp") if self.managed else ()
        self._start("bgpd", str(FRR / "bgpd"), "-f", str(self.folder / "bgpd.conf"), "-i", "bgpd.pid", *vty, *snmp)
        if self.managed:
            socket = str(self.folder / "lldpd.socket")
            own = ("-d", "-X", AGENTX, "-u", socket, "-O", str(self.folder / "lldpd.conf"), "-I", "eth-*")
            self._start("lldpd", "lldpd", *own)

    def configure_bgp(self, *lines: str) -> None:
        """Give bgpd lines of configuration, as an operator would."""
        commands = ["configure terminal", f"router bgp {self.autonomous_system}", *lines]
        arguments = [part for command in commands for part in ("-c", command)]
        done = subprocess.run(
            ["vtysh", "--vty_socket", str(self.folder), "-d", "bgpd", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def cut_power(self) -> None:
        """Every daemon ends without a word, every port loses its light."""
        self.end()
        for port in (*self.ports, "lo"):
            self.namespace.run(f"ip link set {port} down")

    def end(self) -> None:
        """Kill every daemon, and take away what they leave behind."""
        for process in self.processes.values():
            # lldpd and its privileged half are a group.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)
        self.processes.clear()
        for left in ("zserv", "snmpd.pid", "lldpd.socket", "lldpd.socket.lock", "zebra.vty", "bgpd.vty"):
            (self.folder / left).unlink(missing_ok=True)

    def _set(self, instance: str, kind: str, value: str) -> None:
        self.namespace.run(f"snmpset -v2c -c {COMMUNITY}-write 127.0.0.1 {instance} {kind} {value}")

    def _start(self, name: str, *command: str) -> None:
        environment = os.environ | {"SNMPCONFPATH": str(self.folder), "SNMP_PERSISTENT_DIR": str(self.folder)}
        environment["PATH"] += ":/usr/sbin:/sbin"
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = self.namespace.start(
                [*command], stdout=log, stderr=log, env=environment, cwd=self.folder, start_new_session=True
            )

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def _bgp(self) -> str:
        lines = [
            *([f"hostname {self.name}", "agentx"] if self.managed else [f"hostname {self.name}"]),
            f"router bgp {self.autonomous_system}",
            " no bgp ebgp-requires-policy",
            " timers bgp 1 3",
        ]
        for peer, autonomous_system in self.peers.items():
            lines += [f" neighbor {peer} remote-as {autonomous_system}", f" neighbor {peer} timers connect 1"]
        redistributed = ["  redistribute connected", "  redistribute kernel"] if self.managed else []
        return "\n".join([*lines, " address-family ipv4 unicast", *redistributed, " exit-address-family", ""])


_SNMPD = """\
rocommunity {community}
rwcommunity {community}-write 127.0.0.1
sysName {name}
master agentx
agentXSocket {agentx}
"""
