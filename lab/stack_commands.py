"""`python -m lab up`, `down`, `demo` and `files`: the whole stack, as people start it with make.

Owns what they print. The stack knows what runs, the demo walks the job; here they are only called in order.
"""

import os
import shutil
import sys
import time
from datetime import datetime
from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.catalogue import load_catalogue
from dcnet.language import Words
from lab.demo import DemoError, Walk, compare_with_truth, wait_until_measured, walk_seven_steps
from lab.history import build_history
from lab.inventory import inventory_document, site_zone
from lab.scenario import Scenario, load_scenario
from lab.stack import ROOT, Stack, last_full_month
from lab.timeline import Month
from lab.truth import expected_findings
from prometheus.indicator_rules import backfill_passes
from prometheus.rule_file import render_groups

STACK = Stack(ROOT / ".run")
CACHE = ROOT / ".cache" / "history"
DEMO = ROOT / "demo"
CONTAINER_USER, GRAFANA_USER = 10001, 472
"""User ids of the containers (Dockerfile, Grafana's image): the files that they read belong to them."""


@click.command("up", cls=BilingualCommand, words=Words("Jalankan semuanya.", "Start everything and leave it running."))
def up() -> None:
    """Start everything and leave it running."""
    month = _past_month()
    STACK.require_free(with_grafana=True)
    try:
        bring_up(STACK, load_scenario(), month, CACHE)
        with_grafana = STACK.start_grafana()
    except BaseException:
        STACK.processes.end_all()
        raise
    url = STACK.ports.url
    say(
        Words(
            f"\nBerjalan. Exporter: {url('exporter')}/  Prometheus: {url('prometheus')}/  "
            f"Alertmanager: {url('alertmanager')}/\nBulan {month.name} sudah termuat. Log: "
            f"{STACK.processes.folder}  Akhiri dengan: make down",
            f"\nRunning. Exporter: {url('exporter')}/  Prometheus: {url('prometheus')}/  "
            f"Alertmanager: {url('alertmanager')}/\nMonth {month.name} is loaded. Logs: "
            f"{STACK.processes.folder}  End it with: make down",
        )
    )
    if with_grafana:
        password = STACK.folder / "secrets" / "grafana_admin_password"
        say(
            Words(
                f"Grafana: {url('grafana')}/d/dcnet-overview (admin; kata sandi di {password})",
                f"Grafana: {url('grafana')}/d/dcnet-overview (admin; password in {password})",
            )
        )
    else:
        say(
            Words(
                "Tanpa Grafana: tidak ada program grafana di PATH dan GRAFANA_HOME tidak diisi.",
                "Without Grafana: no program grafana on PATH, and GRAFANA_HOME is not set.",
            )
        )


@click.command("down", cls=BilingualCommand, words=Words("Akhiri semuanya.", "End what `up` started."))
def down() -> None:
    """End what `up` started, and remove its files."""
    ended = STACK.processes.end_all()
    shutil.rmtree(STACK.folder, ignore_errors=True)
    listed = ", ".join(ended)
    say(
        Words(f"Diakhiri: {listed}", f"Ended: {listed}")
        if ended
        else Words("Tidak ada yang berjalan.", "Nothing was running.")
    )


@click.command(
    "demo",
    cls=BilingualCommand,
    words=Words(
        "Seluruh pekerjaan sekali jalan: bulan, tujuh langkah, laporan, dibandingkan dengan kebenaran skenario.",
        "The whole job once: a month, seven steps, the report, held against the scenario's truth.",
    ),
)
def demo() -> None:
    """Run the whole job once, and end what was started."""
    began = time.monotonic()
    month = _past_month()
    scenario = load_scenario()
    truth = expected_findings(scenario, month, load_catalogue(), inventory_document())
    note_of = {fault.why: fault.note for fault in scenario.faults if fault.note is not None}
    notes = {(one.object, one.indicator): note_of[why] for one in truth for why in one.reasons if why in note_of}
    STACK.require_free()
    try:
        bring_up(STACK, scenario, month, CACHE)
        _headline(Words("Tujuh langkah SOP 12052/70/SOM/2016", "The seven steps of SOP 12052/70/SOM/2016"))
        walk_seven_steps(Walk(DEMO), STACK.ports.url("prometheus"), month.name, notes)
        # Last: what is scraped every half minute is measured while the steps are walked.
        _headline(Words("Terukur sekarang", "Measured now"))
        wait_until_measured(STACK, STACK.devices())
        _headline(Words("Temuan dan kebenaran", "Findings and truth"))
        compare_with_truth(truth, DEMO / "report.json")
    finally:
        STACK.processes.end_all()
    shutil.rmtree(STACK.folder, ignore_errors=True)
    _headline(Words("Hasil", "Results"))
    for name in ("report.pdf", "report.json", "report.csv", "store/ledger.sqlite"):
        file = DEMO / name
        if not file.is_file():
            raise DemoError(Words(f"{file} tidak ada", f"{file} is missing"))
        click.echo(f"  {file.relative_to(ROOT)}  ({file.stat().st_size:,} B)")
    seconds = time.monotonic() - began
    say(Words(f"  selesai dalam {seconds:.0f} detik", f"  done in {seconds:.0f} seconds"))


@click.command(
    "files",
    cls=BilingualCommand,
    words=Words(
        "Tulis inventaris lab dan rahasia acak ke FOLDER, untuk docker compose.",
        "Write the lab's inventory and random secrets to FOLDER, for docker compose.",
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def files(folder: Path) -> None:
    """Write what the containers of profile `demo` mount."""
    stack = Stack(folder)
    stack.write_inventory_and_secrets(load_scenario(), _past_month(), with_machine=False)
    say(Words(f"Tertulis di {folder}", f"Written to {folder}"))
    password = folder / "secrets" / "grafana_admin_password"
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, CONTAINER_USER, -1)
        os.chown(password, GRAFANA_USER, -1)
        return
    give = f"sudo chown -R {CONTAINER_USER} {folder} && sudo chown {GRAFANA_USER} {password}"
    say(Words(f"Berikan kepada pengguna container: {give}", f"Give it to the containers' users: {give}"))


def bring_up(stack: Stack, scenario: Scenario, month: Month, cache: Path, days: int | None = None) -> None:
    """Start `stack` with the history of `month` (or of its first `days`) in Prometheus, saying what is done.

    `cache` keeps finished histories. Raises StackError, ProcessError or LabError.
    """
    stack.prepare(scenario, month)
    _headline(Words(f"Bulan {month.name} dari skenario", f"Month {month.name} from the scenario"))
    passes = []
    for number, groups in enumerate(backfill_passes(load_catalogue()), start=1):
        file = stack.folder / "prometheus" / f"pass-{number}.yml"
        file.write_text(render_groups(groups), encoding="utf-8")
        passes.append([file])
    history = build_history(scenario, month, passes, stack.prometheus_data, cache, progress=_progress, days=days)
    say(
        Words(
            f"  {history.samples:,} cuplikan dalam {history.blocks} blok, {history.seconds:.0f} detik"
            + (" (dari simpanan)" if history.reused else ""),
            f"  {history.samples:,} samples in {history.blocks} blocks, {history.seconds:.0f} seconds"
            + (" (from the store)" if history.reused else ""),
        )
    )
    _headline(Words("Lab, exporter, Alertmanager, Prometheus", "Lab, exporter, Alertmanager, Prometheus"))
    stack.start()
    running = ", ".join(sorted(stack.processes.running()))
    say(Words(f"  berjalan: {running}", f"  running: {running}"))


def _past_month() -> Month:
    zone = site_zone()
    return Month.parse(last_full_month(datetime.now(zone).date()), zone)


def _headline(words: Words) -> None:
    say(Words(f"\n== {words.id}", f"\n== {words.en}"))


def _progress(words: Words) -> None:
    """One line that renews itself on a terminal; nothing where output is kept."""
    if sys.stdout.isatty():
        say(Words(f"\r  {words.id}\033[K", f"\r  {words.en}\033[K"))
