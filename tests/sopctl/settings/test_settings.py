"""sopctl.yml: what it accepts, and every mistake with its line."""

from importlib.resources import files
from pathlib import Path

import pytest

from dcnet.language import Language
from dcnet.located_yaml import ConfigurationError
from sopctl.model import Position
from sopctl.settings import load_settings

TEMPLATES = {
    language: files("sopctl.commands").joinpath(f"sopctl.{language.value}.yml").read_text() for language in Language
}


def _problems(tmp_path: Path, text: str) -> str:
    file = tmp_path / "sopctl.yml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as error:
        load_settings(file, {})
    return error.value.in_language(Language.ENGLISH).replace(f"{tmp_path}/", "")


def test_both_templates_mean_the_same(tmp_path: Path) -> None:
    """What `init` writes is valid at once, and differs between the languages only in its comments."""
    loaded = []
    for language, text in TEMPLATES.items():
        file = tmp_path / f"{language.value}.yml"
        file.write_text(text)
        loaded.append(load_settings(file, {}))
    assert loaded[0] == loaded[1]
    settings = loaded[0]
    assert settings.store == tmp_path / "store"
    assert settings.prometheus.timeout_seconds == 30
    assert not settings.allow_consecutive_steps
    assert [settings.officials_of(position)[0].id for position in Position] == [
        "sekretaris",
        "kabag",
        "kasubag",
        "staf",
    ]


CHANGES = (
    pytest.param("store: store", "stores: store", "stores: unknown key; did you mean store?", id="unknown-key"),
    pytest.param("time_zone: Asia/Jakarta", "time_zone: WIB+7", "time_zone: unknown time zone 'WIB+7'", id="zone"),
    pytest.param("language: id", "language: nl", "language: found 'nl', expected one of", id="language"),
    pytest.param("http://127.0.0.1", "127.0.0.1", "prometheus.url: not an http://", id="url"),
    pytest.param("http://127.0.0.1:9090", "http://[::1", "prometheus.url: not an http://", id="url-bracket"),
    pytest.param("http://127.0.0.1:9090", "http://a:99999", "prometheus.url: not an http://", id="url-port"),
    pytest.param("http://127.0.0.1:9090", "http://a:b", "prometheus.url: not an http://", id="url-port-word"),
    pytest.param("http://127.0.0.1:9090", "http://a/?x=1", "prometheus.url: not an http://", id="url-query"),
    pytest.param("http://127", "http://a:b@127", "use basic_auth for a password", id="url-with-password"),
    pytest.param("{sequence:03d}", "{counter}", "only {sequence}, {month}, {month_roman}, {year}", id="number"),
    pytest.param("}/{year}", "}/{year", "letterhead.number_format: only {sequence}", id="number-brace"),
    pytest.param('nip: ""\n    position: sdm', 'nip: "12"\n    position: sdm', "a NIP has 18 digits", id="nip"),
    pytest.param("position: staf", "position: boss", "officials[3].position: found 'boss'", id="position"),
    pytest.param("position: staf", "position: kabag", "no official holds position staf", id="empty-position"),
    pytest.param("id: staf\n", "id: kabag\n", "'kabag' is already used by another official", id="same-id"),
    pytest.param("id: staf\n", "id: staf\n    pass: x\n", "officials[3].pass: unknown key", id="official-key"),
    pytest.param("  kabag: Kepala", "  kabak: Kepala", "positions.kabag: missing; it is required", id="title"),
    pytest.param("retries: 3", "retries: 3\n  bearer_token: abc", "expected ${env:NAME}", id="literal-secret"),
    pytest.param(
        "retries: 3", 'retries: 3\n  bearer_token: "${env:T}"', "environment variable T is missing", id="no-secret"
    ),
)


@pytest.mark.parametrize(("old", "new", "told"), CHANGES)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Each mistake is refused by name; file and line lead to it."""
    text = TEMPLATES[Language.INDONESIAN]
    assert old in text
    changed = text.replace(old, new, 1)
    problems = _problems(tmp_path, changed)
    assert told in problems
    place, line, _rest = problems.split(":", 2)
    assert place == "sopctl.yml"
    assert 0 < int(line) <= len(changed.splitlines())


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Mistakes in three sections come in one answer, in the order of their lines."""
    text = TEMPLATES[Language.ENGLISH]
    for old, new in (("retries: 3", "retry: 3"), ("city:", "town:"), ("id: staf\n", "id: kabag\n")):
        text = text.replace(old, new, 1)
    problems = _problems(tmp_path, text).splitlines()
    assert {problem.split(": ")[1] for problem in problems} == {
        "prometheus.retry",
        "letterhead.city",
        "letterhead.town",
        "officials[3].id",
    }
    lines = [int(problem.split(":")[1]) for problem in problems]
    assert lines == sorted(lines)


def test_a_secret_is_never_printed(tmp_path: Path) -> None:
    """A resolved secret shows as asterisks, also in the representation of the whole."""
    file = tmp_path / "sopctl.yml"
    text = TEMPLATES[Language.ENGLISH].replace("retries: 3", 'retries: 3\n  bearer_token: "${env:T}"', 1)
    file.write_text(text)
    settings = load_settings(file, {"T": "sangat-rahasia"})
    assert settings.prometheus.bearer_token is not None
    assert settings.prometheus.bearer_token.get_secret_value() == "sangat-rahasia"
    assert "sangat-rahasia" not in repr(settings)


def test_an_unquoted_nip_is_read_as_its_digits(tmp_path: Path) -> None:
    """YAML takes 18 bare digits for a number; they are kept all the same."""
    file = tmp_path / "sopctl.yml"
    file.write_text(
        TEMPLATES[Language.ENGLISH].replace('nip: ""\n    position: sdm', "nip: 196501011990031001\n    position: sdm")
    )
    assert load_settings(file, {}).officials[0].nip == "196501011990031001"
