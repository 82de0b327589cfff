"""The timestamp authority of `sopctl.yml`, as signatures use it (RFC 3161 over HTTP).

Owns how its settings become a source of timestamps. It must not sign.
"""

from aiohttp import BasicAuth as HttpBasicAuth
from pyhanko.sign.timestamps import HTTPTimeStamper

from dcnet.language import Words
from sopctl.adapters.pdf_signing import TimestampSource
from sopctl.adapters.trust import TrustAnchors
from sopctl.errors import SopctlError
from sopctl.settings_services import TimestampSettings


def timestamp_source(settings: TimestampSettings | None, trust: TrustAnchors) -> TimestampSource | None:
    """Who vouches for the time of signatures; None: nobody. Raises SopctlError where no root is known."""
    if settings is None:
        return None
    if not trust.authorities:
        raise SopctlError(
            Words(
                "penanda waktu memerlukan akarnya, dan akar sertifikat pejabat, di trust.authorities pada sopctl.yml",
                "timestamps need their root, and the root of the officials' certificates, in trust.authorities of "
                "sopctl.yml",
            )
        )
    auth = settings.basic_auth
    stamper = HTTPTimeStamper(
        settings.url,
        timeout=settings.timeout_seconds,
        auth=HttpBasicAuth(auth.username, auth.password.get_secret_value(), "utf-8") if auth else None,
    )
    return TimestampSource(stamper, trust.authorities, trust.revocation_lists)
