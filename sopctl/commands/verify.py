"""`verify`: proof that the ledger and its files are whole; exit status 1 where they are not. Also of an archive."""

from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, option, say
from dcnet.language import Words
from sopctl.adapters.archive import read_archive
from sopctl.adapters.event_signature import Judge
from sopctl.adapters.trust import TrustAnchors, load_trust
from sopctl.commands.root import Globals
from sopctl.commands.session import open_session
from sopctl.errors import SopctlError, StoreError
from sopctl.settings import load_settings
from sopctl.workflow.verify_ledger import Verification, verify_ledger


@click.command(
    "verify",
    cls=BilingualCommand,
    words=Words(
        "Memeriksa rantai hash, urutan, aturan SOP, pejabat, tanda tangan, sertifikat dan setiap berkas: dalam "
        "penyimpanan, atau dengan --archive dalam arsip dari `export` atau `backup`. Status keluar 1 bila ada yang "
        "tidak sesuai.",
        "Check the hash chain, the numbering, the SOP's rules, officials, signatures, certificates and every file: of "
        "the store, or with --archive of an archive made by `export` or `backup`. Exit status 1 where anything is "
        "wrong.",
    ),
)
@option(
    "--archive",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    words=Words(
        "Arsip; tidak memerlukan penyimpanan maupun sopctl.yml.", "An archive; needs neither store nor sopctl.yml."
    ),
)
@option(
    "--trust",
    metavar="SHA256|sopctl.yml",
    words=Words(
        "Dasar kepercayaan arsip: sidik yang harus sama, atau sopctl.yml yang dipakai sebagai gantinya.",
        "The archive's trust: the fingerprint that it must have, or a sopctl.yml to use instead.",
    ),
)
@click.pass_obj
def verify_command(options: Globals, *, archive: Path | None, trust: str | None) -> None:
    """Verify the ledger."""
    if archive is not None:
        _verify_archive(archive, trust)
        return
    session = open_session(options)
    anchors = load_trust(session.settings)
    found = verify_ledger(session.ledger, session.files, session.plain_site, Judge(anchors))
    tell_verification(found, Words("Buku besar", "The ledger"))
    if not session.ledger.newest_is_sealed():
        say(
            Words(
                "Proses yang mencatat kejadian terakhir dihentikan sebelum menyegel buku besar: bita yang tidak memuat "
                "apa pun baru diperiksa lagi setelah langkah berikutnya.",
                "The process that recorded the newest event was stopped before it sealed the ledger: bytes that hold "
                "nothing are checked again only after the next step.",
            )
        )
    print_trust(anchors)


def _verify_archive(file: Path, asked: str | None) -> None:
    with read_archive(file) as archive:
        trust, words = _trust_for(archive.trust, asked)
        found = verify_ledger(archive, archive, archive.site, Judge(trust), excerpt=archive.excerpt)
        tell_verification(found, Words(f"Arsip {file}", f"Archive {file}"))
        print_trust(trust)
        say(words)


def _trust_for(carried: TrustAnchors, asked: str | None) -> tuple[TrustAnchors, Words]:
    if asked is None:
        return carried, Words(
            "Dasar kepercayaan itu dibawa oleh arsip ini sendiri: siapa yang menyusun arsip palsu dapat membawa "
            "miliknya. Bandingkan sidiknya dengan yang dicetak `sopctl verify` di tempat asal, atau beri --trust.",
            "That trust comes with this very archive: whoever forges an archive can bring his own. Compare its "
            "fingerprint with what `sopctl verify` prints at its origin, or give --trust.",
        )
    if len(asked) == 64 and set(asked.lower()) <= set("0123456789abcdef"):  # noqa: PLR2004  # a SHA-256
        if asked.lower() != carried.fingerprint:
            raise SopctlError(
                Words(
                    f"dasar kepercayaan arsip ini bersidik {carried.fingerprint}, bukan {asked}; jangan dipercaya",
                    f"the trust in this archive has fingerprint {carried.fingerprint}, not {asked}; do not trust it",
                )
            )
        return carried, Words("Dasar kepercayaannya sama dengan yang Anda beri.", "Its trust is the one that you gave.")
    if not Path(asked).exists():
        raise SopctlError(
            Words(
                f"--trust {asked}: bukan sidik (64 angka heksadesimal, seperti yang dicetak `sopctl verify`) dan bukan "
                "berkas sopctl.yml yang ada",
                f"--trust {asked}: neither a fingerprint (64 hexadecimal digits, as `sopctl verify` prints it) nor a "
                "sopctl.yml that exists",
            )
        )
    return load_trust(load_settings(Path(asked))), Words(
        f"Dasar kepercayaan dari {asked}, bukan dari arsip.", f"The trust is that of {asked}, not of the archive."
    )


def tell_verification(found: Verification, what: Words) -> None:
    """Say that `what` is whole. Raises StoreError with everything that is wrong."""
    if found.problems:
        count = len(found.problems)
        raise StoreError(
            Words(
                "\n".join([f"{what.id} TIDAK utuh; {count} masalah:", *(f"- {one.id}" for one in found.problems)]),
                "\n".join(
                    [
                        f"{what.en} is NOT whole; {count} problem{'' if count == 1 else 's'}:",
                        *(f"- {one.en}" for one in found.problems),
                    ]
                ),
            )
        )
    say(
        Words(
            f"Utuh: {found.cycles} siklus, {found.events} kejadian, {found.files} berkas.\n"
            "Rantai hash, urutan langkah, pejabat, tanda tangan dan isi berkas sesuai.",
            f"Whole: {found.cycles} cycle{'' if found.cycles == 1 else 's'}, {found.events} "
            f"event{'' if found.events == 1 else 's'}, {found.files} file{'' if found.files == 1 else 's'}.\n"
            "Hash chain, order of steps, officials, signatures and content of files agree.",
        )
    )
    if found.unnamed_files:
        say(
            Words(
                f"{found.unnamed_files} berkas utuh tidak disebut kejadian mana pun: sisa langkah yang terhenti "
                "sebelum tercatat, atau milik kejadian yang dibuang. Bandingkan kepala rantai dengan salinan di tempat "
                "lain.",
                f"{found.unnamed_files} whole file{'' if found.unnamed_files == 1 else 's'} that no event names: left "
                "by a step that was stopped before it was recorded, or of events that were cut off. Compare the chain "
                "head with a copy kept elsewhere.",
            )
        )
    unsigned = found.events - found.signed
    if unsigned:
        say(
            Words(
                f"{found.signed} kejadian bertanda tangan; {unsigned} tanpa tanda tangan bersandar pada login.",
                f"{found.signed} events are signed; {unsigned} without a signature rest on the login.",
            )
        )


def print_trust(trust: TrustAnchors) -> None:
    """On what the judgement rests, as a fingerprint that people can compare."""
    count = sum(len(pins) for pins in trust.pins.values())
    say(
        Words(
            f"Dasar kepercayaan: {len(trust.terms)} pejabat, {count} sertifikat; sidik {trust.fingerprint}.",
            f"Trust: {len(trust.terms)} officials, {count} certificate{'' if count == 1 else 's'}; fingerprint "
            f"{trust.fingerprint}.",
        )
    )
