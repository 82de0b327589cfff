"""Prometheus' own programs at work on the past: text to blocks, and recording rules over finished blocks.

Owns how promtool and a short-lived Prometheus are run. It must not know what the samples mean.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests
import yaml

from dcnet.language import Words
from lab.errors import LabError

BLOCK_HOURS = 54
"""A block of text history. Prometheus' block lengths are 2 h times powers of 3 (tsdb.ExponentialBlockRanges).

promtool reads its whole input once for the bounds and once for every block: one block a file reads it
twice; 54 h keeps its files small.
"""

RULE_BLOCK_HOURS = 162
"""A block of recorded series: 9,720 minutes, under the 11,000 points that a range query gives."""

LOOKBACK_SECONDS = 65
"""How old a sample may be for an instant query while rules are backfilled.

Text carries no staleness markers, so the usual five minutes would paint over outages and gaps. A little
over the samples' 60 s is the least that always sees the newest one, whatever the rule's own second is.
"""

PARTS = 2
"""promtools that evaluate rules at once: the small machines that this runs on have two cores."""

USUAL_INTERVAL = "60s"
"""Of a group of rules that names none."""

JOINED = 8
"""So many rules of one record are asked for as one: promtool writes blocks of its own for each rule, however small."""

READY_SECONDS = 60
BLOCK_NAME = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
"""A ULID."""


def create_blocks(text: Path, output: Path) -> None:
    """Turn an OpenMetrics file of one BLOCK_HOURS window into a block under `output`. Raises LabError."""
    limit = f"--max-block-duration={BLOCK_HOURS}h"
    _run("promtool", "tsdb", "create-blocks-from", "openmetrics", limit, "--quiet", str(text), str(output))


def record_rules(data: Path, rules: Sequence[Path], start: float, end: float, work: Path) -> None:
    """Evaluate the recording rules of `rules` from `start` to `end` over `data`, and add the result to it.

    Rules see what `data` held before, not each other's results. Raises LabError.
    """
    parts = _split_rules(rules, work)
    with serving(data, work, LOOKBACK_SECONDS) as url, ThreadPoolExecutor(PARTS) as pool:
        outputs = list(pool.map(lambda part: _record_part(url, part, start, end), parts))
    for output in outputs:
        move_blocks(output, data)
        shutil.rmtree(output, ignore_errors=True)


def _record_part(url: str, rules: Path, start: float, end: float) -> Path:
    output = rules.with_suffix(".blocks")
    _run(
        *("promtool", "tsdb", "create-blocks-from", "rules", f"--max-block-duration={RULE_BLOCK_HOURS}h"),
        *(f"--url={url}", f"--start={int(start)}", f"--end={int(end)}", f"--eval-interval={USUAL_INTERVAL}"),
        *(f"--output-dir={output}", str(rules)),
    )
    return output


def _split_rules(files: Sequence[Path], work: Path) -> list[Path]:
    """The recording rules of all files dealt out to PARTS files: promtool asks for one rule after the other.

    Each keeps its group's interval.
    """
    groups = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    by_record: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for group in groups:
        for rule in group["rules"]:
            if "record" in rule:
                by_record.setdefault((group.get("interval", USUAL_INTERVAL), rule["record"]), []).append(rule)
    joined = [
        {"interval": interval, "rules": [_join_rules(some)]}
        for (interval, _), rules in by_record.items()
        for some in _batched(rules, JOINED)
    ]
    parts = []
    for number in range(min(PARTS, len(joined))):
        part = work / f"rules-{number}.yml"
        own = [{"name": f"part-{number}-{position}", **one} for position, one in enumerate(joined[number::PARTS])]
        part.write_text(yaml.safe_dump({"groups": own}), encoding="utf-8")
        parts.append(part)
    return parts


def _join_rules(rules: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One rule that records what `rules`, all of one record, do: each's labels tell its series from the others'."""
    if len(rules) == 1:
        return rules[0]
    expressions = []
    for rule in rules:
        expression = f"({rule['expr']})"
        for name, value in rule.get("labels", {}).items():
            expression = f'label_replace({expression}, "{name}", "{value}", "", "")'
        expressions.append(expression)
    return {"record": rules[0]["record"], "expr": "\nor ".join(expressions)}


def _batched(rules: Sequence[dict[str, Any]], size: int) -> Iterator[Sequence[dict[str, Any]]]:
    """`rules` in pieces of `size`."""
    for start in range(0, len(rules), size):
        yield rules[start : start + size]


def blocks_in(folder: Path) -> list[Path]:
    """The finished blocks of a Prometheus data folder, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if BLOCK_NAME.fullmatch(path.name) and (path / "meta.json").exists()
    )


def move_blocks(source: Path, target: Path) -> None:
    """Move every block from one data folder to another."""
    target.mkdir(parents=True, exist_ok=True)
    for block in blocks_in(source):
        block.rename(target / block.name)


def copy_blocks(source: Path, target: Path) -> None:
    """Copy every block that `target` does not have yet; a block cut off half-way is never seen as one."""
    target.mkdir(parents=True, exist_ok=True)
    for block in blocks_in(source):
        if (target / block.name).exists():
            continue
        # Prometheus ignores, and at start removes, folders with this suffix.
        partial = target / f"{block.name}.tmp-for-creation"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(block, partial)
        partial.rename(target / block.name)


def find_programs() -> None:
    """Raise LabError where promtool or prometheus is missing."""
    for program in ("promtool", "prometheus"):
        if shutil.which(program) is None:
            raise LabError(
                Words(
                    f"program {program} tidak ada di PATH; pasang paket prometheus",
                    f"program {program} is not on PATH; install the package prometheus",
                )
            )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "-").splitlines()[-1]
        what = " ".join(command[:4])
        raise LabError(
            Words(
                f"{what} gagal dengan status {done.returncode}: {said}",
                f"{what} failed with status {done.returncode}: {said}",
            )
        )


@contextmanager
def serving(
    data: Path,
    work: Path,
    lookback_seconds: int = 300,
    *,
    options: Sequence[str] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
    query_log: Path | None = None,
) -> Iterator[str]:
    """A Prometheus over `data` that scrapes nothing, its log in `work`; gives its URL. Raises LabError.

    `options`: more of its command line; `environment`: more of its environment; `query_log`: where it writes what
    is asked, and what that cost.
    """
    configuration, log = work / "prometheus.yml", work / "prometheus.log"
    settings = {} if query_log is None else {"query_log_file": str(query_log)}
    configuration.write_text(yaml.safe_dump({"global": settings}), encoding="utf-8")
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{trial.getsockname()[1]}"
    with log.open("w", encoding="utf-8") as written:
        server = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={configuration}",
                f"--storage.tsdb.path={data}",
                "--storage.tsdb.retention.time=10y",
                f"--query.lookback-delta={lookback_seconds}s",
                f"--web.listen-address={address}",
                "--log.level=warn",
                *options,
            ],
            stdout=written,
            stderr=written,
            env={**os.environ, **environment},
        )
    try:
        _wait_until_ready(server, f"http://{address}", log)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if requests.get(f"{url}/-/ready", timeout=2).ok:
                return
        time.sleep(0.05)
    said = (log.read_text(encoding="utf-8", errors="replace").strip() or "-").splitlines()[-1]
    raise LabError(
        Words(f"Prometheus sementara tidak siap: {said}", f"the temporary Prometheus did not become ready: {said}")
    )
