"""Whether the signed papers that a cycle's events name are what they must be.

Owns the walk over them; one PDF is judged by `pdf_verification`. A file that is missing or changed is the file store's
to tell.
"""

from collections.abc import Iterator, Sequence

from dcnet.language import Words
from sopctl.adapters.pdf_verification import DemandedSignature, SignedDocuments, continuation_problem
from sopctl.chain.event import Event
from sopctl.chain.payload import signer_of
from sopctl.errors import StoreError
from sopctl.workflow.paper_trail import PaperVersion, paper_versions
from sopctl.workflow.ports import CheckedFiles


def paper_problems(
    events: Sequence[Event], files: CheckedFiles, documents: SignedDocuments
) -> Iterator[tuple[int, Words]]:
    """What is wrong with the papers of one cycle's events, each with the sequence of the event that names it."""
    try:
        versions = list(paper_versions(events))
        # What a later version continues byte for byte is judged with that one.
        continued = {one.continues.sha256 for one in versions if one.continues}
        for version in versions:
            for problem in _version_problems(version, files, documents, whole=version.paper.sha256 not in continued):
                paper = version.paper
                yield paper.event.sequence, Words(f"{paper.name}: {problem.id}", f"{paper.name}: {problem.en}")
    except (KeyError, TypeError, ValueError, AttributeError):
        # A broken payload is told where payloads are checked; what follows it cannot be walked.
        return


def _version_problems(
    version: PaperVersion, files: CheckedFiles, documents: SignedDocuments, *, whole: bool
) -> Iterator[Words]:
    try:
        pdf = files.read(version.paper.sha256)
        before = files.read(version.continues.sha256) if version.continues else b""
    except StoreError:
        return
    if len(pdf) != version.paper.size_bytes:
        yield Words(
            f"panjangnya {len(pdf)} bita, menurut kejadiannya {version.paper.size_bytes}",
            f"it has {len(pdf)} bytes, by its event {version.paper.size_bytes}",
        )
    not_continued = continuation_problem(before, pdf) if before else None
    if not_continued is not None:
        yield not_continued
    if not whole:
        return
    demanded = [
        DemandedSignature(event.actor.official.position.value, signer_of(event), event.time)
        for event in version.signed_by
    ]
    yield from documents.problems(pdf, demanded)
