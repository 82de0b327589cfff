"""`verify`: proof that the ledger and its files are whole; exit status 1 where they are not."""

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.language import Words
from sopctl.commands.root import Globals
from sopctl.commands.session import open_session
from sopctl.errors import StoreError
from sopctl.workflow.verify_ledger import verify_ledger


@click.command(
    "verify",
    cls=BilingualCommand,
    words=Words(
        "Memeriksa rantai hash, urutan, aturan SOP dan setiap berkas dalam penyimpanan. Status keluar 1 bila ada "
        "yang tidak sesuai.",
        "Check the hash chain, the numbering, the SOP's rules and every file of the store. Exit status 1 where "
        "anything is wrong.",
    ),
)
@click.pass_obj
def verify_command(options: Globals) -> None:
    """Verify the ledger."""
    session = open_session(options)
    found = verify_ledger(session.ledger, session.files, session.plain_site)
    if found.problems:
        count = len(found.problems)
        raise StoreError(
            Words(
                "\n".join([f"Buku besar TIDAK utuh; {count} masalah:", *(f"- {one.id}" for one in found.problems)]),
                "\n".join(
                    [
                        f"The ledger is NOT whole; {count} problem{'' if count == 1 else 's'}:",
                        *(f"- {one.en}" for one in found.problems),
                    ]
                ),
            )
        )
    say(
        Words(
            f"Utuh: {found.cycles} siklus, {found.events} kejadian, {found.files} berkas.\n"
            "Rantai hash, urutan langkah dan isi berkas sesuai.",
            f"Whole: {found.cycles} cycle{'' if found.cycles == 1 else 's'}, {found.events} "
            f"event{'' if found.events == 1 else 's'}, {found.files} file{'' if found.files == 1 else 's'}.\n"
            "Hash chain, order of steps and content of files agree.",
        )
    )
