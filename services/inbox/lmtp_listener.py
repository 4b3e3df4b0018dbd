"""Mail that is brought: a listener for a mail server in front of us, which keeps what we cannot take just now.

LMTP (RFC 2033), and SMTP (RFC 5321) for servers that have no other. 250 is only said once the mail is kept.
"""

import asyncio
import logging
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Peer

from invito.services.errors import InvitoError
from invito.services.house import House
from invito.services.inbox.receiving import Envelope, receive
from invito.services.inbox.values import MailOrigin

# Beyond the bound for a mail that is understood, so that one too large is shown and not only bounced to its sender.
_MOST_BYTES = 16 * 1024 * 1024
# Programs write longer lines than RFC 5321 allows, and servers hand them on.
_LONGEST_LINE = 1024 * 1024
_LONGEST_COMMAND = 2048
_MOST_RECIPIENTS = 100
_MOST_CONNECTIONS = 20
# Of each command; the bytes of a mail are one with DATA.
_SECONDS = 120.0
_KEEPING_SECONDS = 60.0

_KEPT = "250 2.0.0 Kept"
_TRY_AGAIN = "451 4.3.0 Cannot be kept at the moment, try again later"
_TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
_TOO_MANY_CONNECTIONS = b"421 4.3.2 Too many connections, try again later\r\n"

log = structlog.get_logger(__name__)


class CannotListen(InvitoError):
    """The words say where, and why."""


class LmtpListener:
    """Listens at an address while it is started."""

    def __init__(
        self,
        house: House,
        host: str,
        port: int,
        *,
        most_bytes: int = _MOST_BYTES,
        most_recipients: int = _MOST_RECIPIENTS,
        most_connections: int = _MOST_CONNECTIONS,
        seconds: float = _SECONDS,
    ) -> None:
        self._keeper = _Keeper(house, most_recipients)
        self._address = (host, port)
        self._most_bytes, self._most_connections, self._seconds = most_bytes, most_connections, seconds
        self._open: set[_Conversation] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """
        :raises CannotListen: the address is taken, or none of this machine's.
        """
        # It would tell of every command, with the addresses and the signed tags in them.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        host, port = self._address
        try:
            self._server = await asyncio.get_running_loop().create_server(self._conversation, host, port)
        except OSError as problem:
            raise CannotListen(f"Mail cannot be taken at {host}:{port}: {problem.strerror}.") from problem
        log.info("mail is taken at", host=self._address[0], port=self.port)

    async def stop(self) -> None:
        """Take no more, and end what is going on: what was not answered with 250 comes again."""
        if self._server is not None:
            self._server.close()
        for conversation in list(self._open):
            conversation.end()

    @property
    def port(self) -> int:
        """The port that it listens at: a free one where 0 was asked for."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def _conversation(self) -> "_Conversation":
        return _Conversation(self._keeper, self._open, self._most_connections, self._most_bytes, self._seconds)


class _Keeper:
    """What is done with the commands of a conversation; the names are aiosmtpd's."""

    def __init__(self, house: House, most_recipients: int) -> None:
        self._house = house
        self._most_recipients = most_recipients

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _: SMTP, __: Peer, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        if len(transaction.rcpt_tos) >= self._most_recipients:
            return _TOO_MANY_RECIPIENTS
        transaction.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _: SMTP, __: Peer, transaction: Transaction) -> str:  # noqa: N802  # same
        raw = transaction.content
        assert isinstance(raw, bytes)
        sender = transaction.mail_from or ""
        envelope = Envelope(_told("" if sender == "<>" else sender), tuple(map(_told, transaction.rcpt_tos)))
        try:
            async with asyncio.timeout(_KEEPING_SECONDS):
                await receive(self._house, raw, MailOrigin.LMTP, envelope)
        except Exception as problem:  # the database may be away: the server in front of us keeps the mail
            log.warning("a mail could not be kept", error=type(problem).__name__)
            return _TRY_AGAIN
        return _KEPT

    async def handle_exception(self, problem: Exception) -> str:
        log.warning("a mail could not be taken", error=type(problem).__name__)
        return _TRY_AGAIN


class _Conversation(SMTP):
    """One connection. In LMTP what is said of a mail is said for each recipient."""

    line_length_limit = _LONGEST_LINE
    command_size_limit = _LONGEST_COMMAND

    def __init__(
        self, keeper: _Keeper, others: set["_Conversation"], most: int, most_bytes: int, seconds: float
    ) -> None:
        super().__init__(
            keeper,
            data_size_limit=most_bytes,
            enable_SMTPUTF8=True,
            hostname="invito",
            ident="Invito",
            timeout=seconds,
            loop=asyncio.get_running_loop(),
        )
        self._others = others
        self._most = most
        self._is_lmtp = False
        # How many answers the mail that is being taken gets; none while a command is answered.
        self._answers = 0

    def end(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._others.add(self)
        if len(self._others) > self._most:
            assert isinstance(transport, asyncio.WriteTransport)
            transport.write(_TOO_MANY_CONNECTIONS)
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._others.discard(self)
        if self.session is not None:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self.session is not None:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self.session is not None else False

    async def smtp_LHLO(self, arg: str) -> None:  # noqa: N802  # aiosmtpd finds commands by such names
        self._is_lmtp = True
        await super().smtp_EHLO(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # same
        try:
            await super().smtp_DATA(arg)
        finally:
            self._answers = 0

    async def push(self, status: Any) -> None:
        """Say something: of a mail in LMTP once for each recipient (RFC 2033 §4.2)."""
        for _ in range(max(self._answers, 1)):
            await super().push(status)
        if self._is_lmtp and isinstance(status, str) and status.startswith("354") and self.envelope is not None:
            self._answers = len(self.envelope.rcpt_tos)


def _told(address: str) -> str:
    """An address as it can be kept: bytes that are no UTF-8 are replaced."""
    return address.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")
