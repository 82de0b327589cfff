"""click commands whose help and errors speak the chosen language.

Owns the `--lang` option, help texts given as Words, and the one place where a PublicError becomes a
message and an exit status. It must not know any particular command.
"""

import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import click

from dcnet.click_words import click_speaks
from dcnet.errors import PublicError
from dcnet.language import Language, Words, language_of_environment
from dcnet.visible import make_visible

USAGE_PIECES = {"[OPTIONS]": "[OPSI]", "COMMAND [ARGS]...": "PERINTAH [ARGUMEN]..."}
"""click's placeholders in Indonesian."""


_RUNNING: ContextVar[Language | None] = ContextVar("running", default=None)
"""The language of the run, also before and after click has a context."""

INTERRUPTED = 130
"""The status of a program that Ctrl-C ended, as shells tell it."""


class UnreadableArgument(PublicError):  # noqa: N818  # the argument is at fault, not the program
    """An argument of the command line that is not UTF-8."""

    exit_code = 2

    def __init__(self, argument: str) -> None:
        shown = argument.encode(errors="backslashreplace").decode()
        super().__init__(
            Words(
                f"argumen '{shown}' bukan teks UTF-8; ketik ulang, atau ganti nama berkasnya",
                f"argument '{shown}' is not UTF-8 text; type it again, or rename the file",
            )
        )


def current_language() -> Language:
    """The language of the running command; of the environment outside of one."""
    context = click.get_current_context(silent=True)
    chosen = context.find_root().meta.get(__name__) if context is not None else None
    # Click shows errors when the context is gone already.
    return chosen if isinstance(chosen, Language) else _RUNNING.get() or language_of_environment()


def say(words: Words, *, err: bool = False) -> None:
    """Print `words` in the running command's language, on standard error when `err`."""
    click.echo(make_visible(words.in_language(current_language())), err=err)


class BilingualOption(click.Option):
    """An option whose help is Words: `click.option(..., cls=BilingualOption, words=Words(...))`."""

    def __init__(self, *arguments: Any, words: Words, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.words = words

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option's line in `--help`."""
        self.help = self.words.in_language(current_language())
        return super().get_help_record(ctx)


class BilingualCommand(click.Command):
    """A command whose help is Words: `group.command(cls=BilingualCommand, words=Words(...))`."""

    def __init__(self, *arguments: Any, words: Words, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.words = words

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The line after "Usage:", whose placeholders click does not translate."""
        return _translated(super().collect_usage_pieces(ctx))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's text in `--help`."""
        self.help = self.words.in_language(current_language())
        super().format_help_text(ctx, formatter)

    def get_short_help_str(self, limit: int = 80) -> str:
        """The command's line in the help of its group."""
        self.help = self.words.in_language(current_language())
        return super().get_short_help_str(limit)


class BilingualGroup(click.Group):
    """A group with `--lang` and help of Words, that ends every PublicError as a message and a status."""

    command_class = BilingualCommand

    def __init__(self, *arguments: Any, words: Words, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.words = words
        self.params.append(_language_option())

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The line after "Usage:", whose placeholders click does not translate."""
        return _translated(super().collect_usage_pieces(ctx))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The group's text in `--help`."""
        self.help = self.words.in_language(current_language())
        super().format_help_text(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Run what was parsed; Ctrl-C ends it with a word and the status that shells give (128 and SIGINT's number)."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(Words("Dihentikan.", "Interrupted.").in_language(current_language()), err=True)
            ctx.exit(INTERRUPTED)

    def main(self, args: Sequence[str] | None = None, *arguments: Any, **settings: Any) -> Any:
        """Run, telling PublicError on standard error instead of raising it."""
        # Click reads `--lang` only when it parses; what goes wrong before that must speak the language too.
        given = list(sys.argv[1:] if args is None else args)
        language = _language_of(given)
        token = _RUNNING.set(language)
        try:
            _require_text(given)
            with click_speaks(language):
                return super().main(args, *arguments, **settings)
        except PublicError as error:
            click.echo(make_visible(error.in_language(language)), err=True)
            sys.exit(error.exit_code)
        finally:
            _RUNNING.reset(token)


def option(*names: str, words: Words, **settings: Any) -> Callable[[Any], Any]:
    """`click.option` with its help in both languages."""
    return click.option(*names, cls=BilingualOption, words=words, **settings)


def _require_text(arguments: list[str]) -> None:
    """Bytes that are no UTF-8 come as halves of characters, which neither files nor hashes can hold."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise UnreadableArgument(argument) from error


def _translated(pieces: list[str]) -> list[str]:
    if current_language() is not Language.INDONESIAN:
        return pieces
    return [USAGE_PIECES.get(piece, piece) for piece in pieces]


def _language_option() -> BilingualOption:
    def remember(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
        meta = context.find_root().meta
        # A group within a group has the option too; the one that was given counts.
        if value or __name__ not in meta:
            meta[__name__] = Language(value) if value else language_of_environment()

    return BilingualOption(
        ["--lang"],
        type=click.Choice([language.value for language in Language]),
        expose_value=False,
        is_eager=True,
        callback=remember,
        words=Words(
            "Bahasa keluaran (bawaan: id; juga DCNET_LANG).", "Language of the output (default: id; also DCNET_LANG)."
        ),
    )


def _language_of(arguments: list[str]) -> Language:
    for position, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and position + 1 < len(arguments):
            value = arguments[position + 1]
        if value in set(Language):
            return Language(value)
    return language_of_environment()
