"""Mail servers, as URLs name them: `smtp://user:password@host:587`."""

from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import unquote, urlsplit


class Security(Enum):
    """How a connection is encrypted: from its first byte, by STARTTLS before anything is said, or not at all."""

    TLS = "TLS"
    STARTTLS = "STARTTLS"
    NONE = "NONE"


_SCHEMES = {
    "smtps": (Security.TLS, 465),
    "smtp": (Security.STARTTLS, 587),
    "smtp+plain": (Security.NONE, 25),
    "imaps": (Security.TLS, 993),
    "imap": (Security.STARTTLS, 143),
    "imap+plain": (Security.NONE, 143),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where to connect to, and as whom; without a user name, without logging in."""

    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def read_server(url: str, username: str | None = None, password: str | None = None) -> MailServer:
    """The server that a URL names; user name and password of the URL come first.

    :raises ValueError: the URL names none.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError(f"no mail server's URL: it begins with none of {', '.join(_SCHEMES)}, or has no host")
    security, port = _SCHEMES[parts.scheme]
    return MailServer(
        parts.hostname,
        parts.port or port,
        security,
        unquote(parts.username) if parts.username else username,
        unquote(parts.password) if parts.password else password,
    )


def normal_url(url: str) -> str:
    """The one way to write the URL of this server, with its port: what servers are told apart by.

    :raises ValueError: the URL names none.
    """
    server = read_server(url)
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"{urlsplit(url).scheme}://{host}:{server.port}"
