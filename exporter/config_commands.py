"""`dcnet-exporter config`: the kept versions of devices' configurations, for people. Owns wording, nothing else."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from dcnet.bilingual_click import BilingualGroup, option, say
from dcnet.language import Words
from dcnet.visible import make_visible
from exporter.configuration.archive import Archive
from exporter.errors import ExporterError
from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory

inventory_option = option(
    "--inventory",
    "inventory_file",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    words=Words("Berkas inventaris (YAML).", "Inventory file (YAML)."),
)


@click.group(
    cls=BilingualGroup,
    name="config",
    words=Words("Versi konfigurasi perangkat yang tersimpan.", "The kept versions of devices' configurations."),
)
def config_group() -> None:
    """Group of the commands."""


@config_group.command(
    words=Words("Daftar versi satu perangkat, terbaru di atas.", "A device's versions, newest first.")
)
@inventory_option
@click.argument("device", metavar="DEVICE")
def log(inventory_file: Path, device: str) -> None:
    """Print the versions, and when the configuration was last read."""
    inventory, archive = _open(inventory_file)
    zone = ZoneInfo(inventory.site.time_zone)
    for version in archive.log(device):
        when = version.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
        click.echo(
            make_visible(f"{version.id}  {when}  +{version.added} -{version.removed}  {version.summary}".rstrip())
        )
    read_at = archive.read_at(device)
    if read_at is not None:
        when = datetime.fromtimestamp(read_at, zone).strftime("%Y-%m-%d %H:%M:%S %Z")
        say(Words(f"terakhir dibaca {when}", f"last read {when}"), err=True)


@config_group.command(
    words=Words(
        "Yang berubah di versi NEW (bawaan: terbaru) sejak OLD (bawaan: versi sebelumnya).",
        "What version NEW (default: the newest) changed since OLD (default: the one before).",
    )
)
@inventory_option
@click.argument("device", metavar="DEVICE")
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
def diff(inventory_file: Path, device: str, old: str | None, new: str | None) -> None:
    """Print a unified difference."""
    _, archive = _open(inventory_file)
    text = archive.diff(device, old, new)
    if text:
        click.echo(make_visible(text), nl=False)
    else:
        say(Words("tidak ada perbedaan", "no difference"), err=True)


@config_group.command(words=Words("Tampilkan satu versi (bawaan: terbaru).", "Print a version (default: the newest)."))
@inventory_option
@click.argument("device", metavar="DEVICE")
@click.argument("version", metavar="[VERSION]", required=False)
def show(inventory_file: Path, device: str, version: str | None) -> None:
    """Print a configuration as it was kept: without secrets and volatile lines."""
    _, archive = _open(inventory_file)
    click.echo(make_visible(archive.show(device, version)), nl=False)


def _open(inventory_file: Path) -> tuple[Inventory, Archive]:
    inventory = load_inventory(inventory_file)
    folder = inventory.configuration.folder
    if folder is None:
        raise ExporterError(
            Words(
                f"{inventory_file}: configuration.folder belum diisi, jadi tidak ada versi yang disimpan",
                f"{inventory_file}: configuration.folder is not set, so no versions are kept",
            )
        )
    return inventory, Archive(folder)
