"""One HTTP exchange with a service, and its failures in words.

Owns sessions that send credentials to their own service only, and how a failed exchange is told without them. It must
not know what any service means by its answers.
"""

from base64 import b64encode
from pathlib import Path

import requests

from dcnet.language import Words
from sopctl.settings_services import BasicAuth

LONGEST_EXCERPT = 200


def open_session(basic_auth: BasicAuth | None, bearer_token: str | None, ca_file: Path | None) -> requests.Session:
    """A session with these credentials."""
    session = requests.Session()
    # Proxies and .netrc of the caller's environment must not decide where credentials go.
    session.trust_env = False
    session.verify = str(ca_file) if ca_file is not None else True
    session.max_redirects = 0
    if basic_auth is not None:
        pair = f"{basic_auth.username}:{basic_auth.password.get_secret_value()}"
        session.headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    elif bearer_token is not None:
        session.headers["Authorization"] = f"Bearer {bearer_token}"
    return session


def failure_of(error: Exception) -> Words:
    """Why an exchange gave no answer."""
    if isinstance(error, requests.exceptions.SSLError):
        return Words("sertifikat TLS-nya tidak dapat dipercaya", "its TLS certificate cannot be trusted")
    if isinstance(error, requests.exceptions.Timeout):
        return Words("tidak menjawab pada waktunya", "did not answer in time")
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return Words("mengalihkan ke alamat lain", "redirects to another address")
    # Every RequestException is an OSError, also one about an answer that came.
    unreachable = isinstance(error, requests.exceptions.ConnectionError)
    if unreachable or not isinstance(error, requests.RequestException | ValueError):
        return Words("tidak dapat dihubungi", "cannot be reached")
    return Words(f"menjawab secara rusak ({type(error).__name__})", f"answers brokenly ({type(error).__name__})")


def excerpt_of(text: str) -> str:
    """The beginning of an answer, on one line, for a message."""
    squeezed = " ".join("".join(one if one.isprintable() else " " for one in text[: 4 * LONGEST_EXCERPT]).split())
    return squeezed if len(squeezed) <= LONGEST_EXCERPT else squeezed[:LONGEST_EXCERPT] + "…"
