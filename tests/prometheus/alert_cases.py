"""The cases of `prometheus/tests/*.yml` as files for `promtool test rules`.

Owns the cases' shape, and which rules an alert stands on. It must not know any alert.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dcnet.catalogue import load_catalogue
from prometheus.build_rules import RULES, rule_groups
from prometheus.rule_file import Group, Rule

CASES = Path(__file__).parents[2] / "prometheus" / "tests"
RECORD = re.compile(r"dcnet:[a-z0-9_:]+")
INDICATOR = re.compile(r'indicator="([a-z0-9_]+)"')
LABELS = "object, severity"


class Case(BaseModel):
    """One "fires when" or "does not fire when"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alert: str
    fires: str = ""
    silent: str = ""
    settings: tuple[str, ...] = Field(default=(), alias="in")
    given: dict[str, str | int] = Field(default_factory=dict)
    every: str = "1m"
    at: str | list[str]
    firing: dict[str, list[str]] = Field(default_factory=dict)
    told: dict[str, str] = Field(default_factory=dict)
    recorded: dict[str, float | None] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_of_both(self) -> "Case":
        assert bool(self.fires) != bool(self.silent), f"{self.alert}: say `fires` or `silent`"
        assert bool(self.fires) == bool(self.firing), f"{self.alert}: `fires` says which, `silent` says none"
        return self

    def promtool_test(self, shared: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The case as an entry of promtool's `tests`."""
        series = {name: values for setting in self.settings for name, values in shared[setting].items()} | self.given
        instants = [self.at] if isinstance(self.at, str) else self.at
        told = "".join(f', {label}="{value}"' for label, value in self.told.items())
        firing = f'count by ({LABELS}) (ALERTS{{alertname="{self.alert}", alertstate="firing"{told}}})'
        expected = [
            {"labels": f'{{object="{name}", severity="{severity}"}}'.replace('object="", ', ""), "value": 1}
            for name, severities in self.firing.items()
            for severity in severities
        ]
        return {
            "name": f"{self.alert} {'fires' if self.fires else 'does not fire'} {self.fires or self.silent}",
            "interval": self.every,
            "input_series": [{"series": name, "values": str(values)} for name, values in series.items()],
            "promql_expr_test": [
                *({"expr": firing, "eval_time": instant, "exp_samples": expected} for instant in instants),
                *(
                    {
                        "expr": f"sum({expression})",
                        "eval_time": instants[-1],
                        "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
                    }
                    for expression, value in self.recorded.items()
                ),
            ],
        }


@cache
def load_cases() -> dict[str, list[tuple[Case, dict[str, dict[str, Any]]]]]:
    """Every case with its file's settings, by alert."""
    found: dict[str, list[tuple[Case, dict[str, dict[str, Any]]]]] = {}
    for file in sorted(CASES.glob("*.yml")):
        document = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for one in document.get("cases", ()):
            case = Case.model_validate(one)
            found.setdefault(case.alert, []).append((case, document.get("settings", {})))
    return found


@cache
def all_groups() -> list[Group]:
    """The groups of every rule file, built and hand-written."""
    built = [group for groups in rule_groups(load_catalogue()).values() for group in groups]
    return [*built, *yaml.load((RULES / "self.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]]


def rules_under(alert: str, groups: list[Group]) -> list[Rule]:
    """`alert`, its indicator's recording rules, and those that they stand on, however far down, in their order.

    Of `dcnet:indicator` and the like only those of the indicators that an expression names.
    """
    rules = [rule for group in groups for rule in group["rules"]]
    own = {_indicator_of(rule) for rule in rules if rule.get("alert") == alert}
    wanted = [
        index
        for index, rule in enumerate(rules)
        if rule.get("alert") == alert or ("record" in rule and _indicator_of(rule) in own - {None})
    ]
    kept = set(wanted)
    while wanted:
        text = rules[wanted.pop()]["expr"]
        records, indicators = set(RECORD.findall(text)), set(INDICATOR.findall(text))
        for index, other in enumerate(rules):
            fits = _indicator_of(other) in {None, *indicators}
            if index not in kept and other.get("record") in records and fits:
                kept.add(index)
                wanted.append(index)
    # Alerts last: hourly cases would not see what other rules recorded an hour ago.
    return sorted((rules[index] for index in sorted(kept)), key=lambda rule: "alert" in rule)


def _indicator_of(rule: Rule) -> str | None:
    indicator: str | None = rule.get("labels", {}).get("indicator")
    return indicator


def promtool_files(alert: str, folder: Path) -> Iterator[Path]:
    """The files for promtool of an alert's cases, written to `folder`.

    One for each interval and each set of recorded series that cases feed: no rule may record those too.
    """
    rules = rules_under(alert, all_groups())
    kinds: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for case, shared in load_cases()[alert]:
        fed = tuple(sorted({name.partition("{")[0] for name in case.given if name.startswith("dcnet:")}))
        kinds.setdefault((case.every, fed), []).append(case.promtool_test(shared))
    for number, ((every, fed), tests) in enumerate(kinds.items()):
        rule_file, file = folder / f"rules-{number}.yml", folder / f"cases-{number}.yml"
        kept = [rule for rule in rules if rule.get("record") not in fed]
        _write(rule_file, {"groups": [{"name": "under-test", "rules": kept}]})
        _write(file, {"rule_files": [rule_file.name], "evaluation_interval": every, "tests": tests})
        yield file


def level_file(folder: Path) -> Path:
    """The file for promtool of the cases of levels.yml, which need no rules: expressions are asked at an instant."""
    expressions = {
        rule["record"] + _selector(rule.get("labels", {})): rule["expr"]
        for group in all_groups()
        for rule in group["rules"]
        if "record" in rule
    }
    # Regressions over weeks are not exact to the last digit.
    tests = [
        {
            "name": f"{case['level']} tells {case['tells']}",
            "interval": case.get("every", "1h"),
            "input_series": [{"series": name, "values": str(values)} for name, values in case["given"].items()],
            "promql_expr_test": [
                {
                    "expr": f"round(sum({expressions[case['level']]}), {1000 if (case['is'] or 0) > 1e4 else 1e-6:f})",
                    "eval_time": case["at"],
                    "exp_samples": [] if case["is"] is None else [{"labels": "{}", "value": case["is"]}],
                }
            ],
        }
        for case in yaml.load((CASES / "levels.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)["levels"]
    ]
    file = folder / "levels.yml"
    _write(file, {"rule_files": [], "tests": tests})
    return file


def _selector(labels: dict[str, str]) -> str:
    """Labels as levels.yml names them, none where there are none."""
    pairs = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
