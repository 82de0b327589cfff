"""Whole subtrees, as snmp_exporter's modules ask for them: many columns in one walk, in the agent's order.

Owns the size of the requests and the end of the walk. It must not know what the objects mean.
"""

from gufo.snmp._fast import GetIter

from exporter.errors import CollectionFailure, CollectionReason
from exporter.snmp.lanes import Session
from exporter.snmp.session import SnmpSession, Varbind


async def walk_subtree(
    session: Session, root: str, size: int, retries: int, *, must_increase: bool = True
) -> list[Varbind]:
    """Everything below `root` (an OID without leading dot), or `root` itself where it is an instance.

    `size` values are asked for in one request, 1 by GETNEXT. Where an answer of that size does not come, the
    walk is done again with half of it. Raises CollectionFailure, also where OIDs do not increase; with
    `must_increase` False the walk then ends only where the agent begins to repeat itself.
    """
    if not isinstance(session, SnmpSession):
        return await _walk_as_column(session, root)
    found: list[Varbind] | None = None
    while found is None and size > 1:
        found = await _walk_in_bulk(session, root, size, retries, must_increase)
        size //= 2
    if found is None:
        found = await _walk_one_by_one(session, root, must_increase)
    return found or list((await session.get([root])).items())


async def _walk_as_column(session: Session, root: str) -> list[Varbind]:
    """The subtree over a session that knows columns only, and chooses its sizes itself."""
    rows = await session.walk(root)
    if session.faults:
        raise session.faults.pop()
    found: list[Varbind] = [(f"{root}.{index}", value) for index, value in rows.items()]
    return found or list((await session.get([root])).items())


async def _walk_in_bulk(
    session: SnmpSession, root: str, size: int, retries: int, must_increase: bool
) -> list[Varbind] | None:
    """The subtree; None when the agent answers GETNEXT where it does not answer a GETBULK of this size."""
    found: list[Varbind] = []
    place = GetIter(root, size)
    order = _Order(must_increase)
    while True:
        session.tell(f"getbulk {root} ({size}) after {found[-1][0] if found else 'start'}")
        try:
            answer = await session.ask_bulk(place, retries)
        except CollectionFailure as failure:
            if failure.reason is not CollectionReason.TIMEOUT:
                raise
            answer = None
        if answer is None:
            # Empty: the end of the MIB, an error such as tooBig, or an answer that got lost for its size.
            return None if await _is_more(session, place, root, found) else found
        varbinds = [varbind for varbind in answer if varbind is not None]
        found += varbinds
        session.work.varbinds += len(varbinds)
        if len(varbinds) < len(answer) or not order.follows(varbinds[-1][0]):
            return found


async def _walk_one_by_one(session: SnmpSession, root: str, must_increase: bool) -> list[Varbind]:
    found: list[Varbind] = []
    place = GetIter(root)
    order = _Order(must_increase)
    while True:
        varbind = await session.ask_next(place)
        if varbind is None or varbind[0] == (found[-1][0] if found else root):
            return found
        if not order.follows(varbind[0]):
            return found
        found.append(varbind)
        session.work.varbinds += 1


async def _is_more(session: SnmpSession, place: GetIter, root: str, found: list[Varbind]) -> bool:
    varbind = await session.ask_next(place)
    # An error answer repeats the OID that was asked for.
    return varbind is not None and varbind[0] != (found[-1][0] if found else root)


class _Order:
    """Whether a walk goes on: looked at once a packet, which is enough to end every loop."""

    def __init__(self, must_increase: bool) -> None:
        self._must_increase = must_increase
        self._previous: tuple[int, ...] = ()
        self._seen: set[str] = set()

    def follows(self, oid: str) -> bool:
        """Take in the last OID of an answer. Raises CollectionFailure where it had to increase and did not."""
        if not self._must_increase:
            known = oid in self._seen
            self._seen.add(oid)
            return not known
        place = tuple(map(int, oid.split(".")))
        if place <= self._previous:
            raise CollectionFailure(CollectionReason.DECODE, f"OID does not increase at {oid}")
        self._previous = place
        return True
