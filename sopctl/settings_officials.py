"""The people of `sopctl.yml`: who holds or acts for which position in which term, and with which signing identity.

Owns the shape of that part and its checks. It must not open keys or certificates.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from dcnet.language import Words
from dcnet.located_yaml import KeyPath
from dcnet.secret import LaterSecret
from sopctl.chain.roster import Term
from sopctl.model import Capacity, Position
from sopctl.settings_base import Model, PathBeside, SettingError, Text

NIP_DIGITS = 18


def _nip(value: str) -> str:
    if value and not (value.isascii() and value.isdigit() and len(value) == NIP_DIGITS):
        raise SettingError(
            Words(
                f"NIP terdiri atas {NIP_DIGITS} angka dalam tanda kutip, atau kosong",
                f"a NIP has {NIP_DIGITS} digits in quotes, or is empty",
            )
        )
    return value


def _nip_as_text(value: Any) -> Any:
    """YAML reads unquoted digits as a number, which keeps them all unless the first is 0; no NIP begins so."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Pkcs12Identity(Model):
    """A key and its certificate in a PKCS#12 file (RFC 7292)."""

    kind: Literal["pkcs12"]
    file: PathBeside
    passphrase: LaterSecret


class Pkcs11Identity(Model):
    """A key in hardware, or in what behaves like it (PKCS#11 v2.40)."""

    kind: Literal["pkcs11"]
    module: PathBeside
    """The token's library."""

    token: Text
    """Label of the token."""

    key: Text
    """Label of the private key."""

    certificate: Text | None = None
    """Label of the certificate; None: that of the key."""

    pin: LaterSecret


class BsreIdentity(Model):
    """A key that BSrE keeps and signs PDF with, on the official's passphrase."""

    kind: Literal["bsre"]
    nik: Annotated[str, Field(pattern=r"^[0-9]{16}$")]
    """Nomor Induk Kependudukan, 16 digits in quotes."""

    passphrase: LaterSecret


Identity: TypeAlias = Annotated[Pkcs12Identity | Pkcs11Identity | BsreIdentity, Field(discriminator="kind")]


class _Term(Model):
    begins: date | None = Field(default=None, alias="from")
    """First day, in the site's time zone; None: since ever."""

    until: date | None = None
    """Last day; None: open."""

    basis: str = ""
    """Number of the decree or order."""


class ActingTerm(_Term):
    """A term in another's place: Plh. while the holder is absent, Plt. while the position is vacant."""

    position: Position
    capacity: Annotated[Literal[Capacity.PLH, Capacity.PLT], Field(alias="as")]
    basis: Text
    begins: date = Field(alias="from")


class OfficialSettings(_Term):
    """A person who acts for a position. Whoever leaves stays in the file, with `until`: old signatures name them."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    name: Text
    nip: Annotated[str, BeforeValidator(_nip_as_text), AfterValidator(_nip)] = ""
    position: Position | None = None
    """The position held; None: only acts for others."""

    acting: tuple[ActingTerm, ...] = ()
    user: str | None = Field(default=None, min_length=1)
    """The only OS login that may act as this official; None: any login that can write the store."""

    identity: Identity | None = None
    """What signs events and PDF."""

    certificates: tuple[PathBeside, ...] = ()
    """PEM or DER; signatures of this official are theirs alone. A renewed one is added, the old one stays."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term of this official; the own position first."""
        own = (Term(self.position, Capacity.HOLDER, self.begins, self.until, self.basis),) if self.position else ()
        return (
            *own,
            *(Term(term.position, term.capacity, term.begins, term.until, term.basis) for term in self.acting),
        )

    @property
    def positions(self) -> frozenset[Position]:
        """Every position that this official ever holds or acts for."""
        return frozenset(term.position for term in self.terms)


class PaperSettings(Model):
    """Decisions on paper ("elektronik dan manual")."""

    recorders: tuple[str, ...] = ()
    """Ids of the officials who may record a decision from its scan; empty: nobody."""


class TrustSettings(Model):
    """Which certificates are believed, beyond each official's own pinned ones."""

    authorities: tuple[PathBeside, ...] = ()
    """Certificates of the authorities that must have issued every pinned one; empty: the pin alone counts."""

    revocation_lists: tuple[PathBeside, ...] = ()
    """CRL files (RFC 5280) of those authorities."""

    signed_since: date | None = None
    """From this day every event must be signed; None: whoever has no certificate acts by login alone."""


def official_problems(document: Any) -> Iterable[tuple[KeyPath, Words]]:
    """What no single field shows: ids, certificates used twice, positions that nobody fills, keys without pin."""
    officials = document.get("officials") if isinstance(document, dict) else None
    if not isinstance(officials, list):
        return
    known = [(index, official) for index, official in enumerate(officials) if isinstance(official, dict)]
    times = Counter(str(official.get("id")) for _index, official in known if "id" in official)
    seen: set[str] = set()
    pinned: dict[str, str] = {}
    filled: set[str] = set()
    yield from _recorder_problems(document, times)
    for index, official in known:
        identity = str(official.get("id"))
        if times[identity] > 1 and identity in seen:
            yield (
                ("officials", index, "id"),
                Words(f"{identity!r} sudah dipakai pejabat lain", f"{identity!r} is already used by another official"),
            )
        seen.add(identity)
        filled |= _positions_in(official)
        if not _positions_in(official):
            words = Words("isi position, acting, atau keduanya", "give position, acting, or both")
            yield (("officials", index), words)
        certificates = official.get("certificates")
        if official.get("identity") and not certificates:
            words = Words(
                "kunci tanpa sertifikat: sebutkan sertifikatnya di certificates",
                "a key without certificate: name its certificate in certificates",
            )
            yield (("officials", index, "identity"), words)
        for place, file in enumerate(certificates if isinstance(certificates, list) else ()):
            holder = pinned.setdefault(str(file), identity)
            if holder != identity:
                words = Words(f"sertifikat ini milik {holder}", f"this certificate is {holder}'s")
                yield (("officials", index, "certificates", place), words)
    for position in Position:
        if position.value not in filled:
            yield (
                ("officials",),
                Words(
                    f"tidak ada pejabat untuk jabatan {position.value}; setiap jabatan memerlukan seorang pejabat",
                    f"no official holds position {position.value}; every position needs one",
                ),
            )


def _recorder_problems(document: dict[str, Any], known: Mapping[str, int]) -> Iterable[tuple[KeyPath, Words]]:
    paper = document.get("paper")
    recorders = paper.get("recorders") if isinstance(paper, dict) else None
    for place, identity in enumerate(recorders if isinstance(recorders, list) else ()):
        if str(identity) not in known:
            words = Words(f"tidak ada pejabat {identity!r}", f"there is no official {identity!r}")
            yield (("paper", "recorders", place), words)


def _positions_in(official: dict[str, Any]) -> set[str]:
    acting = official.get("acting")
    terms = [term for term in acting if isinstance(term, dict)] if isinstance(acting, list) else []
    named = [official.get("position"), *(term.get("position") for term in terms)]
    return {str(position) for position in named if position is not None}
