"""Errors of the lab that a person may see."""

from dcnet.errors import PublicError


class LabError(PublicError):
    """The lab cannot do what was asked: a port in use, a missing program, a month that cannot be made."""
