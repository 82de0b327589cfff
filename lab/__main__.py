"""`python -m lab`: the lab's commands.

Owns what people type and read. It must not do the work: each command calls one function.
"""

import asyncio
import json
import signal
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, BilingualGroup, option, say
from dcnet.catalogue import load_catalogue
from dcnet.language import Words
from lab.endpoints import running_endpoints
from lab.errors import LabError
from lab.history import build_history
from lab.inventory import Ports, inventory_document, site_zone, write_inventory
from lab.model import Model
from lab.scenario import SHIPPED, load_scenario
from lab.snmp_agents import SnmpSecrets, running_agents
from lab.stack_commands import demo, down, files, up
from lab.timeline import Month, place_in_month, place_live
from lab.truth import differences, expected_findings

scenario_option = option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=SHIPPED,
    words=Words("Berkas skenario (bawaan: lab/scenario.yml).", "Scenario file (default: lab/scenario.yml)."),
)
month_option = option("--month", required=True, words=Words("Bulan, YYYY-MM.", "Month, YYYY-MM."))


@click.group(
    cls=BilingualGroup,
    words=Words("Pusat data tiruan untuk peragaan dan pengujian.", "The simulated data center for demo and tests."),
)
def main() -> None:
    """Run a command of the lab."""


@main.command(
    cls=BilingualCommand,
    words=Words(
        "Jalankan agen SNMP, DNS dan HTTP sampai dihentikan.",
        "Run the SNMP agents, DNS and HTTP until stopped.",
    ),
)
@scenario_option
@option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    words=Words("Dibuat setelah semua port terbuka.", "Created once every port is open."),
)
@option(
    "--secrets",
    "secrets_folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    words=Words("Folder berkas rahasia SNMP.", "Folder of the SNMP secret files."),
)
@option("--snmp-port", type=int, default=Ports().snmp, words=Words("Port UDP para agen.", "UDP port of the agents."))
@option("--dns-port", type=int, default=Ports().dns, words=Words("Port DNS.", "DNS port."))
@option("--http-port", type=int, default=Ports().http, words=Words("Port HTTP.", "HTTP port."))
def agents(  # noqa: PLR0917 - click passes options by name
    scenario_file: Path, ready_file: Path | None, secrets_folder: Path, snmp_port: int, dns_port: int, http_port: int
) -> None:
    """Run the live lab in the foreground."""
    scenario = load_scenario(scenario_file)
    model = Model(place_live(scenario, datetime.now(site_zone())))

    def tell_ready() -> None:
        if ready_file is not None:
            ready_file.touch()
        click.echo("ready")

    try:
        asyncio.run(_serve(model, SnmpSecrets.read(secrets_folder), Ports(snmp_port, dns_port, http_port), tell_ready))
    finally:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


@main.command(
    cls=BilingualCommand,
    words=Words(
        "Tulis inventaris lab dengan jendela kerja terencana bulan itu.",
        "Write the lab's inventory with that month's planned windows.",
    ),
)
@scenario_option
@month_option
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
def inventory(scenario_file: Path, month: str, output: Path) -> None:
    """Write the lab's inventory."""
    write_inventory(output, place_in_month(load_scenario(scenario_file), Month.parse(month, site_zone())))


@main.command(
    cls=BilingualCommand,
    words=Words("Buat satu bulan lampau di folder data Prometheus.", "Make a past month in a Prometheus data folder."),
)
@scenario_option
@month_option
@option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    words=Words("Aturan rekaman; satu opsi per tahap.", "Recording rules; one option a pass."),
)
@option(
    "--data-dir",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    words=Words("Folder data Prometheus yang tidak sedang dipakai.", "Prometheus data folder that is not in use."),
)
@option(
    "--work-dir",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    words=Words("Tempat kerja dan simpanan bulan yang sudah jadi.", "Scratch space and store of finished months."),
)
def history(scenario_file: Path, month: str, rules: tuple[Path, ...], data_dir: Path, work_dir: Path) -> None:
    """Make a past month."""
    chosen = Month.parse(month, site_zone())
    if chosen.end > datetime.now(chosen.zone):
        raise LabError(
            Words(
                f"bulan {chosen.name} belum berakhir; pilih bulan lampau",
                f"month {chosen.name} is not over; choose a past one",
            )
        )
    passes = [[file] for file in rules]
    report = build_history(load_scenario(scenario_file), chosen, passes, data_dir, work_dir, progress=say)
    say(
        Words(
            f"{report.samples} cuplikan dalam {report.blocks} blok, {report.seconds:.0f} detik",
            f"{report.samples} samples in {report.blocks} blocks, {report.seconds:.0f} seconds",
        )
    )


@main.command(
    cls=BilingualCommand,
    words=Words(
        "Tampilkan temuan yang seharusnya dilaporkan, atau bandingkan dengan report.json.",
        "Show the findings that should be reported, or compare them with a report.json.",
    ),
)
@scenario_option
@month_option
@option(
    "--report",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    words=Words("report.json yang dibandingkan.", "The report.json to compare."),
)
def truth(scenario_file: Path, month: str, report: Path | None) -> None:
    """Show or compare the truth."""
    chosen = Month.parse(month, site_zone())
    expected = expected_findings(load_scenario(scenario_file), chosen, load_catalogue(), inventory_document())
    for one in expected:
        bounds = one.degraded_minutes
        click.echo(f"{one.status.value:<9} {one.object:<18} {one.indicator:<22} {bounds.low:g}-{bounds.high:g} min")
    if report is None:
        return
    wrong = differences(expected, json.loads(report.read_text(encoding="utf-8")))
    if wrong:
        listed = "\n".join(wrong)
        raise LabError(
            Words(f"laporan berbeda dari skenario:\n{listed}", f"the report differs from the scenario:\n{listed}")
        )


async def _serve(model: Model, secrets: SnmpSecrets, ports: Ports, tell_ready: Callable[[], None]) -> None:
    stopped = asyncio.Event()
    for caught in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(caught, stopped.set)
    with running_agents(model, secrets, time.time, ports.snmp):
        async with running_endpoints(model, time.time, ports.dns, ports.http):
            tell_ready()
            await stopped.wait()


for command in (up, down, demo, files):
    main.add_command(command)

if __name__ == "__main__":
    main()
