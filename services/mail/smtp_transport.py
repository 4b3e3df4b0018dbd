"""Mails handed over by SMTP (RFC 5321), over connections that are used again."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from invito.plugins.mail import OutgoingMail
from invito.services.itip.lines import unbroken
from invito.services.mail.transports import DeliveryFailed, PermanentFailure, TemporaryFailure
from invito.services.mailboxes.problems import MailboxProblem
from invito.services.mailboxes.servers import MailServer, Security
from invito.services.mailboxes.smtp_sessions import failure_to_connect
from invito.services.mailboxes.values import Protocol

# Gives a connected socket that does not block.
Connect = Callable[[MailServer], Awaitable[socket.socket]]

_COMMAND_SECONDS = 60.0
# RFC 5321 §4.5.3.2.6 gives a server ten minutes to take a mail; whoever needs longer than this gets it twice.
_TAKING_SECONDS = 300.0
_IDLE_SECONDS = 20.0
_REST_SECONDS = 15.0
# Servers that know us not at all close their doors to those that come in by many at once.
_MOST_CONNECTIONS = 4
# What a server says of the session, not of the mail: log in first, encrypt first, not this user (RFC 4954 §6).
_ABOUT_THE_SESSION = frozenset({530, 534, 535, 538})
_GOES_AWAY = 421


async def connect_to(server: MailServer) -> socket.socket:
    """A connection to wherever the server's name leads.

    :raises OSError: there is none.
    """
    loop, problem = asyncio.get_running_loop(), OSError(f"{server.host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, address)
        except OSError as failure:
            connection.close()
            problem = failure
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise problem


class SmtpTransport:
    """One server. Each mail that is being handed over has a connection of its own; one that is free is used again.

    Of more mails than `most_connections` the others wait, so that a slow server never has all that go out at once.
    `command_seconds` is the patience with one answer, `taking_seconds` that with the answer to a whole mail. A server
    that cannot be reached is left alone for `rest_seconds`, so that a thousand mails do not wait for it in turn.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect = connect_to,
        tls: ssl.SSLContext | None = None,
        command_seconds: float = _COMMAND_SECONDS,
        taking_seconds: float = _TAKING_SECONDS,
        rest_seconds: float = _REST_SECONDS,
        most_connections: int = _MOST_CONNECTIONS,
    ) -> None:
        self._server = server
        self._connect = connect
        self._tls = tls
        self._command_seconds, self._taking_seconds = command_seconds, taking_seconds
        self._rest_seconds = rest_seconds
        self._connections = asyncio.Semaphore(most_connections)
        self._free: dict[SMTP, asyncio.TimerHandle] = {}
        self._resting: tuple[float, str, MailboxProblem] | None = None

    async def send(self, mail: OutgoingMail) -> str:
        """Hand the mail over; what the server said when it took it.

        :raises PermanentFailure: it will never take it (5xx).
        :raises TemporaryFailure: it does not take it now (4xx), or cannot be reached.
        """
        async with self._connections:
            session = await self._begun(mail)
            try:
                words = await self._taken(session, mail)
            except DeliveryFailed:
                await self._reset(session)
                raise
            except BaseException:
                session.close()
                raise
            self._keep(session)
            return words

    async def close(self) -> None:
        """Take leave of the server."""
        for session, timer in list(self._free.items()):
            timer.cancel()
            del self._free[session]
            with suppress(SMTPException, OSError):
                await session.quit(timeout=self._command_seconds)
            session.close()

    async def _begun(self, mail: OutgoingMail) -> SMTP:
        """A session in which the server took the sender."""
        while self._free:
            session, timer = self._free.popitem()
            timer.cancel()
            try:
                await self._mail(session, mail)
            except (SMTPServerDisconnected, TemporaryFailure):
                session.close()  # it went away meanwhile, or does now: that says nothing of the mail
            except DeliveryFailed:
                await self._reset(session)
                raise
            except BaseException:
                session.close()
                raise
            else:
                return session
        session = await self._opened()
        try:
            await self._mail(session, mail)
        except SMTPServerDisconnected as lost:
            session.close()
            raise TemporaryFailure(self._said(lost)) from lost
        except BaseException:
            session.close()
            raise
        return session

    async def _mail(self, session: SMTP, mail: OutgoingMail) -> None:
        options = [f"SIZE={len(mail.raw)}"] if session.supports_extension("size") else []
        if not (mail.mail_from + mail.rcpt_to).isascii():
            if not session.supports_extension("smtputf8"):
                raise PermanentFailure(f"{self._server.host} takes no addresses beyond ASCII (SMTPUTF8)")
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            await session.mail(mail.mail_from, options=options, encoding="utf-8")
        except SMTPServerDisconnected:
            raise
        except SMTPException as refused:
            raise self._failure(refused) from refused

    async def _taken(self, session: SMTP, mail: OutgoingMail) -> str:
        try:
            await session.rcpt(mail.rcpt_to, encoding="utf-8")
        except SMTPException as refused:
            raise self._failure(refused) from refused
        try:
            response = await session.data(mail.raw, timeout=self._taking_seconds)
        except SMTPResponseException as refused:
            raise self._failure(refused) from refused
        except SMTPException as lost:
            # Once it has all of a mail, a server may have taken it though nobody heard it say so (RFC 1047).
            raise TemporaryFailure(self._said(lost), may_be_out=True) from lost
        return f"{response.code} {response.message}"

    async def _opened(self) -> SMTP:
        present = asyncio.get_running_loop().time()
        if self._resting is not None and present < self._resting[0]:
            raise TemporaryFailure(self._resting[1], problem=self._resting[2])
        try:
            session = await self._connected()
        except (SMTPException, OSError, EOFError) as problem:
            what = MailboxProblem.at(self._server, Protocol.SMTP, failure_to_connect(problem, self._server))
            words = self._said(problem)
            self._resting = (asyncio.get_running_loop().time() + self._rest_seconds, words, what)
            raise TemporaryFailure(words, problem=what) from problem
        self._resting = None
        return session

    async def _connected(self) -> SMTP:
        server = self._server
        if server.username is not None and server.password is None:
            raise SMTPException("the password cannot be read with the keys that there are: set it again")
        if self._tls is None and server.security is not Security.NONE:
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        async with asyncio.timeout(self._command_seconds):
            connection = await self._connect(server)
        session = SMTP(
            hostname=server.host,
            sock=connection,
            username=server.username,
            password=server.password,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=self._tls,
            timeout=self._command_seconds,
        )
        try:
            await session.connect()
            if session.is_ehlo_or_helo_needed:
                await session.ehlo()
        except BaseException:
            session.close()
            connection.close()
            raise
        return session

    async def _reset(self, session: SMTP) -> None:
        """Have the session ready for the next mail after one that was refused."""
        try:
            await session.rset()
        except (SMTPException, OSError):
            session.close()
        else:
            self._keep(session)

    def _keep(self, session: SMTP) -> None:
        if session.is_connected:
            self._free[session] = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._let_go, session)

    def _let_go(self, session: SMTP) -> None:
        if self._free.pop(session, None) is not None:
            session.close()

    def _failure(self, problem: SMTPException) -> DeliveryFailed:
        if isinstance(problem, SMTPNotSupported):
            return PermanentFailure(self._said(problem))
        code = problem.code if isinstance(problem, SMTPResponseException) else _GOES_AWAY
        is_permanent = 500 <= code < 600 and code not in _ABOUT_THE_SESSION
        return (PermanentFailure if is_permanent else TemporaryFailure)(self._said(problem))

    def _said(self, problem: Exception) -> str:
        """The server's words, or what went wrong; never with the password, which some servers repeat."""
        if isinstance(problem, SMTPResponseException):
            words = f"{problem.code} {problem.message}"
        else:
            words = f"{self._server.host}: {str(problem) or 'no answer in time'}"
        secret = self._server.password
        return unbroken(words) if not secret or secret not in words else f"{self._server.host} refuses it"
