"""click's own words ("Usage", "No such option") in the chosen language, by click's own means: gettext.

Owns the translation in `dcnet/locale` and its compilation. It must not know any command.
"""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from dcnet.language import Language

DOMAIN = "messages"
LOCALE = Path(__file__).parent / "locale"
SOURCE = LOCALE / "id" / "LC_MESSAGES" / f"{DOMAIN}.po"
COMPILED = SOURCE.with_suffix(".mo")
CHOICE = "LANGUAGE"
"""The environment variable by which gettext chooses; it has no other switch for words looked up by a library."""


@contextmanager
def click_speaks(language: Language) -> Iterator[None]:
    """Within, click speaks `language`; afterwards the process is as before."""
    before = os.environ.get(CHOICE)
    folder = gettext.bindtextdomain(DOMAIN)
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    os.environ[CHOICE] = language.value
    try:
        yield
    finally:
        gettext.bindtextdomain(DOMAIN, folder)
        if before is None:
            del os.environ[CHOICE]
        else:
            os.environ[CHOICE] = before


def compile_words(source: Path = SOURCE) -> bytes:
    """The binary form of a `.po` file, as gettext reads it."""
    # Only for whoever changes the words: a command that starts needs no Babel.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with source.open("rb") as file:
        catalog = read_po(file)
    # Equal words must give equal bytes, whatever the day.
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


if __name__ == "__main__":
    COMPILED.write_bytes(compile_words())
