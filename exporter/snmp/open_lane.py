"""The kind of session that a credential calls for."""

from exporter.inventory.models import CommunityCredential, SnmpAccess, UserCredential
from exporter.snmp.context_session import ContextSession
from exporter.snmp.lanes import Session
from exporter.snmp.session import connect


def open_lane(address: str, access: SnmpAccess, credential: CommunityCredential | UserCredential) -> Session:
    """A session with the agent at `address`; a v3 context goes over pysnmp. Raises CollectionFailure for no socket."""
    if isinstance(credential, UserCredential) and credential.context:
        return ContextSession(address, access, credential)
    return connect(address, access, credential)
