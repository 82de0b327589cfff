"""The main job from beginning to end on the running stack: a month, seven steps, the report, held against the truth.

Owns the demo's walk through sopctl's own commands and what it prints. It judges nothing itself: the findings
come from sopctl, what they should be comes from the scenario.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import requests

from dcnet.bilingual_click import current_language, say
from dcnet.errors import PublicError
from dcnet.language import LANGUAGE_VARIABLE, Words
from lab.scenario import StaffNote
from lab.stack import Stack
from lab.truth import ExpectedFinding, differences

PEOPLE = {
    "name: Nama Sekretaris\n": "name: Contoh Sekretaris\n",
    "name: Nama Kepala Bagian\n": "name: Contoh Kepala Bagian\n",
    "name: Nama Kepala Sub Bagian\n": "name: Contoh Kepala Sub Bagian\n",
    "name: Nama Staf\n": "name: Contoh Staf\n",
}
LIVE_SECONDS = 180
POLL_SECONDS = 0.5


class DemoError(PublicError):
    """The demo did not end as it must."""


@dataclass(frozen=True, slots=True)
class Walk:
    """sopctl as its users run it, in the folder of the demo."""

    folder: Path

    def run(self, *arguments: str, acting: str | None = None, show: bool = True) -> str:
        """Run one command and print it with what it says; its output. Raises DemoError when it fails."""
        command = [*(["--as", acting] if acting else []), *arguments]
        click.secho(f"$ sopctl {shlex.join(command)}", bold=True)
        done = subprocess.run(
            [sys.executable, "-m", "sopctl", *command],
            cwd=self.folder,
            env=os.environ | {LANGUAGE_VARIABLE: current_language().value},
            capture_output=True,
            text=True,
            check=False,
        )
        if show or done.returncode != 0:
            click.echo(done.stdout + done.stderr, nl=False)
        if done.returncode != 0:
            name = arguments[0]
            raise DemoError(
                Words(
                    f"sopctl {name} berakhir dengan status {done.returncode}",
                    f"sopctl {name} ended with status {done.returncode}",
                )
            )
        return done.stdout


def wait_until_measured(stack: Stack, devices: Sequence[str]) -> None:
    """Wait until Prometheus has a live answer of every device, and Alertmanager has notified.

    Raises DemoError when it takes longer than LIVE_SECONDS.
    """
    deadline = time.monotonic() + LIVE_SECONDS
    while True:
        up = {sample["metric"]["instance"] for sample in _instant(stack, "dcnet_up == 1")}
        missing = [name for name in devices if name not in up]
        notified = len(stack.notifications.read_text(encoding="utf-8").splitlines())
        if not missing and notified:
            break
        if time.monotonic() > deadline:
            waited_for = ", ".join(missing) or "Alertmanager"
            raise DemoError(
                Words(
                    f"setelah {LIVE_SECONDS} s belum menjawab: {waited_for}",
                    f"no answer after {LIVE_SECONDS} s: {waited_for}",
                )
            )
        time.sleep(POLL_SECONDS)
    say(
        Words(
            f"  menjawab: {', '.join(sorted(up))}\n  pemberitahuan Alertmanager diterima: {notified}",
            f"  answering: {', '.join(sorted(up))}\n  notifications of Alertmanager received: {notified}",
        )
    )


def walk_seven_steps(walk: Walk, prometheus_url: str, month: str, notes: Mapping[tuple[str, str], StaffNote]) -> None:
    """Walk the SOP from opening to approval with demo identities, in a folder made anew, to the written report.

    `notes`: what Staf writes about a finding, by (object, indicator).
    """
    language = current_language()
    shutil.rmtree(walk.folder, ignore_errors=True)
    walk.folder.mkdir(parents=True)
    walk.run("init", "--demo-ca")
    _fill_settings(walk.folder / "sopctl.yml", prometheus_url)
    walk.run("open", "--period", month, acting="sekretaris")
    walk.run("assign", acting="kabag")
    walk.run("assign", acting="kasubag")
    walk.run("pull", acting="staf")
    for finding in _findings_pulled(walk):
        note = notes.get((finding["object"], finding["indicator"]))
        if note is not None:
            walk.run(
                *("note", finding["id"], "--cause", note.cause.in_language(language)),
                *("--action", note.action.in_language(language)),
                *("--follow-up", note.follow_up.in_language(language)),
                acting="staf",
                show=False,
            )
    walk.run("submit", acting="staf")
    conclusion = Words(
        "Jaringan dan tautan internet berfungsi; komponen yang menurun telah ditangani.",
        "Network and internet links work; the components that declined have been dealt with.",
    )
    suggestion = Words(
        "Kapasitas port tepi ditambah dan penyedia kedua diminta memperbaiki mutu tautannya.",
        "Add capacity to the edge port, and ask the second provider to improve its link.",
    )
    walk.run(
        "check",
        *("--conclusion", conclusion.in_language(language)),
        *("--suggestion", suggestion.in_language(language)),
        acting="kasubag",
    )
    walk.run("forward", acting="kabag")
    walk.run("approve", acting="sekretaris")
    walk.run("log")
    walk.run("verify")
    walk.run("report", "--output", ".")


def compare_with_truth(truth: Sequence[ExpectedFinding], report: Path) -> None:
    """Print the findings and hold them against the scenario's truth. Raises DemoError on any difference."""
    content: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    for finding in content["findings"]:
        click.echo(
            f"  {finding['id']}  {finding['status']:<9} {finding['object']:<20} {finding['indicator']:<22}"
            f" {finding['degraded_minutes']:>6} min"
        )
    wrong = differences(truth, content)
    if wrong:
        listed = "\n  ".join(wrong)
        raise DemoError(
            Words(
                f"temuan tidak sama dengan kebenaran skenario:\n  {listed}",
                f"the findings differ from the scenario's truth:\n  {listed}",
            )
        )
    say(
        Words(
            f"  {len(truth)} temuan, semuanya sama dengan kebenaran skenario: tidak ada yang luput atau keliru",
            f"  {len(truth)} findings, all equal to the scenario's truth: none missed, none false",
        )
    )


def _findings_pulled(walk: Walk) -> list[dict[str, str]]:
    """The findings of the checklist just pulled."""
    pulled = json.loads(walk.run("checklist", "--format", "json", show=False))
    return [finding["row"] | {"id": finding["id"]} for finding in pulled["checklist"]["findings"]]


def _fill_settings(settings: Path, prometheus_url: str) -> None:
    """What a user edits after `init`: Prometheus' address and the names; one login plays all four people."""
    text = settings.read_text(encoding="utf-8")
    changes = PEOPLE | {
        "http://127.0.0.1:9090": prometheus_url,
        "allow_consecutive_steps: false": "allow_consecutive_steps: true",
    }
    for before, after in changes.items():
        if before not in text:
            raise DemoError(Words(f"{settings}: tidak ada {before!r}", f"{settings}: no {before!r} in it"))
        text = text.replace(before, after)
    settings.write_text(text, encoding="utf-8")


def _instant(stack: Stack, expression: str) -> list[dict[str, Any]]:
    """The samples of an instant query now."""
    url = stack.ports.url("prometheus") + "/api/v1/query"
    answer = requests.post(url, data={"query": expression}, timeout=10)
    answer.raise_for_status()
    result: list[dict[str, Any]] = answer.json()["data"]["result"]
    return result
