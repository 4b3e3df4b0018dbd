"""IMAP sessions over connections that were judged (see `reachable_hosts`). They block: each has a thread of its own."""

import imaplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from imap_tools import BaseMailBox
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError, UnexpectedCommandStatusError

from invito.services.mailboxes.problems import Fault, MailServerFailure, spoken_words
from invito.services.mailboxes.servers import MailServer, Security
from invito.services.mailboxes.smtp_sessions import certificate_problem

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Of one answer: the largest mail that is fetched whole, or the numbers of a folder with a million mails.
_MOST_BYTES = 16 * 1024 * 1024
# What the libraries raise for a server that refuses, talks nonsense or goes away.
IMAP_PROBLEMS = (imaplib.IMAP4.error, UnexpectedCommandStatusError, OSError, EOFError, UnicodeError)


class ImapSession:
    """A session that is logged in."""

    def __init__(self, box: "_Box") -> None:
        self.box: Final = box

    @property
    def client(self) -> "_Client":
        return self.box.client

    def select(self, folder: str, *, is_read_only: bool) -> None:
        """Work in a folder from now on; read only, nothing of it is changed, not even what is marked as seen.

        :raises MailServerFailure: FOLDER.
        """
        try:
            self.box.folder.set(folder, readonly=is_read_only)
        except (MailboxFolderSelectError, imaplib.IMAP4.readonly) as problem:
            raise MailServerFailure(Fault.FOLDER, _words_of(problem, self.box.server)) from None

    def number(self, name: str) -> int:
        """UIDVALIDITY or UIDNEXT of the folder, as it was selected; 0 where the server told none."""
        _, values = self.client.response(name)
        return int(values[0]) if values and values[0] and values[0].isdigit() else 0

    def log_out(self) -> None:
        """Say good-bye; whatever the server makes of it, nothing more is asked."""
        with suppress(*IMAP_PROBLEMS):
            self.box.logout()

    def close(self) -> None:
        _shut(self.client)


def open_session(server: MailServer, connection: socket.socket, seconds: float) -> ImapSession:
    """A session over a connection that is there, and that it closes.

    :raises MailServerFailure: it cannot be encrypted, or does not log in; `seconds` is the patience of each answer.
    """
    connection.settimeout(seconds)
    try:
        session = ImapSession(_opened(server, connection, seconds))
    except BaseException:
        connection.close()
        raise
    try:
        with _told(Fault.NO_LOGIN):
            _log_in(session.box, server)
    except BaseException:
        session.close()
        raise
    return session


def _opened(server: MailServer, connection: socket.socket, seconds: float) -> "_Box":
    context = ssl.create_default_context()
    if server.security is Security.TLS:
        with _told(Fault.NO_TLS):
            connection = context.wrap_socket(connection, server_hostname=server.host)
    with _told(Fault.OTHER_PROTOCOL):
        box = _Box(server, connection, seconds)
    if server.security is Security.STARTTLS:
        _start_tls(box, context)
    return box


def _start_tls(box: "_Box", context: ssl.SSLContext) -> None:
    try:
        if "STARTTLS" not in box.client.capabilities:
            raise MailServerFailure(Fault.NO_STARTTLS)
        with _told(Fault.NO_STARTTLS):
            box.client.starttls(context)
    except BaseException:
        _shut(box.client)
        raise


def _shut(client: "_Client") -> None:
    with suppress(*IMAP_PROBLEMS):
        client.shutdown()


def _log_in(box: "_Box", server: MailServer) -> None:
    if server.username is None:
        return
    if server.password is None:
        raise MailServerFailure(Fault.PASSWORD_LOST)
    is_plain = server.username.isascii() and server.password.isascii()
    if is_plain and "LOGINDISABLED" in box.client.capabilities:
        raise MailServerFailure(Fault.NO_LOGIN)
    try:
        log_in = box.login if is_plain else box.login_utf8
        log_in(server.username, server.password, None)
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as problem:
        raise MailServerFailure(Fault.LOGIN, _words_of(problem, server)) from None
    # What a server can do it may tell only to those whom it knows.
    _, told = box.client.capability()
    box.client.capabilities = tuple(told[-1].decode("ascii", "replace").upper().split())


@contextmanager
def _told(otherwise: Fault) -> Iterator[None]:
    """What the libraries raise, as the fault that it is; `otherwise` where nothing tells."""
    try:
        yield
    except IMAP_PROBLEMS as problem:
        certificate = certificate_problem(problem)
        if certificate is not None:
            raise MailServerFailure(Fault.CERTIFICATE, certificate) from None
        raise MailServerFailure(Fault.NO_ANSWER if isinstance(problem, TimeoutError) else otherwise) from None


def _words_of(problem: Exception, server: MailServer) -> str:
    if not isinstance(problem, UnexpectedCommandStatusError):
        return spoken_words(str(problem), server)
    said = problem.command_result[1]
    return spoken_words(b" ".join(part for part in said if isinstance(part, bytes)), server)


class _Client(imaplib.IMAP4):
    """The standard library's client over a connection that is there, reading no more than is good."""

    capabilities: tuple[str, ...]

    def __init__(self, host: str, port: int, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._allowance = _MOST_BYTES
        super().__init__(host, port, seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._connection

    def send(self, data: "ReadableBuffer") -> None:
        self._allowance = _MOST_BYTES
        super().send(data)

    def read(self, size: int) -> bytes:
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self._allowance -= size
        if self._allowance < 0:
            raise self.abort(f"an answer of more than {_MOST_BYTES} bytes")


class _Box(BaseMailBox):
    """imap-tools over such a client."""

    client: _Client

    def __init__(self, server: MailServer, connection: socket.socket, seconds: float) -> None:
        self.server = server
        self._connection = connection
        self._seconds = seconds
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _Client(self.server.host, self.server.port, self._connection, self._seconds)


def flat(answer: Sequence[object]) -> bytes:
    """An answer's pieces, literals among them, one after the other."""
    pieces = (part for one in answer for part in (one if isinstance(one, tuple) else (one,)))
    return b" ".join(part for part in pieces if isinstance(part, bytes))
