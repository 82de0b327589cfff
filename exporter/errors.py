"""The exporter's own errors and its closed lists of failure reasons.

Owns the words that stand in `reason` labels. Details never stand in a label: they go to the log, to the
landing page and to `probe --debug`, and never hold a secret.
"""

from enum import StrEnum

from dcnet.errors import PublicError


class ExporterError(PublicError):
    """The base of what the exporter's commands tell a person."""


class InventoryValueError(ExporterError, ValueError):
    """A value of the inventory that pydantic accepts and the network would not."""


class CollectionReason(StrEnum):
    """Why a collector did not finish whole: the `reason` of dcnet_collector_failure."""

    TIMEOUT = "timeout"
    """Silence: the host is away, filters, or does not accept the community."""

    UNREACHABLE = "unreachable"
    """The network or the host said so (ICMP), or the name does not resolve."""

    AUTH = "auth"
    """The device refused the user, the keys or the access."""

    DECODE = "decode"
    """An answer that is no SNMP, or breaks its rules."""

    NO_DATA = "no_data"
    """It answered, but none of the objects asked for exists."""

    DEADLINE = "deadline"
    """The time that Prometheus gives for a scrape ran out."""

    INTERNAL = "internal"
    """A defect of the exporter: the log holds it."""


class CollectionFailure(Exception):  # noqa: N818 - a failure of the device, not an error of ours
    """A collector could not get (all of) its data. `detail` is English, for the log and for --debug."""

    def __init__(self, reason: CollectionReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class ProbeReason(StrEnum):
    """Why a link's probe failed: the `reason` of dcnet_link_probe_failure."""

    TIMEOUT = "timeout"
    """No answer within the probe's timeout."""

    UNREACHABLE = "unreachable"
    """No route, or the network or host said that it cannot be reached."""

    REFUSED = "refused"
    """The host is there and refused the connection or the query."""

    RESOLVE = "resolve"
    """The target's name does not resolve."""

    PERMISSION = "permission"
    """This process may not send ICMP."""

    SOURCE = "source"
    """The link's source address is not an address of this host."""

    TLS = "tls"
    """No TLS session: certificate or protocol."""

    PROTOCOL = "protocol"
    """The answer is not what its protocol allows."""

    ANSWER = "answer"
    """A DNS answer other than the expected one."""

    STATUS = "status"
    """An HTTP status other than the expected ones."""

    BODY = "body"
    """An HTTP body without the expected pattern."""

    INTERNAL = "internal"
    """A defect of the exporter: the log holds it."""
