"""How a run signs: with the acting official's key, held against the site's trust before anything is recorded.

Owns the choice between keys. Imported only by runs that record, for what signs takes long to load.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from dcnet.language import Words
from sopctl.adapters.event_sheet import event_sheet
from sopctl.adapters.event_signature import Judge, event_signing
from sopctl.adapters.trust import load_trust
from sopctl.chain.event import Sign
from sopctl.errors import SopctlError
from sopctl.settings import Settings
from sopctl.settings_officials import BsreIdentity, OfficialSettings


def judge_of(settings: Settings) -> Judge:
    """Who may act, and with which key, by `sopctl.yml`. Raises SopctlError where a certificate cannot be read."""
    return Judge(load_trust(settings))


@contextmanager
def signing_as(settings: Settings, official: OfficialSettings, time: datetime) -> Iterator[Sign | None]:
    """What signs as `official`; None where he has no key and needs none. Raises SopctlError."""
    since = settings.trust.signed_since
    if not official.certificates:
        if since is not None and time.astimezone(settings.zone).date() >= since:
            raise SopctlError(
                Words(
                    f"{official.id} belum mempunyai sertifikat, dan sejak {since} setiap langkah ditandatangani: isi "
                    "`identity` dan `certificates` di sopctl.yml",
                    f"{official.id} has no certificate, and since {since} every step is signed: give `identity` and "
                    "`certificates` in sopctl.yml",
                )
            )
        yield None
    elif isinstance(official.identity, BsreIdentity):
        from sopctl.adapters.bsre import open_bsre  # noqa: PLC0415  # an HTTP client, for those who need it

        remote = open_bsre(settings, official)
        yield lambda body: remote.sign_pdf(event_sheet(body))
    else:
        with event_signing(official) as sign:
            yield sign
