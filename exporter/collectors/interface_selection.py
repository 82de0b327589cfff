"""Which interfaces of a device are published, by the inventory's rules and limit. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from exporter.inventory.collection_models import Choice, InterfaceRule, InterfaceSettings, State

LIMIT = 2000
"""Interfaces of one device, where the inventory says nothing: some 40,000 series."""


@dataclass(frozen=True, slots=True)
class InterfaceFacts:
    """What rules look at."""

    name: str
    """The label `interface`."""

    alias: str
    type: str
    """As dcnet_interface_info has it."""

    admin_up: bool | None
    oper_up: bool | None


class Selection:
    """The inventory's wishes for one device."""

    def __init__(self, settings: InterfaceSettings) -> None:
        self._rules = tuple(_Compiled(rule) for rule in settings.rules)
        self._otherwise = settings.otherwise or Choice.INCLUDE
        self._limit = settings.limit or LIMIT

    def wants(self, interface: InterfaceFacts) -> bool:
        """Whether the first rule that fits, or what is done otherwise, includes `interface`."""
        choice = next((rule.action for rule in self._rules if rule.fits(interface)), self._otherwise)
        return choice is Choice.INCLUDE

    def cut(self, indexes: Sequence[str]) -> tuple[Sequence[str], int]:
        """The wanted interfaces within the limit, in the order of ifIndex, and how many are left out."""
        ordered = sorted(indexes, key=lambda index: int(index) if index.isdecimal() else 0)
        return ordered[: self._limit], max(len(ordered) - self._limit, 0)


class _Compiled:
    def __init__(self, rule: InterfaceRule) -> None:
        self.action = rule.action
        self._name = None if rule.name is None else re.compile(rule.name)
        self._alias = None if rule.alias is None else re.compile(rule.alias)
        self._types = frozenset(rule.type)
        self._admin = rule.admin
        self._oper = rule.oper

    def fits(self, interface: InterfaceFacts) -> bool:
        return (
            (self._name is None or self._name.search(interface.name) is not None)
            and (self._alias is None or self._alias.search(interface.alias) is not None)
            and (not self._types or interface.type in self._types)
            and (self._admin is None or interface.admin_up is (self._admin is State.UP))
            and (self._oper is None or interface.oper_up is (self._oper is State.UP))
        )
