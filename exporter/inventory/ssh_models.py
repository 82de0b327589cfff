"""How devices are asked over SSH, what is kept of their configurations, and what these must hold."""

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from dcnet.language import Words
from dcnet.secret import Secret, SecretSources
from exporter.errors import InventoryValueError
from exporter.inventory.model_base import Model
from exporter.inventory.values import ExistingFile, Name, Port, Text
from exporter.pattern import Pattern
from exporter.platforms.library import platform_names


def _check_platform(name: str) -> str:
    known = platform_names()
    if name in known:
        return name
    listed = ", ".join(sorted(known))
    raise InventoryValueError(
        Words(f"ditemukan {name!r}, seharusnya salah satu dari {listed}", f"found {name!r}, expected one of {listed}")
    )


def _from_folder(value: Path, info: ValidationInfo) -> Path:
    """`value`, relative to the inventory's folder; it may be missing still."""
    return info.context.folder / value if isinstance(info.context, SecretSources) else value


PlatformName: TypeAlias = Annotated[str, AfterValidator(_check_platform)]
RelativePath: TypeAlias = Annotated[Path, AfterValidator(_from_folder)]
Patterns: TypeAlias = Annotated[tuple[Pattern, ...], Field(min_length=1)]


class SshCredential(Model):
    """A user of SSH with a password or a key file."""

    user: Text
    password: Secret | None = None
    key_file: ExistingFile | None = None
    key_passphrase: Secret | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "SshCredential":
        if (self.password is None) == (self.key_file is None):
            raise InventoryValueError(
                Words("isi salah satu: password atau key_file", "give one of the two: password or key_file")
            )
        if self.key_passphrase is not None and self.key_file is None:
            raise InventoryValueError(
                Words("key_passphrase memerlukan key_file", "key_passphrase needs key_file"),
            )
        return self


class SshAccess(Model):
    """How a device is asked over SSH."""

    credential: Name
    port: Port = 22
    platform: PlatformName
    read_seconds: float = Field(default=30, gt=0, le=600)
    """So long the device may be silent while an answer is due."""

    visit_seconds: float = Field(default=180, gt=0, le=3600)
    """So long a visit may take in all."""


class SshSettings(Model):
    """How hard devices are asked over SSH, for the whole site."""

    interval_seconds: float = Field(default=3600, gt=0, le=7 * 86_400)
    sessions_in_all: int = Field(default=10, ge=1, le=200)
    known_hosts: RelativePath = Field(default=Path("known_hosts"), validate_default=True)
    """The devices' host keys, in the form of sshd(8)."""


class ComplianceRule(Model):
    """What configurations must or must not hold; each pattern is found in a line of its own."""

    name: Name
    roles: tuple[Name, ...] = ()
    """Of devices; all, where none is named."""

    platforms: tuple[PlatformName, ...] = ()
    within: Pattern | None = None
    """Not the whole configuration, but each section whose first line fits, with the lines indented below it."""

    must_have: Patterns | None = None
    must_not_have: Patterns | None = None

    @model_validator(mode="after")
    def _something(self) -> "ComplianceRule":
        if self.must_have is None and self.must_not_have is None:
            raise InventoryValueError(
                Words("isi must_have, must_not_have, atau keduanya", "give must_have, must_not_have, or both")
            )
        return self


class ConfigurationSettings(Model):
    """Where versions of configurations are kept, and what configurations must hold."""

    folder: RelativePath | None = None
    """Made where it is missing. No versions are kept where none is named."""

    rules: tuple[ComplianceRule, ...] = ()
