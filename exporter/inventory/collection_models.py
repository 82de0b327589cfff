"""How much is asked of devices, and which of their interfaces are wanted: for the site, and for one device."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from dcnet.language import Words
from exporter.errors import InventoryValueError
from exporter.inventory.model_base import Model
from exporter.inventory.values import Text
from exporter.pattern import Pattern


class Choice(StrEnum):
    """What a rule does with the interfaces that it fits."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class State(StrEnum):
    """A state of ifAdminStatus or ifOperStatus."""

    UP = "up"
    DOWN = "down"


class InterfaceRule(Model):
    """Fits an interface when everything that it names does."""

    action: Choice
    name: Pattern | None = None
    """A regular expression found in the label `interface`."""

    alias: Pattern | None = None
    """A regular expression found in the label `alias` (ifAlias)."""

    type: tuple[Text, ...] = ()
    """Values of dcnet_interface_info's label `type`: ethernet, lag, or a number of IANAifType."""

    admin: State | None = None
    oper: State | None = None

    @model_validator(mode="after")
    def _some_condition(self) -> "InterfaceRule":
        if not (self.name or self.alias or self.type or self.admin or self.oper):
            raise InventoryValueError(
                Words("isi name, alias, type, admin, atau oper", "give name, alias, type, admin or oper")
            )
        return self


class InterfaceSettings(Model):
    """Which interfaces are wanted. A device's rules come before the site's; its other settings replace the site's."""

    rules: tuple[InterfaceRule, ...] = ()
    """The first that fits decides."""

    otherwise: Choice | None = None
    """What happens to an interface that no rule fits: include, unless told."""

    limit: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """How many interfaces of one device are published: 2,000, unless told."""

    def over(self, site: "InterfaceSettings") -> "InterfaceSettings":
        """These settings of a device on top of the site's."""
        return InterfaceSettings(
            rules=(*self.rules, *site.rules),
            otherwise=self.otherwise or site.otherwise,
            limit=self.limit or site.limit,
        )


class Collection(Model):
    """How much is asked of devices, for the whole site."""

    requests_in_all: int = Field(default=512, ge=1, le=10_000)
    """SNMP requests under way at once, to all devices together."""

    retry_empty_seconds: float = Field(default=600, ge=0, le=86_400)
    """After so long a table that a device did not have is asked for again."""
