"""When devices are visited, how many at a time, and that nothing stays behind."""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from exporter import metrics
from exporter.configuration.archive import Archive
from exporter.inventory.models import Inventory
from exporter.sample_set import SampleSet
from exporter.self_run import SshReading, add_reading
from exporter.ssh_runner import SshRunner
from tests.exporter.ssh import devices
from tests.exporter.ssh.conftest import PASSWORD, Cli, shown, visit
from tests.exporter.ssh.secrets import FORMS

SECRET = "Zq7RtY4mKpW2xN9v"


@asynccontextmanager
async def running(
    inventory: Inventory, settle_seconds: float = 3, soonest_again_seconds: float = 30, retry_seconds: float = 300
) -> AsyncIterator[SshRunner]:
    """A runner at work, stopped at the end."""
    runner = SshRunner(time.time, settle_seconds, soonest_again_seconds, retry_seconds)
    try:
        await runner.apply(await runner.prepare(inventory))
        yield runner
    finally:
        await runner.stop()


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Return when `condition` holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.02)


def ssh_threads() -> list[threading.Thread]:
    """Threads of visits and of the SSH library."""
    return [thread for thread in threading.enumerate() if "ssh" in thread.name or "paramiko" in str(type(thread))]


async def test_many_devices_at_once_keep_to_the_limit_and_leave_nothing(
    cli: Cli, site: Callable[..., Inventory], share: Callable[[int, int], int]
) -> None:
    """Of many devices at most ten have a session at a time; all are read; afterwards no thread and no session is left.

    Meanwhile the loop, which answers Prometheus, keeps running.
    """
    count = share(25, 100)
    cli.be(devices.IOS, devices.IOS_PROMPT)
    inventory = site(cli.port, "cisco_ios", more="ssh: {sessions_in_all: 10}\n", devices=count)
    worst = 0.0
    async with running(inventory) as runner:
        names = [device.name for device in inventory.devices]
        started = time.monotonic()
        while any(runner.reading(name) is None for name in names):
            before = time.monotonic()
            await asyncio.sleep(0.01)
            worst = max(worst, time.monotonic() - before)
            assert time.monotonic() - started < 110
        readings = [runner.reading(name) for name in names]
        assert [reading.failure for reading in readings if reading is not None] == [None] * count
    sys.stderr.write(f"{count} devices: {time.monotonic() - started:.1f} s, the loop waited {worst:.3f} s at most\n")
    assert max(int(line.split()[2]) for line in cli.log() if line.startswith("open")) == 10
    assert len([line for line in cli.log() if line.startswith("open")]) == count
    assert not ssh_threads()
    cli.wait_closed()


async def test_the_first_visit_is_at_once_and_the_next_within_the_interval(
    cli: Cli, site: Callable[..., Inventory]
) -> None:
    """A change is seen within one interval of the visit before."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    async with running(site(cli.port, "cisco_ios", more="ssh: {interval_seconds: 1}\n")) as runner:
        first = await runner.first_reading("device-1", 60)
        assert first is not None
        assert shown(first)["dcnet_config_unsaved"] == 0
        cli.set("show startup-config", "startup-config is not present\n")
        await until(lambda: shown(runner.reading("device-1") or first)["dcnet_config_unsaved"] == 1)


async def test_word_of_a_change_brings_a_visit_soon_and_a_flood_of_it_no_more(
    cli: Cli, site: Callable[..., Inventory]
) -> None:
    """run_soon() visits long before the hour is over; told a hundred times, once. Unknown names are ignored."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    async with running(site(cli.port, "cisco_ios"), settle_seconds=0.2, soonest_again_seconds=0.5) as runner:
        first = await runner.first_reading("device-1", 60)
        for _ in range(100):
            runner.run_soon("device-1")
        runner.run_soon("unknown")
        await until(lambda: runner.reading("device-1") is not first)
        second = runner.reading("device-1")
        await asyncio.sleep(1)
        assert runner.reading("device-1") is second
    assert len([line for line in cli.log() if line.startswith("open")]) == 2


@pytest.mark.parametrize(
    ("more", "visits"), [({"silent": True}, 2), ({"password": "other"}, 1)], ids=["silent", "auth"]
)
async def test_what_may_pass_is_tried_again_soon_and_a_refused_login_is_not(
    more: dict[str, object], visits: int, cli: Cli, site: Callable[..., Inventory]
) -> None:
    """After silence the device is visited again long before the hour; a wrong password is not repeated."""
    cli.be(devices.IOS, devices.IOS_PROMPT, **more)
    inventory = site(cli.port, "cisco_ios", access=", read_seconds: 1")
    async with running(inventory, retry_seconds=0.2) as runner:
        first = await runner.first_reading("device-1", 60)
        assert first is not None
        assert first.failure is not None
        cli.be(devices.IOS, devices.IOS_PROMPT)
        if visits > 1:
            await until(lambda: runner.reading("device-1") is not first)
        else:
            await asyncio.sleep(1)
            assert runner.reading("device-1") is first


@pytest.mark.parametrize(
    "scenario", [{"silent": True}, {"faults": {"show running-config": "hang"}}], ids=["prompt", "midway"]
)
async def test_stopping_cuts_sessions_that_hang(
    scenario: dict[str, object], cli: Cli, site: Callable[..., Inventory]
) -> None:
    """stop() does not wait for devices, and leaves no thread and no session."""
    cli.be(devices.IOS, devices.IOS_PROMPT, **scenario)
    async with running(site(cli.port, "cisco_ios", more="ssh: {sessions_in_all: 3}\n", devices=5)):
        await until(lambda: len([line for line in cli.log() if line.startswith("open")]) == 3)
        started = time.monotonic()
    assert time.monotonic() - started < 10, "each read alone would take 30 s"
    assert not ssh_threads()
    cli.wait_closed()


async def test_a_reload_visits_only_what_is_asked_otherwise(cli: Cli, site: Callable[..., Inventory]) -> None:
    """The same inventory again changes nothing; another setting begins anew; without devices everything ends."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    async with running(site(cli.port, "cisco_ios")) as runner:
        first = await runner.first_reading("device-1", 60)
        await runner.apply(await runner.prepare(site(cli.port, "cisco_ios")))
        assert runner.reading("device-1") is first
        await runner.apply(await runner.prepare(site(cli.port, "cisco_ios", access=", read_seconds: 11")))
        assert await runner.first_reading("device-1", 60) is not first
        await runner.apply(await runner.prepare(site(cli.port, "cisco_ios", devices=0)))
        assert runner.reading("device-1") is None
        assert not ssh_threads()


async def test_planted_secrets_appear_nowhere(
    cli: Cli, site: Callable[..., Inventory], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in any object of the repository, not in logs of whatever level, not in metrics, not in --debug."""
    caplog.set_level(logging.DEBUG)
    forms = "".join(form.replace("{}", SECRET) + "\n" for form in FORMS["cisco_ios"])
    own = "snmp-server contact inventory-community-77 " + PASSWORD + "\n"
    running_config = devices.IOS["show running-config"].replace("line vty", forms + own + "line vty")
    cli.be({**devices.IOS, "show running-config": running_config}, devices.IOS_PROMPT)
    told: list[str] = []
    reading = await visit(site(cli.port, "cisco_ios", more="configuration: {folder: archive}\n"), trace=told.append)
    assert reading.failure is None
    archive = Archive(tmp_path / "archive")
    everything = [archive._git("cat-file", "--batch-all-objects", "--batch"), caplog.text, *told, *shown(reading)]
    assert "hostname core-1" in everything[0]
    for secret in (SECRET, PASSWORD, "inventory-community-77"):
        assert not [text for text in everything if secret in text], secret


def reading_of_facts() -> SshReading:
    """A visit that read a temperature and a serial."""
    facts = SampleSet()
    facts.add(metrics.TEMPERATURE, 41, "Slot 0")
    facts.add(metrics.DEVICE_INFO, 1, "", "Cisco", "C9300", "", "", "FOC1")
    configuration = SampleSet()
    configuration.add(metrics.CONFIG_UNSAVED, 1)
    return SshReading(0.0, 1.0, None, logged_in=True, configuration=configuration, facts=facts)


def test_facts_fill_only_what_snmp_did_not_give() -> None:
    """Never both: SNMP's samples of a metric stay alone; an identity without serial gets it."""
    samples = SampleSet()
    samples.add(metrics.TEMPERATURE, 40, "CPU")
    samples.add(metrics.DEVICE_INFO, 1, "core-1", "Cisco", "Catalyst", "IOS XE", "17.3", "")
    samples.add(metrics.CONFIG_UNSAVED, 0)
    add_reading(samples, reading_of_facts(), with_facts=True)
    by_name = {one.metric.name: one.values for one in samples.samples}
    assert by_name[metrics.TEMPERATURE.name] == {("CPU",): 40}
    assert by_name[metrics.DEVICE_INFO.name] == {("core-1", "Cisco", "Catalyst", "IOS XE", "17.3", "FOC1"): 1}
    assert by_name[metrics.CONFIG_UNSAVED.name] == {(): 0}


def test_facts_do_not_step_in_for_a_scrape_that_failed() -> None:
    """What SNMP did not give this time only is absent, not replaced under other names."""
    samples = SampleSet()
    add_reading(samples, reading_of_facts(), with_facts=False)
    assert samples.family(metrics.TEMPERATURE) is None
    assert samples.family(metrics.CONFIG_UNSAVED) is not None
