"""The shape of a platform's YAML file: pydantic models, frozen, refusing unknown keys.

Owns what one file may say. It must not open a session or read files other than the templates' names.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from dcnet.language import Words
from exporter.errors import ProfileValueError
from exporter.metrics import BY_NAME, Kind
from exporter.pattern import Pattern

DEFAULT_PROMPT = r"^[\w.@()\[\]/:~<+ -]{1,120}[>#\]$%]\s*$"
"""Of the line that a CLI ends with when it waits: at least a character of a name, and a sign."""

TIME_GROUPS = frozenset({"year", "month", "day", "clock", "zone", "user"})
_NEEDED_TIME_GROUPS = frozenset({"year", "month", "day", "clock"})
_PLACE = re.compile(r"\{(\w+)\}")


def _check_command(value: str) -> str:
    if value.isprintable() and value.strip() == value:
        return value
    raise ProfileValueError(
        Words("satu perintah dalam satu baris, tanpa spasi di tepi", "one command on one line, without spaces around")
    )


@cache
def template_names() -> frozenset[str]:
    """The templates of ntc-templates, without `.textfsm`."""
    folder = files("ntc_templates") / "templates"
    return frozenset(file.name.removesuffix(".textfsm") for file in folder.iterdir() if file.name.endswith(".textfsm"))


def _check_template(value: str) -> str:
    if value in template_names():
        return value
    raise ProfileValueError(
        Words(
            f"ditemukan {value!r}, seharusnya nama templat ntc-templates, misalnya cisco_ios_show_inventory",
            f"found {value!r}, expected a template of ntc-templates, for example cisco_ios_show_inventory",
        )
    )


def _check_metric(value: str) -> str:
    if value in BY_NAME and BY_NAME[value].kind is Kind.GAUGE:
        return value
    raise ProfileValueError(
        Words(
            f"ditemukan {value!r}, seharusnya nama gauge di exporter/metrics.py",
            f"found {value!r}, expected a gauge of exporter/metrics.py",
        )
    )


Command: TypeAlias = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_command)]
Template: TypeAlias = Annotated[str, AfterValidator(_check_template)]
MetricName: TypeAlias = Annotated[str, AfterValidator(_check_metric)]


class Model(BaseModel):
    """A part of a platform's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(Model):
    """What is typed, without Enter, when the device asks instead of going on: a pager, a notice at login."""

    ask: Pattern
    """Found at the end of what came so far."""

    reply: str = Field(max_length=10)


class Running(Model):
    """The running configuration."""

    commands: tuple[Command, ...] = Field(min_length=1)
    """The answers to more than one are kept under a heading of each command."""

    complete: Pattern | None = None
    """A line that a whole configuration has; without it the answer was cut short, and is not kept."""


class Unsaved(Model):
    """How to tell that the running configuration would be lost: `compare` it, or find or miss a line."""

    command: Command
    compare: bool = False
    """The command prints the saved configuration, which is compared with the running one."""

    when_found: Pattern | None = None
    unless_found: Pattern | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Unsaved":
        if [self.compare, self.when_found is not None, self.unless_found is not None].count(True) != 1:
            raise ProfileValueError(
                Words(
                    "isi salah satu: compare, when_found, unless_found",
                    "give one of compare, when_found, unless_found",
                )
            )
        return self


class LastChange(Model):
    """Where the instant of the last change stands, and who made it."""

    command: Command | None = None
    """The running configuration's own commands, where none is named."""

    pattern: Pattern
    """With the groups year, month (number or English name), day, clock (H:M:S); and zone, user where they are told."""

    @model_validator(mode="after")
    def _groups(self) -> "LastChange":
        groups = set(re.compile(self.pattern).groupindex)
        if not _NEEDED_TIME_GROUPS <= groups <= TIME_GROUPS:
            wanted, found = ", ".join(sorted(TIME_GROUPS)), ", ".join(sorted(groups)) or "-"
            raise ProfileValueError(
                Words(
                    f"pattern: ditemukan grup {found}, seharusnya dari {wanted}",
                    f"pattern: found the groups {found}, expected of {wanted}",
                )
            )
        return self


class SecretRule(Model):
    """A secret within a line: every group `secret` of the pattern is removed."""

    pattern: Pattern
    within: Pattern | None = None
    """Only in sections whose first line fits."""

    until: Pattern | None = None
    """The section's last line; without it, a section ends where the indentation does."""

    @model_validator(mode="after")
    def _group(self) -> "SecretRule":
        if "secret" not in re.compile(self.pattern).groupindex:
            raise ProfileValueError(
                Words("pattern: grup (?P<secret>...) tidak ada", "pattern: there is no group (?P<secret>...)")
            )
        return self


class SecretBlock(Model):
    """Lines that are removed as a whole: from the end of `begin` (or its group `secret`) to `end`."""

    begin: Pattern
    end: Pattern


class FactMetric(Model):
    """A metric of each row of an answer."""

    metric: MetricName
    where: Mapping[str, Pattern] = Field(default_factory=dict)
    """Fields and what they must fit."""

    labels: Mapping[str, str] = Field(default_factory=dict)
    """Labels; `{field}` stands for a field's text. Those not named stay empty."""

    value: str | None = None
    """The field with the number; without it and without `state`, the value is 1."""

    scale: float = 1
    state: str | None = None
    """The field with a state: 1 where it fits `healthy`, else 0."""

    healthy: Pattern | None = None

    @model_validator(mode="after")
    def _whole(self) -> "FactMetric":
        unknown = sorted(set(self.labels) - set(BY_NAME[self.metric].labels))
        if unknown:
            listed = ", ".join(BY_NAME[self.metric].labels) or "-"
            raise ProfileValueError(
                Words(
                    f"label {unknown[0]!r} tidak ada pada {self.metric}; yang ada: {listed}",
                    f"{self.metric} has no label {unknown[0]!r}; there are: {listed}",
                )
            )
        if (self.state is None) != (self.healthy is None) or (self.state is not None and self.value is not None):
            raise ProfileValueError(
                Words("isi value, atau state bersama healthy", "give value, or state together with healthy")
            )
        return self

    @property
    def fields(self) -> frozenset[str]:
        """Every field that this metric reads."""
        named = {name for name in (self.value, self.state) if name is not None}
        return frozenset(
            named | set(self.where) | {place for text in self.labels.values() for place in _PLACE.findall(text)}
        )


class Fact(Model):
    """A command whose answer becomes metrics where SNMP gave none."""

    command: Command
    template: Template | None = None
    """What ntc-templates reads the answer with; its fields are named in small letters."""

    pattern: Pattern | None = None
    """In place of a template: each match is a row, its groups are the fields."""

    metrics: tuple[FactMetric, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_fields(self) -> "Fact":
        if (self.template is None) == (self.pattern is None):
            raise ProfileValueError(Words("isi salah satu: template atau pattern", "give one of template and pattern"))
        known = (
            _fields_of(self.template) if self.template is not None else set(re.compile(self.pattern or "").groupindex)
        )
        wanted = frozenset().union(*(metric.fields for metric in self.metrics))
        unknown = sorted(wanted - known)
        if unknown:
            listed = ", ".join(sorted(known))
            raise ProfileValueError(
                Words(
                    f"field {unknown[0]!r} tidak ada; yang ada: {listed}",
                    f"there is no field {unknown[0]!r}; there are: {listed}",
                )
            )
        return self


def _fields_of(template: str) -> set[str]:
    text = (files("ntc_templates") / "templates" / f"{template}.textfsm").read_text(encoding="utf-8")
    return {name.lower() for name in re.findall(r"^Value (?:[\w,]+ )?(\w+) \(", text, re.MULTILINE)}


class Redaction(Model):
    """What never leaves the device's memory of us: rules of one platform, or those of all."""

    secrets: tuple[SecretRule, ...] = ()
    secret_blocks: tuple[SecretBlock, ...] = ()


class Platform(Redaction):
    """One platform's file."""

    netmiko: str
    """The driver of netmiko."""

    login_suffix: str = ""
    """Put after the user's name at login, where the platform takes terminal settings there."""

    prompt: Pattern = DEFAULT_PROMPT
    prepare: tuple[Command, ...] = ()
    """Sent before anything else: no pager, no line breaks. Nothing that changes the device."""

    answers: tuple[Answer, ...] = ()
    refused: tuple[Pattern, ...] = ()
    """Lines by which the CLI says that it does not know or does not permit a command."""

    running: Running
    continued: Pattern | None = None
    """The end of a line that goes on in the next one: it is left out, and so is the next one's indentation."""

    unsaved: Unsaved | None = None
    last_change: LastChange | None = None
    volatile: tuple[Pattern, ...] = ()
    """Lines that differ each time although nothing was changed; left out of versions and comparisons."""

    facts: tuple[Fact, ...] = ()

    @property
    def commands(self) -> tuple[str, ...]:
        """Every command that a visit sends, in order, each once."""
        asked = [*self.prepare, *self.running.commands]
        asked += [self.last_change.command] if self.last_change is not None and self.last_change.command else []
        asked += [self.unsaved.command] if self.unsaved is not None else []
        return tuple(dict.fromkeys([*asked, *(fact.command for fact in self.facts)]))
