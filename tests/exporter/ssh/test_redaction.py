"""No secret of a configuration survives, in whatever form its platform writes it."""

import re

import pytest

from exporter.configuration.redaction import REMOVED, redact
from exporter.platforms.library import shipped_platforms
from tests.exporter.ssh.secrets import FORMS, KEEP

SECRET = "Zq7RtY4mKpW2xN9v"
CASES = [(platform, form) for platform, forms in FORMS.items() for form in forms]


def planted(form: str) -> list[str]:
    """The lines of a form with the secret in it."""
    return form.replace("{}", SECRET).splitlines()


@pytest.mark.parametrize(("platform", "form"), CASES, ids=[f"{platform}-{form[:40]!r}" for platform, form in CASES])
def test_a_secret_is_removed_in_the_form_of_its_platform(platform: str, form: str) -> None:
    """Nothing of the secret is left, and something says that it was there."""
    clean = "\n".join(redact(planted(form), shipped_platforms()[platform]))
    assert SECRET not in clean
    assert REMOVED in clean


@pytest.mark.parametrize("platform", FORMS)
def test_every_platform_removes_all_its_forms_from_one_configuration(platform: str) -> None:
    """Forms one after another do not hide each other, and what follows them is still there."""
    lines = [line for form in FORMS[platform] for line in [*planted(form), "!"]]
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
