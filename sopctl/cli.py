"""The command line of sopctl: global options, and the table of commands in the SOP's order."""

import shlex
from pathlib import Path

import click
from click.core import ParameterSource

from dcnet.bilingual_click import option
from dcnet.language import Words
from sopctl.commands.root import CommandTable, Entry, Globals

ENTRIES = (
    Entry("init", "init", Words("Membuat sopctl.yml dan penyimpanan.", "Make sopctl.yml and the store.")),
    Entry("open", "dispositions", Words("Langkah 1: membuka siklus sebulan.", "Step 1: open a month's cycle.")),
    Entry("assign", "dispositions", Words("Langkah 2 dan 3: disposisi.", "Steps 2 and 3: assign.")),
    Entry("pull", "pull", Words("Langkah 4: menarik data bulan itu.", "Step 4: pull the month's data.")),
    Entry("note", "note", Words("Langkah 4: mencatat temuan.", "Step 4: write a note about a finding.")),
    Entry("explain", "explain", Words("Asal suatu temuan, agar dapat diulang.", "How a finding came about.")),
    Entry("recheck", "recheck", Words("Memeriksa kembali setelah perbaikan.", "Look again after a repair.")),
    Entry("submit", "submit", Words("Langkah 4: menyerahkan hasil.", "Step 4: submit the result.")),
    Entry("check", "examine", Words("Langkah 5: memeriksa hasil.", "Step 5: examine the result.")),
    Entry("forward", "examine", Words("Langkah 6: melaporkan hasil.", "Step 6: report the result.")),
    Entry("approve", "examine", Words("Langkah 7: menyetujui hasil.", "Step 7: approve the result.")),
    Entry("return", "examine", Words("Langkah 5, 6, 7: mengembalikan.", "Steps 5, 6, 7: send back.")),
    Entry("status", "status", Words("Di siapa, sejak kapan, apa berikutnya.", "At whom, since when, what next.")),
    Entry("inbox", "inbox", Words("Apa yang menunggu saya.", "What waits for me.")),
    Entry("checklist", "checklist", Words("Data Check List Kinerja Sistem.", "The month's checklist.")),
    Entry("report", "report", Words("Menulis laporan PDF, JSON, CSV.", "Write the report: PDF, JSON, CSV.")),
    Entry("log", "log", Words("Semua kejadian suatu siklus.", "All events of a cycle.")),
    Entry("verify", "verify", Words("Membuktikan keutuhan buku besar.", "Prove that the ledger is whole.")),
    Entry("export", "backup", Words("Satu siklus sebagai arsip.", "A cycle as one archive.")),
    Entry("backup", "backup", Words("Seluruh buku besar sebagai arsip.", "The whole ledger as one archive.")),
    Entry("restore", "backup", Words("Memulihkan dari cadangan.", "Bring a backup back.")),
    Entry("metrics", "metrics", Words("Keadaan siklus untuk Prometheus.", "The cycles for Prometheus.")),
)


@click.command(
    cls=CommandTable,
    entries=ENTRIES,
    words=Words(
        id="Pemeliharaan jaringan data dan internet menurut SOP 12052/70/SOM/2016: bukti sebulan dari Prometheus, "
        "tujuh langkah persetujuan dalam buku besar yang tidak dapat diubah, dan Laporan Pemeliharaan Kinerja "
        "Sistem. Mulailah dengan `sopctl init`; `sopctl status` selalu mengatakan langkah berikutnya.",
        en="Maintenance of the data and internet network under SOP 12052/70/SOM/2016: a month's evidence from "
        "Prometheus, seven steps of approval in a ledger that cannot be changed, and the maintenance report. "
        "Begin with `sopctl init`; `sopctl status` always tells the next step.",
    ),
)
@option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("sopctl.yml"),
    envvar="SOPCTL_CONFIG",
    metavar="FILE",
    words=Words(
        "Berkas pengaturan (bawaan: ./sopctl.yml; juga SOPCTL_CONFIG).",
        "The settings (default: ./sopctl.yml; also SOPCTL_CONFIG).",
    ),
)
@option(
    "--as",
    "acting",
    envvar="SOPCTL_AS",
    metavar="ID",
    words=Words(
        "Pejabat yang bertindak, menurut id di sopctl.yml (juga SOPCTL_AS).",
        "The official who acts, by id in sopctl.yml (also SOPCTL_AS).",
    ),
)
@click.pass_context
def main(context: click.Context, config: Path, acting: str | None) -> None:
    """The group `sopctl`."""
    named = context.get_parameter_source("config") is ParameterSource.COMMANDLINE
    context.obj = Globals(config, acting, f"sopctl --config {shlex.quote(str(config))}" if named else "sopctl")
