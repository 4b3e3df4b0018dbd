"""A mailbox as a viewer typed it, and what of that can be a mailbox at all."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from invito.services.addresses import normalised_address
from invito.services.errors import Refusal, UserError, UserErrorCode, user_error
from invito.services.mailboxes.servers import MailServer, Security, read_server
from invito.services.mailboxes.values import Protocol

_MOST = {"smtp_url": 500, "imap_url": 500, "username": 320, "password": 1_000, "folder": 300}


@dataclass(frozen=True, slots=True)
class MailboxWish:
    """What a viewer typed. Without `imap_url`, Invito sends from the mailbox but does not read it."""

    address: str
    smtp_url: str
    imap_url: str | None
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class MailboxSetup:
    """The same as servers that can be asked."""

    address: str
    smtp: MailServer
    imap: MailServer | None
    folder: str


def read_wish(wish: MailboxWish, private_hosts: Collection[str]) -> MailboxSetup:
    """The servers that a wish names. At `private_hosts` alone may they go without encryption.

    :raises Refusal: INVALID_EMAIL or INVALID_INPUT, each with the path of its field.
    """
    errors = list(_errors_of(wish, private_hosts))
    address = normalised_address(wish.address.strip())
    if errors or address is None:
        raise Refusal(*errors)
    imap = None if wish.imap_url is None else read_server(wish.imap_url, wish.username, wish.password)
    return MailboxSetup(address, read_server(wish.smtp_url, wish.username, wish.password), imap, wish.folder)


def _errors_of(wish: MailboxWish, private_hosts: Collection[str]) -> Iterator[UserError]:
    if normalised_address(wish.address.strip()) is None:
        message = "{address} is no e-mail address: write somebody@example.com."
        yield user_error(UserErrorCode.INVALID_EMAIL, ("address",), message, address=wish.address[:100])
    urls = {("smtp_url", Protocol.SMTP): wish.smtp_url, ("imap_url", Protocol.IMAP): wish.imap_url}
    for (name, protocol), url in urls.items():
        if url is not None:
            yield from _errors_of_url(name, protocol, url, private_hosts)
    for name in ("username", "password", "folder"):
        yield from _errors_of_text(name, getattr(wish, name))


def _errors_of_url(name: str, protocol: Protocol, url: str, private_hosts: Collection[str]) -> Iterator[UserError]:
    start = protocol.value.lower()
    server = _server_of(start, url) if len(url) <= _MOST[name] else None
    if server is None:
        message = "Write {start}s://host:port, or {start}://host:port for STARTTLS, without user name and password."
        yield user_error(UserErrorCode.INVALID_INPUT, (name,), message, start=start)
    elif server.security is Security.NONE and server.host not in private_hosts:
        message = "Without encryption the password would be open to all: write {start}s://host:port."
        yield user_error(UserErrorCode.INVALID_INPUT, (name,), message, start=start)


def _server_of(start: str, url: str) -> MailServer | None:
    """The server of a URL that names one and nothing else: what is kept beside the password is kept in the open."""
    try:
        server, parts = read_server(url), urlsplit(url)
    except ValueError:
        return None
    has_more = parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment
    return None if has_more or not parts.scheme.startswith(start) or not url.isprintable() else server


def _errors_of_text(name: str, text: str) -> Iterator[UserError]:
    if not text or len(text) > _MOST[name] or not text.isprintable():
        message = "This has to be filled in, in one line of at most {most} characters."
        yield user_error(UserErrorCode.INVALID_INPUT, (name,), message, most=_MOST[name])
