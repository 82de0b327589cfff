"""One visit of a device over SSH: its configuration cleaned, judged and kept, its facts read.

Owns the order of things and what a failure leaves standing. Blocking: it runs in a thread. What it learns of secrets
stays within it.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter import metrics
from exporter.collectors.cli_facts import add_facts
from exporter.configuration.archive import Archive, ArchiveError
from exporter.configuration.cleaning import clean_lines, is_complete, same_configuration
from exporter.configuration.compliance import complies
from exporter.configuration.last_change import Change, parse_change
from exporter.configuration.redaction import redact
from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.ssh_models import ComplianceRule
from exporter.platforms.models import Platform
from exporter.sample_set import SampleSet
from exporter.ssh.interrupt import Interrupt
from exporter.ssh.session import SshSession, Target, open_session

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VisitOrder:
    """What a visit needs to know."""

    device: str
    target: Target
    platform: Platform
    rules: tuple[ComplianceRule, ...]
    archive: Archive | None
    """Where versions are kept; None where none are."""

    site_zone: ZoneInfo
    known_secrets: tuple[str, ...] = field(repr=False)
    """Secrets of this host's own inventory, which no version may hold either."""


@dataclass(slots=True)
class Visit:
    """What a visit brought."""

    logged_in: bool = False
    failures: list[CollectionFailure] = field(default_factory=list)
    configuration: SampleSet = field(default_factory=SampleSet)
    """What the configuration says of itself, where it was read."""

    configuration_read: bool = False
    kept: bool = False
    facts: SampleSet = field(default_factory=SampleSet)


def visit_device(
    order: VisitOrder,
    interrupt: Interrupt,
    trace: Callable[[str], None] | None = None,
    wall_clock: Callable[[], float] = time.time,
) -> Visit:
    """Visit a device. Never raises for what the device does; what was read before a failure stands."""
    visit = Visit()
    try:
        with open_session(order.target, order.platform, interrupt, trace) as session:
            visit.logged_in = True
            _Reader(order, session, visit, wall_clock).read()
    except CollectionFailure as error:
        # Without its traceback, which holds answers and sockets.
        visit.failures.append(CollectionFailure(error.reason, error.detail))
    except Exception as error:  # noqa: BLE001 - a defect met on one device must not stop the others
        # Only the kind and the place: the message may quote an answer.
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        line = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else "?"
        _log.error("ssh visit broke device=%s error=%s at=%s", order.device, type(error).__name__, line)
        visit.failures.append(CollectionFailure(CollectionReason.INTERNAL, type(error).__name__))
    return visit


class _Reader:
    def __init__(self, order: VisitOrder, session: SshSession, visit: Visit, wall_clock: Callable[[], float]) -> None:
        self._order = order
        self._platform = order.platform
        self._session = session
        self._visit = visit
        self._wall_clock = wall_clock
        self._answers: dict[str, str] = {}

    def read(self) -> None:
        """Read everything; what concerns one answer only does not end it. Raises CollectionFailure."""
        try:
            self._read_configuration()
        except CollectionFailure as error:
            self._note(error)
        for fact in self._platform.facts:
            try:
                add_facts(self._visit.facts, fact, self._ask(fact.command))
            except CollectionFailure as error:
                # Not each model has each command: its absence is no failure.
                if error.reason is not CollectionReason.NO_DATA:
                    self._note(error)

    def _note(self, error: CollectionFailure) -> None:
        """Go on after what concerns one answer only. Raises it again where the session is over."""
        if error.reason not in {CollectionReason.NO_DATA, CollectionReason.DECODE, CollectionReason.INTERNAL}:
            raise error
        self._visit.failures.append(CollectionFailure(error.reason, error.detail))

    def _ask(self, command: str) -> str:
        if command not in self._answers:
            self._answers[command] = self._session.run(command)
        return self._answers[command]

    def _read_configuration(self) -> None:
        platform, visit = self._platform, self._visit
        answers = [self._ask(command) for command in platform.running.commands]
        read_at = self._wall_clock()
        lines: list[str] = []
        for command, answer in zip(platform.running.commands, answers, strict=True):
            lines += [f"### {command}"] if len(answers) > 1 else []
            lines += clean_lines(answer, platform)
        if not is_complete("\n".join(answers), platform):
            detail = f"the answer to {platform.running.commands[0]!r} is no whole configuration"
            raise CollectionFailure(CollectionReason.DECODE, detail)
        visit.configuration_read = True
        for rule in self._order.rules:
            visit.configuration.add(metrics.CONFIG_COMPLIANT, complies(lines, rule), rule.name)
        late: CollectionFailure | None = None
        change: Change | None = None
        try:
            change = self._read_change()
        except CollectionFailure as error:
            # What fails beside the configuration must not cost its version.
            late = error
        self._keep(lines, read_at, change)
        if change is not None:
            visit.configuration.add(metrics.CONFIG_LAST_CHANGE, change.timestamp)
        if late is not None:
            self._note(late)
        self._read_unsaved(lines)

    def _read_change(self) -> Change | None:
        last = self._platform.last_change
        if last is None:
            return None
        commands = self._platform.running.commands if last.command is None else (last.command,)
        return parse_change("\n".join(map(self._ask, commands)), last.pattern, self._order.site_zone)

    def _keep(self, lines: list[str], read_at: float, change: Change | None) -> None:
        if self._order.archive is None:
            return
        clean = redact(lines, self._platform, self._order.known_secrets)
        summary = ""
        if change is not None:
            when = datetime.fromtimestamp(change.timestamp, self._order.site_zone).strftime("%Y-%m-%d %H:%M:%S %Z")
            summary = f"changed {when}" + (f" by {change.user}" if change.user else "")
        try:
            self._order.archive.keep(self._order.device, clean, read_at, summary)
        except ArchiveError as error:
            _log.error("configuration not kept device=%s %s", self._order.device, error)
            self._note(CollectionFailure(CollectionReason.INTERNAL, str(error)))
        else:
            self._visit.kept = True

    def _read_unsaved(self, running: list[str]) -> None:
        unsaved = self._platform.unsaved
        if unsaved is None:
            return
        answer = self._ask(unsaved.command)
        if unsaved.compare:
            differs = not same_configuration(running, clean_lines(answer, self._platform))
        else:
            pattern = unsaved.when_found or unsaved.unless_found or ""
            found = any(re.search(pattern, line) is not None for line in answer.splitlines())
            differs = found == (unsaved.when_found is not None)
        self._visit.configuration.add(metrics.CONFIG_UNSAVED, differs)
