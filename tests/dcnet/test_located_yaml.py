"""Every mistake of a file is told with its file, line and path, in both languages, and no secret with it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from dcnet.language import Language, Words
from dcnet.located_yaml import ConfigurationError, KeyPath, load_located
from dcnet.secret import Secret


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Login(_Strict):
    user: str
    password: Secret


class Device(_Strict):
    name: str
    port: int = Field(default=161, ge=1, le=65535)
    kind: Literal["switch", "router"] = "switch"
    login: Login | None = None


class Fleet(_Strict):
    devices: list[Device]


def told(file: Path, **options: Any) -> list[str]:
    """The English messages that reading `file` gives, without the folder."""
    with pytest.raises(ConfigurationError) as caught:
        load_located(file, Fleet, **options)
    return caught.value.in_language(Language.ENGLISH).replace(f"{file.parent}/", "").splitlines()


def write(folder: Path, text: str) -> Path:
    """`text` as fleet.yml in `folder`."""
    file = folder / "fleet.yml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "devices:\n  - name: a\n    prot: 1\n",
            ["fleet.yml:3: devices[0].prot: unknown key; did you mean port?"],
            id="unknown key",
        ),
        pytest.param(
            "devices:\n  - name: a\n    zzz: 1\n",
            ["fleet.yml:3: devices[0].zzz: unknown key; known keys: kind, login, name, port"],
            id="unknown key, nothing near",
        ),
        pytest.param(
            "devices:\n  - port: 5\n", ["fleet.yml:2: devices[0].name: missing; it is required"], id="missing key"
        ),
        pytest.param(
            "devices:\n  - name: a\n    port: http\n  - name: b\n    port: 70000\n",
            [
                "fleet.yml:3: devices[0].port: found 'http', expected an integer",
                "fleet.yml:5: devices[1].port: found 70000, expected at most 65535",
            ],
            id="two wrong values at once",
        ),
        pytest.param(
            "devices:\n  - name: a\n    kind: hub\n",
            ["fleet.yml:3: devices[0].kind: found 'hub', expected one of 'switch' or 'router'"],
            id="not one of the words",
        ),
        pytest.param("devices: 5\n", ["fleet.yml:1: devices: found int, expected a list"], id="not a list"),
        pytest.param("devices:\n  - 5\n", ["fleet.yml:2: devices[0]: found int, expected a mapping"], id="not a map"),
        pytest.param("", ["fleet.yml:1: devices: missing; it is required"], id="empty file"),
        pytest.param(
            "devices: []\nx: 1\ndevices: []\n",
            ["fleet.yml:2: x: unknown key; known keys: devices", "fleet.yml:3: devices: key is written twice"],
            id="key written twice",
        ),
        pytest.param(
            "devices:\n  - name: [a\n",
            ["fleet.yml:3: not valid YAML: expected ',' or ']', but got '<stream end>'"],
            id="broken YAML",
        ),
        pytest.param(
            "a: &a [*a]\n", ["fleet.yml:1: the content is nested too deeply, or refers back to itself"], id="alias loop"
        ),
        pytest.param(
            f"a: {'[' * 3000}{']' * 3000}\n",
            ["fleet.yml:1: the content is nested too deeply, or refers back to itself"],
            id="nested too deeply",
        ),
        *(
            pytest.param(
                f"devices: []\nx:\n  - {value}\n",
                [f"fleet.yml:3: this value cannot be read as {kind}; correct it, or quote it if it is text"],
                id=f"no {value[:30]}",
            )
            for value, kind in [
                ("2026-02-30 22:00:00", "timestamp"),
                ("2026-02-30", "timestamp"),
                ("!!timestamp foo", "timestamp"),
                ("!!int abc", "int"),
                ("!!int ''", "int"),
                ("!!float abc", "float"),
                ("!!bool perhaps", "bool"),
                ("1" * 5000, "int"),
                ("1" * 400, "int"),
                ("0x" + "f" * 5000, "int"),
            ]
        ),
        pytest.param(
            "devices: []\nx: a\x07b\n", ["fleet.yml:2: control character U+0007; remove it"], id="control character"
        ),
    ],
)
def test_mistakes_are_located(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Each kind of mistake has its line, its path and what was expected."""
    assert told(write(tmp_path, text)) == expected


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A file that is not there is a message, not a traceback."""
    assert told(tmp_path / "none.yml") == ["none.yml:1: file does not exist"]


def test_messages_speak_indonesian(tmp_path: Path) -> None:
    """The same mistake is told in the other language."""
    with pytest.raises(ConfigurationError) as caught:
        load_located(write(tmp_path, "devices:\n  - prot: 1\n    name: a\n"), Fleet)
    message = caught.value.in_language(Language.INDONESIAN)
    assert message.endswith("fleet.yml:2: devices[0].prot: kunci tidak dikenal; maksudnya port?")


def test_cross_checks_are_told_together_with_the_models_mistakes(tmp_path: Path) -> None:
    """What only the whole document shows is told in the same round as what a field shows."""

    def twice(_document: Any) -> Iterable[tuple[KeyPath, Words]]:
        yield ("devices", 1, "name"), Words("ganda", "duplicate")

    file = write(tmp_path, "devices:\n  - name: a\n    port: x\n  - port: 1\n    name: a\n")
    lines = told(file, cross_check=twice)
    assert [line.partition(": ")[0] for line in lines] == ["fleet.yml:3", "fleet.yml:5"]
    assert lines[1] == "fleet.yml:5: devices[1].name: duplicate"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("hunter2", "a secret is not written here; expected ${env:NAME} or ${file:PATH}"),
        ("[hunter2]", "a secret is not written here; expected ${env:NAME} or ${file:PATH}"),
        ("${env:ABSENT}", "environment variable ABSENT is missing or empty; set it before starting"),
        ("${env:EMPTY}", "environment variable EMPTY is missing or empty; set it before starting"),
        ("${file:absent}", "secret file absent cannot be read: no such file or folder"),
        ("${file:empty}", "secret file empty is empty"),
    ],
    ids=["literal", "list", "absent variable", "empty variable", "absent file", "empty file"],
)
def test_a_secret_that_is_not_there_is_an_error(tmp_path: Path, reference: str, expected: str) -> None:
    """No secret is ever taken as empty, and a literal one is refused without being repeated."""
    (tmp_path / "empty").write_text("\n")
    quoted = reference if reference.startswith("[") else f'"{reference}"'
    file = write(tmp_path, f"devices:\n  - name: a\n    login:\n      user: u\n      password: {quoted}\n")
    lines = told(file, environment={"EMPTY": ""})
    assert lines == [f"fleet.yml:5: devices[0].login.password: {expected}"]
    assert "hunter2" not in "".join(lines)


def test_what_stands_where_a_mapping_belongs_is_not_repeated(tmp_path: Path) -> None:
    """A password put one level too high stays out of the message."""
    lines = told(write(tmp_path, "devices:\n  - name: a\n    login: hunter2\n"))
    assert lines == ["fleet.yml:3: devices[0].login: found str, expected a mapping"]


def test_secrets_are_resolved_and_hidden(tmp_path: Path) -> None:
    """A reference gives its value, relative to the file, and printing the model does not show it."""
    (tmp_path / "word").write_text("hunter2\n")
    file = write(tmp_path, 'devices:\n  - name: a\n    login: {user: u, password: "${file:word}"}\n')
    login = load_located(file, Fleet).devices[0].login
    assert login is not None
    assert login.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(login)
