"""`init`: a commented `sopctl.yml` and an empty store. Never overwrites."""

import os
from importlib.resources import files
from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, current_language, say
from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.ledger import Ledger
from sopctl.adapters.store_access import share
from sopctl.errors import SopctlError

SETTINGS_MODE = 0o644


@click.command(
    "init",
    cls=BilingualCommand,
    words=Words(
        "Membuat sopctl.yml berpenjelasan dan penyimpanan kosong di DIR (bawaan: folder ini). Tidak pernah menimpa.",
        "Make a commented sopctl.yml and an empty store in DIR (default: this folder). Never overwrites.",
    ),
)
@click.argument("folder", metavar="[DIR]", default=Path(), type=click.Path(path_type=Path))
def init_command(folder: Path) -> None:
    """Begin."""
    settings = folder / "sopctl.yml"
    if _is_there(settings):
        raise SopctlError(
            Words(
                f"{settings} sudah ada dan tidak ditimpa. Keadaannya: sopctl --config {settings} status",
                f"{settings} is already there and is not overwritten. How it stands: sopctl --config {settings} status",
            )
        )
    store = folder / "store"
    Ledger.create(store).close()
    template = files("sopctl.commands").joinpath(f"sopctl.{current_language().value}.yml")
    _write_new(settings, template.read_bytes())
    say(
        Words(
            f"Dibuat: {settings} (pengaturan) dan {store} (buku besar).\n"
            f"Berikutnya:\n"
            f"  1. Isi {settings}: alamat Prometheus, kop surat, nama dan NIP pejabat.\n"
            f"  2. Buka siklus: {_command(settings)} --as sekretaris open --period YYYY-MM",
            f"Made: {settings} (settings) and {store} (the ledger).\n"
            f"Next:\n"
            f"  1. Fill in {settings}: Prometheus' address, letterhead, names and NIP of the officials.\n"
            f"  2. Open a cycle: {_command(settings)} --as sekretaris open --period YYYY-MM",
        )
    )


def _is_there(settings: Path) -> bool:
    try:
        return settings.exists()
    except OSError as error:
        why = reason_of(error)
        raise SopctlError(
            Words(f"{settings} tidak dapat diperiksa: {why.id}", f"{settings} cannot be looked at: {why.en}")
        ) from error


def _command(settings: Path) -> str:
    return "sopctl" if settings == Path("sopctl.yml") else f"sopctl --config {settings}"


def _write_new(file: Path, content: bytes) -> None:
    """Write `file` whole or not at all, and only where there is none."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as writing:
            writing.write(content)
            # Every official's login reads it; secrets stand elsewhere.
            share(writing.fileno(), SETTINGS_MODE)
            writing.flush()
            os.fsync(writing.fileno())
        # A link fails where a rename would replace.
        os.link(temporary, file)
    except OSError as error:
        why = reason_of(error)
        raise SopctlError(
            Words(f"{file} tidak dapat ditulis: {why.id}", f"{file} cannot be written: {why.en}")
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
