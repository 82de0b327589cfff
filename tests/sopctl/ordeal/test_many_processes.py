"""Many processes at one ledger: raced, killed at random moments, without room; nothing is lost, nothing forks."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sopctl.chain.event import EventKind
from sopctl.errors import StoreError
from tests.sopctl.conftest import MONTH
from tests.sopctl.ordeal.walker import MOVES, PROCESSES, act_now, make_site, race, standing, walk_in, walk_on

DECIDERS = 8
LONGEST_LIFE_SECONDS = 0.4
KILLS_A_LEDGER = 10


@pytest.mark.timeout(900)
def test_of_eight_that_decide_at_once_one_does(tmp_path: Path, share: Callable[[int, int], int]) -> None:
    """Round after round eight processes take the same decision: each time one event, seven told, no fork."""
    rounds = share(8, 200)
    make_site(tmp_path)
    walk = walk_in(tmp_path)
    walk.until(7)
    before = len(walk.ledger.events(MONTH))
    barrier = PROCESSES.Barrier(DECIDERS)
    pipes = [PROCESSES.Pipe(duplex=False) for _racer in range(DECIDERS)]
    racers = [PROCESSES.Process(target=race, args=(tmp_path, MONTH, rounds, barrier, into)) for _out, into in pipes]
    for racer in racers:
        racer.start()
    while any(racer.is_alive() for racer in racers):
        # Whoever looks meanwhile sees a whole ledger, never half a step.
        assert walk.problems() == []
    said = [[out.recv() for _round in range(rounds)] for out, _into in pipes]
    for racer in racers:
        racer.join()
        assert racer.exitcode == 0
    events = walk.ledger.events(MONTH)[before:]
    for number in range(rounds):
        answers = [one[number] for one in said]
        assert {place for place, _answer in answers} == {number}
        decided = [answer for _place, answer in answers if answer not in {"Conflict", "Refused"}]
        assert decided == [events[number].hash]
    assert len(events) == rounds
    assert walk.problems() == []
    walk.ledger.close()


@pytest.mark.timeout(900)
def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path, share: Callable[[int, int], int]) -> None:
    """Kill -9 at random moments of walks: what was told as recorded is there, verify is clean, the walk goes on."""
    chance = random.Random(7)
    kills = share(8, 200)
    for first in range(0, kills, KILLS_A_LEDGER):
        # A ledger that grows for ever would make each check longer than the one before.
        folder = tmp_path / f"site-{first}"
        folder.mkdir()
        make_site(folder)
        told: list[str] = []
        for _kill in range(min(KILLS_A_LEDGER, kills - first)):
            told += _killed_walk(folder, chance.uniform(0, LONGEST_LIFE_SECONDS))
            _check(folder, told)


def _killed_walk(folder: Path, life_seconds: float) -> list[str]:
    """Let a process walk on from wherever the ledger stands, kill it; gives the events that it told as recorded."""
    out, into = PROCESSES.Pipe(duplex=False)
    walker = PROCESSES.Process(target=walk_on, args=(folder, into))
    walker.start()
    into.close()
    # From its first step on, so that the moment lies within steps and not in the loading of modules.
    told = [out.recv()]
    time.sleep(life_seconds)
    assert walker.pid is not None
    os.kill(walker.pid, signal.SIGKILL)
    walker.join()
    assert walker.exitcode == -signal.SIGKILL
    with suppress(EOFError):
        while True:
            told.append(out.recv())
    out.close()
    return told


def _check(folder: Path, told: list[str]) -> None:
    walk = walk_in(folder)
    recorded = [event.hash for event in walk.ledger.recorded()]
    assert set(told) <= set(recorded)
    assert walk.problems() == []
    assert standing(walk) == len(walk.ledger.cycles())
    walk.ledger.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a megabyte."""
    if os.getuid() != 0:
        pytest.skip("only root can mount")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_told_and_harms_nothing(small_disk: Path) -> None:
    """With any number of free pages a step is recorded whole or refused in clear words; with room it goes on."""
    make_site(small_disk)
    refused: list[str] = []
    filler = small_disk / "filler"
    for number, (identity, kind) in enumerate(MOVES):
        for free_pages in range(0, 40, 3):
            _fill(filler, free_pages)
            try:
                walk = walk_in(small_disk)
                act_now(walk, MONTH, identity, kind)
                break
            except StoreError as error:
                refused.append(error.words.id)
            finally:
                filler.unlink()
                walk = walk_in(small_disk)
                assert walk.problems() == []
                assert len(walk.ledger.recorded()) in {number, number + 1}
                walk.ledger.close()
        else:
            walk = walk_in(small_disk)
            act_now(walk, MONTH, identity, kind)
            walk.ledger.close()
    assert len(refused) > len(MOVES) / 2
    assert all("penuh" in words or "habis" in words for words in refused), refused
    walk = walk_in(small_disk)
    assert walk.cycle.approved
    assert walk.problems() == []
    assert walk.ledger.events(MONTH)[-1].kind is EventKind.APPROVED
    walk.ledger.close()


def _fill(filler: Path, free_pages: int) -> None:
    """Fill the disk but for so many pages."""
    with suppress(OSError), filler.open("wb", buffering=0) as writing:
        while writing.write(b"\0" * 4096):
            pass
    with filler.open("r+b") as writing:
        writing.truncate(max(0, filler.stat().st_size - free_pages * 4096))
