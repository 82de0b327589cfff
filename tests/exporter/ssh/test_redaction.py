"""No secret of a configuration survives, in whatever form its platform writes it."""

import re
from pathlib import Path

import pytest

from exporter.configuration.cleaning import clean_lines
from exporter.configuration.redaction import REMOVED, redact
from exporter.inventory.load import load_inventory
from exporter.platforms.library import shipped_platforms
from exporter.ssh_runner import known_secrets
from tests.exporter.ssh.secrets import FORMS, KEEP

SECRET = "Zq7RtY4mKpW2xN9v"
CASES = [(platform, form) for platform, forms in FORMS.items() for form in forms]


def planted(platform: str, form: str) -> list[str]:
    """The lines of a form with the secret in it, as a visit hands them on."""
    return clean_lines(form.replace("{}", SECRET), shipped_platforms()[platform])


@pytest.mark.parametrize(("platform", "form"), CASES, ids=[f"{platform}-{form[:40]!r}" for platform, form in CASES])
def test_a_secret_is_removed_in_the_form_of_its_platform(platform: str, form: str) -> None:
    """Nothing of the secret is left, and something says that it was there."""
    clean = "\n".join(redact(planted(platform, form), shipped_platforms()[platform]))
    assert SECRET not in clean
    assert REMOVED in clean


@pytest.mark.parametrize("platform", FORMS)
def test_every_platform_removes_all_its_forms_from_one_configuration(platform: str) -> None:
    """Forms one after another do not hide each other, and what follows them is still there."""
    lines = [line for form in FORMS[platform] for line in [*planted(platform, form), "!"]]
    clean = redact([*lines, "the last line"], shipped_platforms()[platform])
    assert SECRET not in "\n".join(clean)
    assert clean[-1] == "the last line"


@pytest.mark.parametrize(("platform", "line"), [(name, line) for name, lines in KEEP.items() for line in lines])
def test_lines_without_secrets_stay_as_they_are(platform: str, line: str) -> None:
    """What a rule of compliance or a person wants to read is not removed for looking alike."""
    assert redact([line], shipped_platforms()[platform]) == [line]


def test_secrets_that_the_inventory_knows_are_removed_wherever_they_stand() -> None:
    """The community and passwords of this exporter's own inventory need no rule."""
    lines = ["remark see site-community-9 and abc"]
    assert redact(lines, shipped_platforms()["linux"], ["site-community-9", "abc"]) == [f"remark see {REMOVED} and abc"]


def test_every_secret_of_the_inventory_is_known(tmp_path: Path) -> None:
    """Communities, both passwords of version 3, passwords of SSH and the passphrases of its keys."""
    for name in ("community", "auth", "privacy", "password", "passphrase", "key"):
        (tmp_path / name).write_text(f"secret-{name}")
    (tmp_path / "inventory.yml").write_text(
        "site: {name: s, time_zone: Asia/Jakarta}\ncredentials:\n  snmp:\n"
        "    old: {version: 2c, community: '${file:community}'}\n"
        "    new: {version: 3, user: u, auth: {protocol: sha256, password: '${file:auth}'},"
        " privacy: {protocol: aes128, password: '${file:privacy}'}}\n"
        "  ssh:\n    a: {user: u, password: '${file:password}'}\n"
        "    b: {user: u, key_file: key, key_passphrase: '${file:passphrase}'}\n"
    )
    found = known_secrets(load_inventory(tmp_path / "inventory.yml"))
    assert set(found) == {f"secret-{name}" for name in ("community", "auth", "privacy", "password", "passphrase")}


def test_a_statement_that_goes_on_in_the_next_line_is_one() -> None:
    """RouterOS breaks long lines behind a backslash, also within a secret: joined, rules and people find it whole."""
    platform = shipped_platforms()["mikrotik_routeros"]
    answer = '/ppp secret\nadd comment="a \\\n    b" name=u password=\\\n    "x\\\n    y" service=any\n'
    lines = clean_lines(answer, platform)
    assert lines == ["/ppp secret", 'add comment="a b" name=u password="xy" service=any']
    assert redact(lines, platform)[1] == f'add comment="a b" name=u password={REMOVED} service=any'


def test_what_lies_far_behind_in_a_line_is_removed() -> None:
    """A line of a blob's length is kept in part only: rules need bounded lines to end in time."""
    line = "banner " + "x" * 5000 + SECRET
    (clean,) = redact([line], shipped_platforms()["linux"])
    assert SECRET not in clean
    assert clean.startswith("banner xxx")
    assert clean.endswith(REMOVED)


def test_a_block_that_never_ends_is_removed_to_the_end() -> None:
    """A key whose end is missing must not leak its second half."""
    lines = ["-----BEGIN RSA PRIVATE KEY-----", SECRET, "anything"]
    assert redact(lines, shipped_platforms()["linux"]) == [REMOVED]


@pytest.mark.parametrize("platform", sorted(shipped_platforms()))
def test_no_rule_takes_forever(platform: str) -> None:
    """Long lines of every kind of character pass in bounded time (the test's own limit), also where words repeat."""
    words = ["key ", "password ", "snmp-server ", "a-", "auth sha ", "%^%#", "$9$", "A1+/", "<key>", "-----BEGIN "]
    lines = [word * (8000 // len(word)) for word in words]
    clean = redact(lines, shipped_platforms()[platform])
    assert not any(re.search("password password password", line) for line in clean)
