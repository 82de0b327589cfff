"""The base of every error that a person may see."""

from dcnet.language import Language, Words


class PublicError(Exception):
    """An error told to a person: what was found, what was expected, where, what to do. Never a secret.

    `exit_code` is the exit status of a command that ends with it.
    """

    exit_code = 1

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words

    def in_language(self, language: Language) -> str:
        """The message in `language`."""
        return self.words.in_language(language)
