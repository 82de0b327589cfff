"""What every model of the catalogue shares. Owns strictness; it must not know any indicator."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Refuses unknown keys, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
