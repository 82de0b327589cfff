"""`init`: a commented `sopctl.yml` and an empty store. Never overwrites."""

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, current_language, option, say
from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.ledger import Ledger
from sopctl.adapters.store_access import share
from sopctl.errors import SopctlError
from sopctl.settings import load_settings

SETTINGS_MODE = 0o644
KEYS_FOLDER = "demo-keys"
OFFICIAL_LINE = re.compile(r"^  - id: (\S+)\n    name: (.+)$", re.MULTILINE)
OFFICIAL_BLOCK = re.compile(r"^  - id: (\S+)\n(?:    \S.*\n)*    position: \S+$", re.MULTILINE)
TRUST = """
# Demo: uncertified keys / kunci demo: TIDAK TERSERTIFIKASI.
trust:
  authorities: [KEYS/ca.crt]
  revocation_lists: [KEYS/ca.crl]
"""


@click.command(
    "init",
    cls=BilingualCommand,
    words=Words(
        "Membuat sopctl.yml berpenjelasan dan penyimpanan kosong di DIR (bawaan: folder ini). Tidak pernah menimpa.",
        "Make a commented sopctl.yml and an empty store in DIR (default: this folder). Never overwrites.",
    ),
)
@option(
    "--demo-ca",
    is_flag=True,
    words=Words(
        "Juga membuat kunci dan sertifikat demo bagi setiap pejabat (tidak tersertifikasi; hanya untuk mencoba).",
        "Also make a demo key and certificate for each official (uncertified; only to try).",
    ),
)
@click.argument("folder", metavar="[DIR]", default=Path(), type=click.Path(path_type=Path))
def init_command(folder: Path, *, demo_ca: bool) -> None:
    """Begin."""
    settings = folder / "sopctl.yml"
    if _is_there(settings):
        if not demo_ca and _made_missing_store(settings):
            return
        raise SopctlError(
            Words(
                f"{settings} sudah ada dan tidak ditimpa. Keadaannya: sopctl --config {settings} status",
                f"{settings} is already there and is not overwritten. How it stands: sopctl --config {settings} status",
            )
        )
    store = folder / "store"
    Ledger.create(store).close()
    template = files("sopctl.commands").joinpath(f"sopctl.{current_language().value}.yml").read_text(encoding="utf-8")
    if demo_ca:
        template = _with_demo_identities(template, folder / KEYS_FOLDER)
    _write_new(settings, template.encode())
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

    if demo_ca:
        say(
            Words(
                f"Kunci demo pejabat ada di {folder / KEYS_FOLDER}: TIDAK TERSERTIFIKASI, hanya untuk mencoba. Jangan "
                "dipakai untuk laporan yang berlaku.",
                f"The officials' demo keys are in {folder / KEYS_FOLDER}: UNCERTIFIED, only to try. Never use them for "
                "a report that counts.",
            )
        )


def _with_demo_identities(template: str, folder: Path) -> str:
    """The settings with a demo identity for each official, whose keys are made in `folder`."""
    from sopctl.adapters.demo_identities import write_demo_identities  # noqa: PLC0415  # only this option needs it

    people = OFFICIAL_LINE.findall(template)
    try:
        write_demo_identities(folder, people, datetime.now(UTC))
    except OSError as error:
        why = reason_of(error)
        raise SopctlError(
            Words(
                f"kunci demo tidak dapat dibuat di {folder}: {why.id}",
                f"demo keys cannot be made in {folder}: {why.en}",
            )
        ) from error
    signing = (
        r"\g<0>\n    identity: {kind: pkcs12, file: KEYS/\1.p12, passphrase: "
        r'"${file:KEYS/\1.passphrase}"}\n    certificates: [KEYS/\1.crt]'
    ).replace("KEYS", KEYS_FOLDER)
    return OFFICIAL_BLOCK.sub(signing, template) + TRUST.replace("KEYS", KEYS_FOLDER)


def _made_missing_store(file: Path) -> bool:
    """Make the store that the settings in `file` name, where it was never made; gives whether it was.

    What an older store left is never begun anew. Raises ConfigurationError or StoreError.
    """
    store = load_settings(file).store
    try:
        if store.exists() and any(store.iterdir()):
            return False
    except OSError:
        return False
    Ledger.create(store).close()
    say(
        Words(
            f"Dibuat: {store} (buku besar kosong). {file} sudah ada dan tidak diubah.",
            f"Made: {store} (an empty ledger). {file} was there already and is unchanged.",
        )
    )
    return True


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
        # Where it could not be made, it often cannot be looked for either.
        with suppress(OSError):
            temporary.unlink()
