"""What every model of `sopctl.yml` stands on: frozen, refusing unknown keys, paths beside the file."""

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from dcnet.errors import PublicError
from dcnet.secret import SecretSources


class SettingError(PublicError, ValueError):
    """A value that the file may not hold; located_yaml tells it with file and line."""


class Model(BaseModel):
    """A part of sopctl.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    """Relative paths start at the folder of the file that names them."""
    return info.context.folder / value if isinstance(info.context, SecretSources) else value


PathBeside: TypeAlias = Annotated[Path, AfterValidator(_beside_the_file)]
Text: TypeAlias = Annotated[str, Field(min_length=1)]
