"""What every model of the inventory stands on: frozen, refusing unknown keys; and the limits that all may set."""

from pydantic import BaseModel, ConfigDict, model_validator

from dcnet.language import Words
from exporter.errors import InventoryValueError
from exporter.inventory.values import Limit


class Model(BaseModel):
    """An entry of inventory.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Threshold(Model):
    """An override of an indicator's limits, in the indicator's unit."""

    indicator: str
    warning: Limit | None = None
    critical: Limit | None = None
    month_warning: Limit | None = None
    """Limits of the month's value, where they are to differ from what applies otherwise."""

    month_critical: Limit | None = None

    @model_validator(mode="after")
    def _some_limit(self) -> "Threshold":
        if {self.warning, self.critical, self.month_warning, self.month_critical} == {None}:
            raise InventoryValueError(
                Words(
                    "isi sedikitnya satu dari warning, critical, month_warning, month_critical",
                    "give at least one of warning, critical, month_warning, month_critical",
                ),
            )
        return self
