"""Profiles as files: every mistake with its line, composition of parts, the choice for a device."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dcnet.located_yaml import ConfigurationError
from exporter.profiles.library import ProfileLibrary, load_profiles, shipped_profiles

HEAD = """match: [{object_id: 1.3.6.1.4.1.99}]
tables:
  fan:
    index: [slot]
    columns: {state: 1.3.6.1.4.1.99.1.2, rpm: 1.3.6.1.4.1.99.1.3}
states:
  fan: {healthy: {1: ok}, unhealthy: {2: bad}}
collectors:
  environment:
"""
RULE = "    - {table: fan, labels: {sensor: text(slot)}, metrics: ["

MISTAKES = {
    "unknown key": ("matches: []\n", "1: matches: unknown key; did you mean match?"),
    "bad OID": ("scalars:\n  a: 1.x.3\n", "2: scalars.a: found '1.x.3', expected the form"),
    "unknown metric": (
        HEAD + RULE + "{metric: dcnet_fan_speed, value: rpm}]}\n",
        "10: collectors.environment[0].metrics[0].metric: there is no metric 'dcnet_fan_speed'",
    ),
    "wrong labels": (
        HEAD + "    - {table: fan, metrics: [{metric: dcnet_fan_speed_rpm, value: rpm, labels: {fan: slot}}]}\n",
        "10: collectors.environment[0].metrics[0].labels: dcnet_fan_speed_rpm: found labels fan, expected sensor",
    ),
    "unknown name": (
        HEAD + RULE + "{metric: dcnet_fan_speed_rpm, value: speed}]}\n",
        "10: collectors.environment[0].metrics[0].value: name 'speed' is unknown here; known are: index, rpm, slot",
    ),
    "unknown table": (
        HEAD + RULE.replace("table: fan", "table: fans") + "{metric: dcnet_fan_speed_rpm, value: rpm}]}\n",
        "10: collectors.environment[0].table: name 'fans' is unknown here; known are: entity_interfaces, fan, ",
    ),
    "no samples": (
        HEAD + "    - {table: fan, metrics: []}\n",
        "10: collectors.environment[0]: give metrics, component, memory, storage or first",
    ),
    "unknown states": (
        HEAD + "    - table: fan\n      component: {kind: \"'fan'\", name: slot, state: state, states: fans}\n",
        "11: collectors.environment[0].component.value: name 'fans' is unknown here; known are: fan",
    ),
    "unknown join": (
        HEAD + RULE + "{metric: dcnet_fan_speed_rpm, value: card.speed}]}\n",
        "10: collectors.environment[0].metrics[0].value: name 'card' is unknown here; known are: -",
    ),
    "unreadable expression": (
        HEAD + RULE + '{metric: dcnet_fan_speed_rpm, value: "rpm +"}]}\n',
        "10: collectors.environment[0].metrics[0].value: expression 'rpm +': cannot be read (invalid syntax)",
    ),
    "half a pool": (
        HEAD + "    - {table: fan, memory: {name: slot, used: rpm}}\n",
        "10: collectors.environment[0].memory: give two of used, free, size, usage, or usage alone",
    ),
    "first beside others": (
        HEAD + "    - {table: fan, first: [" + RULE[6:] + "{metric: dcnet_fan_speed_rpm, value: rpm}]}]}\n",
        "10: collectors.environment[0]: first stands alone; move the other keys into its alternatives",
    ),
    "missing part": ("include: [parts/none]\n", "1: include[0]: there is no file parts/none.yml"),
    "unknown collector of a part": (
        "include:\n  - {from: parts/shared, only: [cpus]}\n",
        "2: include[0].only[0]: parts/shared has no collector 'cpus'; it has: cpu",
    ),
    "circle": ("include: [acme]\n", "1: include[0]: includes go in a circle: acme -> acme"),
    "reserved name": ("collectors: {interfaces: []}\n", "1: collectors.interfaces: this name belongs to the exporter"),
    "bad pattern": (
        "match:\n  - object_id: 1.3.6\n    description: '('\n",
        "3: match[0].description: not a regular expression: missing ), unterminated subpattern at position 0",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "generic.yml").write_text("include: [parts/shared]\n")
    (tmp_path / "parts/shared.yml").write_text(
        "scalars: {load: 1.3.6.1.4.1.99.5.0}\n"
        "collectors: {cpu: [{metrics: [{metric: dcnet_cpu_usage_ratio, value: load / 100, labels: {cpu: 1}}]}]}\n"
    )
    return tmp_path


@pytest.fixture
def load(folder: Path) -> Callable[..., ProfileLibrary]:
    def load_files(**files: str) -> ProfileLibrary:
        for name, text in files.items():
            (folder / f"{name}.yml").write_text(text)
        return load_profiles(folder)

    return load_files


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told_with_its_line(load: Callable[..., ProfileLibrary], folder: Path, mistake: str) -> None:
    """A profile with a mistake is refused with file, line, place and what was expected."""
    text, expected = MISTAKES[mistake]
    with pytest.raises(ConfigurationError) as caught:
        load(acme=text)
    assert f"{folder / 'acme.yml'}:{expected}" in caught.value.words.en


def test_all_mistakes_of_all_files_at_once(load: Callable[..., ProfileLibrary]) -> None:
    """Mistakes of several files are told together, once each, also of a part that two profiles include."""
    with pytest.raises(ConfigurationError) as caught:
        load(a="includes: []\n", b="match: 3\n", **{"parts/shared": "colectors: {}\n"})
    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.yml", "b.yml", "shared.yml"]


def test_a_part_is_not_chosen(load: Callable[..., ProfileLibrary]) -> None:
    """A part that says when it is chosen is a mistake."""
    with pytest.raises(ConfigurationError, match="a part is not chosen by itself"):
        load(**{"parts/shared": "match: [{object_id: 1.3.6}]\ncollectors: {cpu: []}\n"})


def test_parts_that_contradict_each_other(load: Callable[..., ProfileLibrary]) -> None:
    """Two parts that mean different things by one name are a mistake of who includes both."""
    with pytest.raises(ConfigurationError, match=re.escape("acme.yml:3: include[1]: scalars.load differs here")):
        load(
            acme="include:\n  - parts/shared\n  - parts/other\n",
            **{"parts/other": "scalars: {load: 1.3.6.1.4.1.99.6.0}\n"},
        )


def test_own_collector_replaces_or_adds(load: Callable[..., ProfileLibrary]) -> None:
    """Included rules stay beside one's own unless they were left out."""
    own = "collectors: {cpu: [{metrics: [{metric: dcnet_cpu_usage_ratio, value: load, labels: {cpu: 2}}]}]}\n"
    library = load(
        both="include: [parts/shared]\n" + own,
        twice="include: [parts/shared, both]\n",
        instead="include: [{from: parts/shared, without: [cpu]}]\n" + own,
    )
    count = {name: len(profile.collectors.get("cpu", ())) for name, profile in library.profiles.items()}
    assert count == {"generic": 1, "both": 2, "twice": 2, "instead": 1}


def test_longest_object_id_wins_then_description(load: Callable[..., ProfileLibrary]) -> None:
    """The most particular profile is chosen; whole numbers are compared, not digits."""
    library = load(
        vendor="match: [{object_id: 1.3.6.1.4.1.99}]\n",
        family="match: [{object_id: 1.3.6.1.4.1.99.1}]\n",
        other="match: [{object_id: 1.3.6.1.4.1.99.1, description: 'OtherOS'}]\n",
    )
    choices = {
        ("1.3.6.1.4.1.99.7", ""): "vendor",
        ("1.3.6.1.4.1.99.1.5", "AcmeOS"): "family",
        ("1.3.6.1.4.1.99.1.5", "runs OtherOS 3"): "other",
        ("1.3.6.1.4.1.99.12", ""): "vendor",
        ("1.3.6.1.4.1.999", "OtherOS"): "generic",
        ("", ""): "generic",
    }
    assert {key: library.choose(*key).name for key in choices} == choices


def test_shipped_profiles_are_sound() -> None:
    """Every profile that comes with the exporter loads."""
    assert "generic" in shipped_profiles().profiles


def test_page_shows_a_profile_that_loads(load: Callable[..., ProfileLibrary], folder: Path) -> None:
    """The example of docs/profiles.md is a profile that the exporter takes."""
    root = Path(__file__).parents[3]
    for part in (root / "exporter/profiles/parts").glob("*.yml"):
        (folder / "parts" / part.name).write_text(part.read_text())
    example = re.search(r"```yaml\n(# Acme.*?)```", (root / "docs/profiles.md").read_text(), re.DOTALL)
    assert example is not None
    library = load(acme=example.group(1))
    assert {"cpu", "environment", "storage"} <= library.profiles["acme"].collectors.keys()
