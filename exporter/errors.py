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


class ProfileValueError(ExporterError, ValueError):
    """A value of a device profile that pydantic accepts and the engine would not."""


class PatternValueError(ExporterError, ValueError):
    """What should be a regular expression is none."""


class CollectionReason(StrEnum):
    """Why a collector did not finish whole: the `reason` of dcnet_collector_failure."""

    TIMEOUT = "timeout"
    """Silence: the host is away, filters, or does not accept the community."""

    UNREACHABLE = "unreachable"
    """The network or the host said so (ICMP), or the name does not resolve."""

    AUTH = "auth"
    """The device refused the user, the keys or the access."""

    HOST_KEY = "host_key"
    """The key by which an SSH server proves itself is unknown here, or is not the known one."""

    DECODE = "decode"
    """An answer that is no SNMP or SSH, breaks its rules, or was cut short."""

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
    """The link's source address is not an address of this host, or its source interface is none of it."""

    TLS = "tls"
    """No TLS session, for another reason than the certificate's own below."""

    TLS_EXPIRED = "tls_expired"
    """The certificate, or one above it, is past its end."""

    TLS_NOT_YET_VALID = "tls_not_yet_valid"
    """The certificate, or one above it, is before its beginning."""

    TLS_SELF_SIGNED = "tls_self_signed"
    """The certificate, or the one that all others stand on, is signed by itself and not trusted here."""

    TLS_UNKNOWN_ISSUER = "tls_unknown_issuer"
    """The certificate's issuer is not known here, or the server does not send the ones between."""

    TLS_WRONG_NAME = "tls_wrong_name"
    """The certificate holds other names than the one asked for."""

    PROTOCOL = "protocol"
    """The answer is not what its protocol allows."""

    REDIRECTS = "redirects"
    """More HTTP redirects than the probe follows, or one to nowhere."""

    ANSWER = "answer"
    """A DNS answer other than the expected one."""

    STATUS = "status"
    """An HTTP status other than the expected ones."""

    BODY = "body"
    """An HTTP body without the expected pattern."""

    INTERNAL = "internal"
    """A defect of the exporter: the log holds it."""


class SuppressedReason(StrEnum):
    """Why an echo is counted neither as sent nor as lost: the `reason` of dcnet_link_probe_suppressed_total.

    In each case the fault is this host's, so that nothing was learned about the link.
    """

    SUSPENDED = "suspended"
    """This process, or the whole machine, did not run."""

    OVERLOAD = "overload"
    """This process was too busy to keep the probe's pace."""

    SEND_BUFFER = "send_buffer"
    """The kernel had no room to send."""

    RECEIVE_BUFFER = "receive_buffer"
    """The kernel dropped replies before this process could read them."""

    REFUSED_HERE = "refused_here"
    """This host would not send it: privilege, firewall, source address or interface, size. The failure says which."""


class TrapReason(StrEnum):
    """Why a datagram on the port of traps was not taken as one: the `reason` of dcnet_trap_dropped_total."""

    UNKNOWN_SOURCE = "unknown_source"
    """From an address that is no device's of the inventory, or one of which no traps are accepted."""

    TOO_LONG = "too_long"
    """Longer than any trap that makes sense."""

    MALFORMED = "malformed"
    """No SNMP, or no notification that keeps its rules."""

    UNWANTED = "unwanted"
    """SNMP, but neither a trap nor an inform."""

    COMMUNITY = "community"
    """Another community than those accepted of this device."""

    USER = "user"
    """An SNMPv3 user that is not accepted of this device."""

    LEVEL = "level"
    """A user whose message is not protected as its credential says."""

    AUTH = "auth"
    """A message that does not prove to be the user's: another password, or changed on its way."""

    TIME_WINDOW = "time_window"
    """Authentic, but older than 150 seconds by the clock of its sender: played again, or that clock was set back."""

    ENGINE_ID = "engine_id"
    """From another engine than the one that the inventory names for this device, or from none."""

    DECRYPTION = "decryption"
    """Authentic, but encrypted with another password or protocol."""

    RATE_LIMIT = "rate_limit"
    """More than this device may send."""

    QUEUE_FULL = "queue_full"
    """More than could be decoded, of all devices together; the device with the longest queue loses its oldest."""

    RECEIVE_BUFFER = "receive_buffer"
    """The kernel had no room, before the sender was looked at."""

    INTERNAL = "internal"
    """A defect of the exporter: the log holds it."""
