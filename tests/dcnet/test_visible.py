"""What a terminal would obey is shown, not sent."""

import pytest

from dcnet.visible import make_visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ditjen Migas – “aman” 中 🙂", "Ditjen Migas – “aman” 中 🙂"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\rb\x07\x7f\x9b", "a\\rb\\x07\\x7f\\x9b"),
        ("kiri\u202ekanan", "kiri\\u202ekanan"),
        ("setengah \ud800", "setengah \\ud800"),
        ("dua\nbaris", "dua\nbaris"),
    ],
)
def test_controls_become_escapes(text: str, shown: str) -> None:
    """Escape sequences, marks of direction and halves of characters are named; letters stay."""
    assert make_visible(text) == shown


def test_a_cell_has_one_line() -> None:
    """Where a line end would break a table it is named too."""
    assert make_visible("dua\nbaris", keep_lines=False) == "dua\\nbaris"
