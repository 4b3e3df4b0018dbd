"""SMTP connections to the servers that viewers name, as whoever has the mailbox."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPTimeoutError,
)

from invito.services.mailboxes.problems import Fault, MailServerFailure, spoken_words
from invito.services.mailboxes.reachable_hosts import connect
from invito.services.mailboxes.servers import MailServer, Security


@asynccontextmanager
async def smtp_session(server: MailServer, *, may_be_private: bool, seconds: float) -> AsyncIterator[SMTP]:
    """A session that is encrypted as the server's URL says, and logged in where there is a user name.

    :raises MailServerFailure: it cannot be had; `seconds` is the patience of each step.
    """
    if server.username is not None and server.password is None:
        raise MailServerFailure(Fault.PASSWORD_LOST)
    connection = await connect(server.host, server.port, may_be_private=may_be_private, seconds=seconds)
    try:
        session = SMTP(
            hostname=server.host,
            sock=connection,
            use_tls=server.security is Security.TLS,
            start_tls=False,
            tls_context=await asyncio.to_thread(ssl.create_default_context),
            timeout=seconds,
        )
        try:
            await _open(session, server)
            yield session
            await _leave(session)
        finally:
            session.close()
    finally:
        connection.close()


async def check_sender(session: SMTP, server: MailServer, address: str) -> None:
    """Whether the user may send from an address; nothing is sent.

    :raises MailServerFailure: SENDER.
    """
    with _told(server, Fault.OTHER_PROTOCOL):
        try:
            await session.mail(address)
            await session.rset()
        except SMTPSenderRefused as refused:
            raise MailServerFailure(Fault.SENDER, _words(refused, server)) from None


async def _open(session: SMTP, server: MailServer) -> None:
    with _told(server, Fault.NO_TLS if server.security is Security.TLS else Fault.OTHER_PROTOCOL):
        await session.connect()
    with _told(server, Fault.OTHER_PROTOCOL):
        await session.ehlo()
    if server.security is Security.STARTTLS:
        if not session.supports_extension("starttls"):
            raise MailServerFailure(Fault.NO_STARTTLS)
        with _told(server, Fault.NO_STARTTLS):
            await session.starttls()
            await session.ehlo()
    if server.username is not None:
        if not session.supports_extension("auth"):
            raise MailServerFailure(Fault.NO_LOGIN)
        with _told(server, Fault.NO_LOGIN):
            await session.login(server.username, server.password or "")


async def _leave(session: SMTP) -> None:
    try:
        await session.quit()
    except (SMTPException, OSError):
        return  # nothing was left to say


@contextmanager
def _told(server: MailServer, otherwise: Fault) -> Iterator[None]:
    """What the library raises, as the fault that it is; `otherwise` where nothing tells."""
    try:
        yield
    except SMTPAuthenticationError as refused:
        raise MailServerFailure(Fault.LOGIN, _words(refused, server)) from None
    except (SMTPException, OSError, EOFError) as problem:
        certificate = certificate_problem(problem)
        if certificate is not None:
            raise MailServerFailure(Fault.CERTIFICATE, certificate) from None
        is_late = isinstance(problem, TimeoutError | SMTPTimeoutError)
        raise MailServerFailure(Fault.NO_ANSWER if is_late else otherwise) from None


def failure_to_connect(problem: Exception, server: MailServer) -> MailServerFailure:
    """Why a session could not be had that connects, encrypts and logs in by itself."""
    certificate = certificate_problem(problem)
    if certificate is not None:
        return MailServerFailure(Fault.CERTIFICATE, certificate)
    if isinstance(problem, SMTPAuthenticationError):
        return MailServerFailure(Fault.LOGIN, _words(problem, server))
    if isinstance(problem, TimeoutError | SMTPTimeoutError):
        return MailServerFailure(Fault.NO_ANSWER)
    if isinstance(problem, socket.gaierror):
        return MailServerFailure(Fault.UNKNOWN_HOST)
    if isinstance(problem, SMTPNotSupported):
        return MailServerFailure(Fault.NO_STARTTLS if "STARTTLS" in str(problem).upper() else Fault.NO_LOGIN)
    if any(isinstance(one, ssl.SSLError) for one in _causes(problem)):
        return MailServerFailure(Fault.NO_TLS if server.security is Security.TLS else Fault.NO_STARTTLS)
    return MailServerFailure(Fault.NO_CONNECTION)


def certificate_problem(problem: BaseException) -> str | None:
    """What the system says against a certificate, None where that is not the problem."""
    for found in _causes(problem):
        if isinstance(found, ssl.SSLCertVerificationError):
            return str(found.verify_message)
    return None


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """An exception, and what led to it."""
    found: BaseException | None = problem
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _words(refused: SMTPResponseException, server: MailServer) -> str:
    return spoken_words(f"{refused.code} {refused.message}", server)
