"""What a module asks of a device, read: scalars, subtrees, and rows chosen by filters.

Owns the order of the questions, as snmp_exporter has it. It must not know what becomes of the answers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from exporter.drop_in.config import DynamicFilter, Module, StaticFilter, ValueType
from exporter.drop_in.value_text import Objects, ObjectValue, as_text
from exporter.errors import CollectionFailure, CollectionReason
from exporter.snmp.lanes import Session
from exporter.snmp.session import Varbind
from exporter.snmp.subtree import walk_subtree

LARGEST_BULK = 1000
"""Values in one request at most: no datagram holds more."""

_log = logging.getLogger(__name__)


async def read_module(sessions: Sequence[Session], module: Module, *, in_bulk: bool) -> Objects:
    """Every object of `module` that the device has, in its order. Raises CollectionFailure.

    As many subtrees are walked at once as there are `sessions`, all to the same device. `in_bulk` False: one
    value a request, as SNMPv1 needs.
    """
    session = sessions[0]
    size = min(max(1, module.max_repetitions), LARGEST_BULK) if in_bulk else 1
    walks, gets = list(module.walk), list(module.get)
    for fixed in module.static_filters:
        walks, gets = _narrow(walks, gets, fixed, fixed.indices)
    for by_value in module.dynamic_filters:
        try:
            rows = await _walk(session, by_value.oid, module, size)
        except CollectionFailure as failure:
            if failure.reason is CollectionReason.DEADLINE:
                raise
            _log.info("snmp filter not applied oid=%s %s", by_value.oid, failure)
            continue
        walks, gets = _narrow(walks, gets, by_value, _chosen(by_value, rows))
    objects: dict[str, ObjectValue] = {}
    for start in range(0, len(gets), size):
        objects.update(await _get(session, gets[start : start + size], in_bulk=in_bulk))
    found = await _walk_at_once(sessions, walks, lambda asking, root: _walk(asking, root, module, size))
    for root in walks:
        objects.update(found[root])
    return objects


async def _walk_at_once(
    sessions: Sequence[Session],
    roots: Sequence[str],
    walk: Callable[[Session, str], Awaitable[list[Varbind]]],
) -> Mapping[str, list[Varbind]]:
    """What lies below each of `roots`; the first failure ends all."""
    found: dict[str, list[Varbind]] = {}
    waiting = iter(dict.fromkeys(roots))

    async def work(session: Session) -> None:
        for root in waiting:
            found[root] = await walk(session, root)

    try:
        async with asyncio.TaskGroup() as group:
            for session in sessions[: len(roots)]:
                group.create_task(work(session))
    except ExceptionGroup as failures:
        failure = failures.exceptions[0]
    else:
        return found
    # Outside of the handler, lest failure and group hold each other and all that was read until a collection.
    raise failure


async def _walk(session: Session, root: str, module: Module, size: int) -> list[Varbind]:
    return await walk_subtree(session, root, size, module.retries, must_increase=not module.allow_nonincreasing_oids)


async def _get(session: Session, oids: Sequence[str], *, in_bulk: bool) -> Objects:
    try:
        return await session.get(oids)
    except CollectionFailure as failure:
        # SNMPv1 answers a single unknown object with an error.
        if in_bulk or failure.reason is not CollectionReason.NO_DATA:
            raise
        return {}


def _chosen(by_value: DynamicFilter, rows: Sequence[Varbind]) -> list[str]:
    """The last subidentifiers of the rows whose value matches a pattern somewhere."""
    return [
        oid.rpartition(".")[2]
        for oid, value in rows
        if any(pattern.search(as_text(value, ValueType.DISPLAY_STRING)) for pattern in by_value.values)
    ]


def _narrow(
    walks: list[str], gets: list[str], rule: StaticFilter | DynamicFilter, indices: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Walks and gets where the targets of `rule` are read only in the rows `indices`."""
    kept = [oid for oid in gets if not oid.startswith(rule.targets)]
    chosen = [f"{target}.{index}" for target in rule.targets for index in indices]
    return [oid for oid in walks if oid not in rule.targets], kept + chosen
