"""The timestamp authority of `sopctl.yml`, as signatures use it (RFC 3161 over HTTP).

Owns how its settings become a source of timestamps. It must not sign.
"""

from aiohttp import BasicAuth as HttpBasicAuth
from pyhanko.sign.timestamps import HTTPTimeStamper

from sopctl.adapters.pdf_signing import TimestampSource
from sopctl.adapters.trust import TrustAnchors, load_certificate
from sopctl.settings_services import TimestampSettings


def timestamp_source(settings: TimestampSettings | None, trust: TrustAnchors) -> TimestampSource | None:
    """Who vouches for the time of signatures; None: nobody. Raises SopctlError where a certificate is unusable."""
    if settings is None:
        return None
    auth = settings.basic_auth
    stamper = HTTPTimeStamper(
        settings.url,
        timeout=settings.timeout_seconds,
        auth=HttpBasicAuth(auth.username, auth.password.get_secret_value(), "utf-8") if auth else None,
    )
    own = tuple(load_certificate(file) for file in settings.authorities)
    pinned = tuple(pin for pins in trust.pins.values() for pin in pins) if not trust.authorities else ()
    return TimestampSource(stamper, (*own, *trust.authorities, *pinned), trust.revocation_lists)
