"""Alertmanager's configuration with Telegram's token in it: `python -m prometheus.put_telegram_token IN SECRET OUT`.

Alertmanager 0.25 takes a bot's token only from its configuration (`bot_token_file` came with 0.26). So the committed
file holds a word in its place, and this writes the file that Alertmanager is started with: its owner alone reads it.
Owns nothing else of the configuration, and must not show the token.
"""

import os
import re
import sys
from pathlib import Path

from dcnet.errors import PublicError
from dcnet.language import Words, language_of_environment
from dcnet.os_errors import reason_of

PLACE = "TELEGRAM_BOT_TOKEN"
TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{20,}")
"""A bot's token, as Telegram's Bot API writes it: `123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11`."""


class TokenError(PublicError):
    """A file that cannot be read or written, or that holds no token."""


def put_token(configuration: Path, secret: Path, output: Path) -> None:
    """Write `configuration` with the token of the file `secret` to `output`, mode 0600, whole or not at all.

    Nothing else changes: paths in it that are relative are so to `output` from then on. Raises TokenError.
    """
    text, token = _read(configuration), _read(secret).strip()
    if not TOKEN.fullmatch(token):
        raise TokenError(
            Words(
                f"{secret}: bukan token bot Telegram; seharusnya seperti 123456:ABC-DEF… pada satu baris",
                f"{secret}: no token of a Telegram bot; expected one line like 123456:ABC-DEF…",
            )
        )
    if PLACE not in text:
        raise TokenError(
            Words(
                f"{configuration}: tidak ada {PLACE}, tempat token itu seharusnya",
                f"{configuration}: there is no {PLACE}, where the token belongs",
            )
        )
    text = text.replace(PLACE, token)
    unfinished = output.with_name(f".{output.name}.new")
    try:
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        unfinished.replace(output)
    except OSError as error:
        reason = reason_of(error)
        words = Words(f"{output}: tidak dapat ditulis: {reason.id}", f"{output}: cannot be written: {reason.en}")
        raise TokenError(words) from error


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        reason = Words("bukan teks UTF-8", "not UTF-8 text")
    except OSError as error:
        reason = reason_of(error)
    raise TokenError(Words(f"{file}: tidak dapat dibaca: {reason.id}", f"{file}: cannot be read: {reason.en}"))


def main() -> None:
    """Do it, or say why not."""
    if len(sys.argv) != 4:  # noqa: PLR2004 - the three paths
        sys.exit("python -m prometheus.put_telegram_token alertmanager.yml SECRET_FILE OUTPUT")
    try:
        put_token(*(Path(argument) for argument in sys.argv[1:]))
    except PublicError as error:
        sys.exit(error.in_language(language_of_environment()))


if __name__ == "__main__":
    main()
