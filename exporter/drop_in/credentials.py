"""An entry of `auths` as a credential of the SNMP engine. Pure."""

from pydantic import ValidationError

from dcnet.language import Words
from exporter.drop_in.config import Auth, SecurityLevel
from exporter.drop_in.values import DropInError
from exporter.errors import ExporterError
from exporter.inventory.models import (
    Authentication,
    AuthProtocol,
    CommunityCredential,
    Privacy,
    PrivacyProtocol,
    UserCredential,
)

_PRIVACY = {
    "DES": PrivacyProtocol.DES,
    "AES": PrivacyProtocol.AES128,
    "AES192": PrivacyProtocol.AES192,
    "AES192C": PrivacyProtocol.AES192_CISCO,
    "AES256": PrivacyProtocol.AES256,
    "AES256C": PrivacyProtocol.AES256_CISCO,
}


def credential_of(name: str, auth: Auth, context: str) -> CommunityCredential | UserCredential:
    """The credential of the auth `name`. Raises DropInError for what the engine cannot do."""
    try:
        if auth.version == 3:  # noqa: PLR2004 - the protocol's own number
            return _user(auth, context or auth.context_name)
        # As in snmp_exporter, a context means nothing to a community.
        return CommunityCredential(version="1" if auth.version == 1 else "2c", community=auth.community)
    except ValidationError as error:
        # Pydantic's text quotes what it was given: only our own words are told.
        causes = [detail.get("ctx", {}).get("error") for detail in error.errors()]
        words = [cause.words for cause in causes if isinstance(cause, ExporterError)]
        raise DropInError(
            Words(
                f"auth {name}: " + "; ".join(word.id for word in words),
                f"auth {name}: " + "; ".join(word.en for word in words),
            )
        ) from None


def _user(auth: Auth, context: str) -> UserCredential:
    authentication = privacy = None
    if auth.security_level is not SecurityLevel.NONE:
        authentication = Authentication(protocol=AuthProtocol(auth.auth_protocol.lower()), password=auth.password)
    if auth.security_level is SecurityLevel.PRIVATE:
        privacy = Privacy(protocol=_PRIVACY[auth.priv_protocol], password=auth.priv_password)
    return UserCredential(version="3", user=auth.username, auth=authentication, privacy=privacy, context=context)
