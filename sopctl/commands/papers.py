"""The paper of a step, made by the run that takes it.

Owns how a session becomes a desk where papers are made. Imported only by runs that record, for typesetting and signing
take long to load.
"""

from collections.abc import Callable

from dcnet.catalogue import load_catalogue
from sopctl.adapters.bsre import is_bsre_certificate
from sopctl.adapters.holiday_calendar import working_time_of
from sopctl.adapters.papers import PaperDesk, make_paper
from sopctl.adapters.pdf_signing import DocumentSigner
from sopctl.adapters.trust import load_certificate
from sopctl.chain.cycle import Cycle
from sopctl.chain.deadlines import due_of
from sopctl.chain.event import Draft, Payload
from sopctl.evidence import SignatureKind
from sopctl.settings import Settings
from sopctl.settings_officials import OfficialSettings
from sopctl.workflow.ports import FileStore


def paper_of(
    settings: Settings, files: FileStore, official: OfficialSettings, signer: DocumentSigner
) -> Callable[[Cycle | None, Draft, str], Payload]:
    """Makes the paper of a step that `official` takes, signed by `signer`: see `make_paper`. Raises SopctlError."""

    def make(cycle: Cycle | None, draft: Draft, newest: str) -> Payload:
        working = working_time_of(settings)
        desk = PaperDesk(
            settings=settings,
            catalogue=load_catalogue(),
            files=files,
            signer=signer,
            kind=SignatureKind.WITHOUT_TIMESTAMP if settings.timestamp is None else SignatureKind.ARCHIVAL,
            issued_by_bsre=_is_bsre(settings, official),
            due_of=lambda taken: due_of(taken, working),
        )
        return make_paper(desk, cycle, draft, newest)

    return make


def _is_bsre(settings: Settings, official: OfficialSettings) -> bool:
    authorities = [load_certificate(file) for file in settings.bsre.authorities] if settings.bsre else []
    return is_bsre_certificate(load_certificate(official.certificates[-1]), authorities)
