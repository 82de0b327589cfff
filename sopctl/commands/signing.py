"""How a run signs: with the acting official's key, held against the site's trust before anything is recorded.

Owns the choice between keys. Imported only by runs that record, for what signs takes long to load.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from pyhanko.sign.signers import Signer

from dcnet.language import Words
from sopctl.adapters.event_sheet import event_sheet
from sopctl.adapters.event_signature import Judge, sign_bytes
from sopctl.adapters.identity import open_signer
from sopctl.adapters.pdf_signing import DocumentSigner, LocalSigner
from sopctl.adapters.trust import load_trust
from sopctl.chain.event import Sign
from sopctl.errors import SopctlError
from sopctl.settings import Settings
from sopctl.settings_officials import BsreIdentity, OfficialSettings


@dataclass(frozen=True, slots=True)
class OpenKey:
    """The acting official's key, opened once for a whole run: a token lets nobody in a second time."""

    sign: Sign
    """Signs his events."""

    documents: Callable[[], DocumentSigner]
    """What signs his papers. Raises SopctlError where there is no timestamp to be had."""


def judge_of(settings: Settings) -> Judge:
    """Who may act, and with which key, by `sopctl.yml`. Raises SopctlError where a certificate cannot be read."""
    return Judge(load_trust(settings))


@contextmanager
def signing_as(settings: Settings, official: OfficialSettings, time: datetime) -> Iterator[OpenKey | None]:
    """The key that signs as `official`; None where he has no key and needs none. Raises SopctlError."""
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
        yield OpenKey(lambda body: remote.sign_pdf(event_sheet(body)), lambda: remote)
    else:
        with open_signer(official) as key:
            yield OpenKey(lambda body: sign_bytes(key, body, official.id), lambda: _local(settings, key))


def _local(settings: Settings, key: Signer) -> DocumentSigner:
    from sopctl.adapters.timestamp import timestamp_source  # noqa: PLC0415  # an HTTP client, for those who need it

    return LocalSigner(key, timestamp_source(settings.timestamp, load_trust(settings)))
