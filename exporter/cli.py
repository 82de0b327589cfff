"""`dcnet-exporter`: serve, probe, discover, check. Owns arguments and exit statuses, nothing else."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from dcnet.bilingual_click import BilingualGroup, BilingualOption, option, say
from dcnet.language import Words
from exporter.config_commands import config_group, inventory_option
from exporter.discover import DEFAULT_PORT, discover_device, render_discovery
from exporter.drop_in.service import DropIn
from exporter.drop_in.target import parse_network
from exporter.errors import ExporterError
from exporter.exposition import render_text
from exporter.inventory.load import load_inventory
from exporter.inventory.values import check_host
from exporter.platforms.library import shipped_platforms
from exporter.profiles.library import shipped_profiles
from exporter.scrape import DEFAULT_TIMEOUT_SECONDS, LONGEST_TIMEOUT_SECONDS, scrape_device
from exporter.server import ListenAddress
from exporter.server import serve as run_server
from exporter.ssh_runner import visit_now

EXIT_NOT_ANSWERED = 1
LARGEST_PORT = 65535
DEFAULT_LISTEN = "127.0.0.1:9780"
DISCOVER_SECONDS = 60.0
SHORTEST_TIMEOUT_SECONDS = 0.1


def parse_listen(value: str) -> ListenAddress:
    """The address of `HOST:PORT`, the host in brackets when it is an IPv6 one. Raises ExporterError."""
    host, _, port = value.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    number = int(port) if port.isdecimal() else -1
    if not bare or not 0 <= number <= LARGEST_PORT or (":" in bare and not host.startswith("[")):
        raise ExporterError(
            Words(
                f"--listen: ditemukan {value!r}, seharusnya HOST:PORT, misalnya {DEFAULT_LISTEN} atau [::1]:9780",
                f"--listen: found {value!r}, expected HOST:PORT, for example {DEFAULT_LISTEN} or [::1]:9780",
            )
        )
    return ListenAddress(bare, number)


def parse_timeout(seconds: float) -> float:
    """`seconds` when they are a time limit. Raises ExporterError, also for NaN, which no comparison refuses."""
    if SHORTEST_TIMEOUT_SECONDS <= seconds <= LONGEST_TIMEOUT_SECONDS:
        return seconds
    span = f"{SHORTEST_TIMEOUT_SECONDS:g} s.d. {LONGEST_TIMEOUT_SECONDS:g}"
    raise ExporterError(
        Words(
            f"--timeout: ditemukan {seconds:g}, seharusnya {span} detik",
            f"--timeout: found {seconds:g}, expected {span.replace('s.d.', 'to')} seconds",
        )
    )


@click.group(
    cls=BilingualGroup,
    name="dcnet-exporter",
    words=Words(
        "Exporter Prometheus untuk perangkat jaringan dan tautan internet di data center.",
        "Prometheus exporter for a data center's network devices and internet links.",
    ),
)
@click.version_option(
    package_name="dcnet",
    prog_name="dcnet-exporter",
    cls=BilingualOption,
    words=Words("Tampilkan versi lalu keluar.", "Show the version and exit."),
)
def main() -> None:
    """Group of the commands."""


@main.command(
    words=Words(
        "Layani Prometheus: /sd, /probe, /metrics, dan halaman ringkas di /.",
        "Serve Prometheus: /sd, /probe, /metrics, and a short page at /.",
    )
)
@inventory_option
@option(
    "--listen",
    "address",
    default=DEFAULT_LISTEN,
    metavar="HOST:PORT",
    words=Words(
        f"Alamat layanan (bawaan: {DEFAULT_LISTEN}; IPv6: [::1]:9780).",
        f"Address to serve on (default: {DEFAULT_LISTEN}; IPv6: [::1]:9780).",
    ),
)
@option(
    "--snmp-config",
    "snmp_files",
    multiple=True,
    metavar="FILE",
    words=Words(
        "snmp.yml milik snmp_exporter, dilayani di /snmp (boleh beberapa).",
        "An snmp.yml of snmp_exporter, served at /snmp (repeatable).",
    ),
)
@option(
    "--snmp-allow",
    "snmp_networks",
    multiple=True,
    metavar="CIDR",
    words=Words(
        "Jaringan yang boleh ditanyai lewat /snmp (boleh beberapa).",
        "A network that /snmp may ask (repeatable).",
    ),
)
def serve(inventory_file: Path, address: str, snmp_files: tuple[str, ...], snmp_networks: tuple[str, ...]) -> None:
    """Serve until told to stop."""
    write_logs(logging.INFO)
    listen = parse_listen(address)
    asyncio.run(run_server(inventory_file, listen, open_drop_in(snmp_files, snmp_networks)))


def open_drop_in(files: Sequence[str], networks: Sequence[str]) -> DropIn | None:
    """What serves /snmp; None where nobody wants it. Raises PublicError."""
    if bool(files) != bool(networks):
        raise ExporterError(
            Words(
                "--snmp-config dan --snmp-allow harus diberikan bersama: berkas, dan jaringan yang boleh ditanyai",
                "--snmp-config and --snmp-allow must be given together: the file, and the networks that may be asked",
            )
        )
    return DropIn(files, [parse_network(network) for network in networks]) if files else None


@main.command(words=Words("Periksa berkas inventaris.", "Check an inventory file."))
@click.argument("inventory_file", metavar="FILE", type=click.Path(path_type=Path))
def check(inventory_file: Path) -> None:
    """Tell that the inventory is sound, or every problem of it."""
    inventory = load_inventory(inventory_file)
    shipped_profiles()
    shipped_platforms()
    probes = sum(len(link.probes) for link in inventory.links)
    devices, links, work = len(inventory.devices), len(inventory.links), len(inventory.planned_work)
    say(
        Words(
            f"{inventory_file}: baik; {devices} perangkat, {links} tautan dengan {probes} probe, "
            f"{work} pekerjaan terencana",
            f"{inventory_file}: OK; {devices} devices, {links} links with {probes} probes, {work} planned works",
        )
    )


@main.command(
    words=Words(
        "Coba satu perangkat: apa dia, profil mana, kolektor mana yang menjawab.",
        "Try a device: what it is, which profile, which collectors answer.",
    )
)
@inventory_option
@click.argument("address", metavar="ADDRESS")
@option(
    "--credential",
    required=True,
    metavar="NAME",
    words=Words("Nama di credentials.snmp inventaris.", "A name of the inventory's credentials.snmp."),
)
@option(
    "--port",
    type=click.IntRange(min=1, max=LARGEST_PORT),
    default=DEFAULT_PORT,
    metavar="PORT",
    words=Words("Port UDP agen (bawaan: 161).", "The agent's UDP port (default: 161)."),
)
@option(
    "--timeout",
    "timeout_seconds",
    type=click.FloatRange(min=0.1, max=300),
    default=DISCOVER_SECONDS,
    metavar="SECONDS",
    words=Words("Batas waktu seluruhnya (bawaan: 60).", "Time limit in all (default: 60)."),
)
def discover(inventory_file: Path, address: str, credential: str, port: int, timeout_seconds: float) -> None:
    """Print what a device is and how it would be collected; status 1 when it did not answer."""
    write_logs(logging.ERROR)
    inventory = load_inventory(inventory_file)
    check_host(address)
    device, outcome = asyncio.run(
        discover_device(
            inventory, shipped_profiles(), address, credential=credential, port=port, timeout_seconds=timeout_seconds
        )
    )
    say(render_discovery(device, outcome))
    if not outcome.up:
        sys.exit(EXIT_NOT_ANSWERED)


@main.command(words=Words("Baca satu perangkat dan tampilkan metriknya.", "Read one device and print its metrics."))
@inventory_option
@click.argument("device_name", metavar="DEVICE")
@option(
    "--debug",
    is_flag=True,
    words=Words(
        "Tampilkan juga apa yang ditanyakan dan dijawab (tanpa rahasia).",
        "Also print what was asked and answered (no secrets).",
    ),
)
@option(
    "--ssh",
    "over_ssh",
    is_flag=True,
    words=Words(
        "Kunjungi perangkat itu juga lewat SSH, sekarang; konfigurasinya tidak disimpan.",
        "Also visit the device over SSH, now; its configuration is not kept.",
    ),
)
@option(
    "--timeout",
    "timeout_seconds",
    type=float,
    callback=lambda _context, _parameter, value: parse_timeout(value),
    default=DEFAULT_TIMEOUT_SECONDS,
    metavar="SECONDS",
    words=Words("Batas waktu seluruhnya (bawaan: 10).", "Time limit in all (default: 10)."),
)
def probe(inventory_file: Path, device_name: str, debug: bool, over_ssh: bool, timeout_seconds: float) -> None:
    """Print the metrics of one device; status 1 when it did not answer."""
    write_logs(logging.WARNING)
    inventory = load_inventory(inventory_file)
    device = inventory.device(device_name)
    if device is None:
        known = ", ".join(sorted(device.name for device in inventory.devices)) or "-"
        raise ExporterError(
            Words(
                f"perangkat {device_name!r} tidak ada di {inventory_file}; yang ada: {known}",
                f"no device {device_name!r} in {inventory_file}; there are: {known}",
            )
        )

    def trace(line: str) -> None:
        click.echo(line, err=True)

    if over_ssh and device.ssh is None:
        raise ExporterError(
            Words(
                f"perangkat {device_name} tidak punya ssh di {inventory_file}; tambahkan, atau hilangkan --ssh",
                f"device {device_name} has no ssh in {inventory_file}; add it, or leave --ssh out",
            )
        )
    tell = trace if debug else None
    visited = asyncio.run(visit_now(inventory, device, tell)) if over_ssh else None
    outcome = asyncio.run(scrape_device(inventory, device, timeout_seconds, trace=tell, ssh=visited))
    click.echo(render_text(outcome.samples), nl=False)
    for failed in outcome.failures:
        say(
            Words(
                f"kolektor {failed.collector} gagal: {failed.failure}",
                f"collector {failed.collector}: {failed.failure}",
            ),
            err=True,
        )
    if not outcome.up:
        say(Words(f"{device_name} tidak menjawab", f"{device_name} did not answer"), err=True)
        sys.exit(EXIT_NOT_ANSWERED)


main.add_command(config_group)


def write_logs(level: int) -> None:
    """Write log lines of `level` and above to standard error, one a line, in English."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
