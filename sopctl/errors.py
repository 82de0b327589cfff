"""The errors that sopctl tells to people."""

from dcnet.errors import PublicError


class SopctlError(PublicError):
    """The base of sopctl's own errors."""


class Refused(SopctlError):  # noqa: N818  # a refusal is an answer of the SOP, not a failure
    """A step that the SOP does not allow now; the message says whose turn it is and with which command."""


class StoreError(SopctlError):
    """The store cannot be used: missing, damaged, full or locked."""


class Conflict(StoreError):  # noqa: N818  # the other writer did nothing wrong either
    """Another process recorded an event first; nothing of ours was written."""
