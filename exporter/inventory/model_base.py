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

    @model_validator(mode="after")
    def _some_limit(self) -> "Threshold":
        if self.warning is None and self.critical is None:
            raise InventoryValueError(
                Words("isi warning, critical, atau keduanya", "give warning, critical or both"),
            )
        return self
