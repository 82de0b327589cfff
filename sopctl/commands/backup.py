"""`export`, `backup` and `restore`: archives of a cycle or of the whole ledger, and a store made from one."""

from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, option, say
from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.archive import Archive, read_archive, write_archive
from sopctl.adapters.event_signature import Judge
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.adapters.trust import load_trust
from sopctl.chain.event import Event
from sopctl.chain.payload import files_named_by
from sopctl.commands.root import Globals
from sopctl.commands.session import Session, load_site, open_session
from sopctl.commands.verify import print_trust, tell_verification
from sopctl.errors import Refused, StoreError
from sopctl.workflow.verify_ledger import verify_ledger

output_option = option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    words=Words("Berkas arsip; tidak pernah menimpa.", "The archive; never overwrites."),
)


@click.command(
    "export",
    cls=BilingualCommand,
    words=Words(
        "Menulis satu siklus beserta semua berkas, tanda tangan dan sertifikatnya sebagai satu arsip, yang dapat "
        "diperiksa di mana pun dengan `sopctl verify --archive`.",
        "Write a cycle with all its files, signatures and certificates as one archive, which verifies anywhere with "
        "`sopctl verify --archive`.",
    ),
)
@click.argument("cycle", metavar="YYYY-MM")
@output_option
@click.pass_obj
def export_command(options: Globals, *, cycle: str, output: Path | None) -> None:
    """Export a cycle."""
    session = open_session(options)
    found = session.cycle(session.cycle_name(cycle))
    _write(session, session.ledger.events(found.name), output or Path(f"sopctl-{found.name}.tar"), excerpt=True)


@click.command(
    "backup",
    cls=BilingualCommand,
    words=Words(
        "Menulis seluruh buku besar dan berkasnya sebagai satu arsip, setelah terbukti utuh. Untuk memulihkannya: "
        "`restore`.",
        "Write the whole ledger and its files as one archive, once they are proven whole. `restore` brings it back.",
    ),
)
@output_option
@click.pass_obj
def backup_command(options: Globals, *, output: Path | None) -> None:
    """Back up the store."""
    session = open_session(options)
    moment = session.clock().astimezone(session.settings.zone)
    _write(session, session.ledger.recorded(), output or Path(f"sopctl-{moment:%Y%m%d-%H%M%S}.tar"), excerpt=False)


@click.command(
    "restore",
    cls=BilingualCommand,
    words=Words(
        "Membuat penyimpanan menurut sopctl.yml dari cadangan, setelah cadangan itu terbukti utuh. Penyimpanan yang "
        "ada tidak pernah ditimpa.",
        "Make the store that sopctl.yml names from a backup, once the backup is proven whole. A store that is there is "
        "never overwritten.",
    ),
)
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.pass_obj
def restore_command(options: Globals, *, archive: Path) -> None:
    """Restore the store."""
    settings = load_site(options)
    store = settings.store
    if not _is_free(store):
        raise Refused(
            Words(
                f"{store} sudah ada dan tidak ditimpa. Pindahkan dahulu folder itu, lalu ulangi.",
                f"{store} is already there and is not overwritten. Move that folder away first, then repeat.",
            )
        )
    trust = load_trust(settings)
    with read_archive(archive) as kept:
        if kept.excerpt:
            raise Refused(
                Words(
                    f"{archive} hanya memuat satu siklus (`export`); pemulihan memerlukan arsip dari `backup`.",
                    f"{archive} holds only a cycle (`export`); restoring needs an archive made by `backup`.",
                )
            )
        tell_verification(verify_ledger(kept, kept, kept.site, Judge(trust)), Words("Cadangan", "The backup"))
        try:
            _restore(kept, store)
        except OSError as error:
            why = reason_of(error)
            raise StoreError(
                Words(f"{store} tidak dapat dibuat: {why.id}", f"{store} cannot be made: {why.en}")
            ) from error
    say(Words(f"Dipulihkan: {store}. Periksa dengan: sopctl verify", f"Restored: {store}. Check with: sopctl verify"))


def _is_free(store: Path) -> bool:
    """Whether a store may be made there. Raises StoreError where it cannot be looked at."""
    try:
        return not store.exists() or (store.is_dir() and not any(store.iterdir()))
    except OSError as error:
        why = reason_of(error)
        raise StoreError(
            Words(f"{store} tidak dapat diperiksa: {why.id}", f"{store} cannot be looked at: {why.en}")
        ) from error


def _restore(kept: Archive, store: Path) -> None:
    """Files first, as always; the ledger becomes whole event by event, and a broken off run starts over elsewhere."""
    partial = store.with_name(f".{store.name}.restoring")
    ledger, files = Ledger.create(partial), ContentFiles(partial)
    try:
        present = [event.hash for event in ledger.recorded()]
        if present != [row.event.hash for row in kept.rows[: len(present)] if row.event is not None]:
            raise Refused(
                Words(
                    f"{partial} adalah sisa pemulihan cadangan lain yang terhenti; tidak ada yang dipulihkan. Hapus "
                    "folder itu, lalu ulangi.",
                    f"{partial} is left of the broken off restoring of another backup; nothing was restored. Remove "
                    "that folder, then repeat.",
                )
            )
        for row in kept.rows:
            if row.event is not None and row.event.hash not in present:
                for sha256 in files_named_by(row.event.payload):
                    files.put_file(kept.path_of(sha256))
                ledger.append(row.event)
    finally:
        ledger.close()
    if store.exists():
        store.rmdir()
    partial.rename(store)


def _write(session: Session, events: tuple[Event, ...], target: Path, *, excerpt: bool) -> None:
    trust = load_trust(session.settings)
    found = verify_ledger(session.ledger, session.files, session.plain_site, Judge(trust))
    tell_verification(found, Words("Buku besar", "The ledger"))
    size_bytes = write_archive(target, events, session.files.folder, trust, excerpt=excerpt)
    say(
        Words(
            f"Ditulis: {target} ({size_bytes} bita). Periksa di mana pun: sopctl verify --archive {target}",
            f"Written: {target} ({size_bytes} bytes). Check it anywhere: sopctl verify --archive {target}",
        )
    )
    print_trust(trust)
