"""Mail that is brought: a listener for a mail server in front of us, which keeps what we cannot take just now.

LMTP (RFC 2033), and SMTP (RFC 5321) for servers that have no other. 250 is only said once the mail is kept.
"""

import asyncio
import logging

import structlog
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Peer

from invito.services.errors import InvitoError
from invito.services.house import House
from invito.services.inbox.mail_data import MailData
from invito.services.inbox.receiving import Envelope, receive
from invito.services.inbox.values import MailOrigin

# Beyond the bound for a mail that is understood, so that one too large is shown and not only bounced to its sender.
_MOST_BYTES = 16 * 1024 * 1024
_LONGEST_COMMAND = 2048
# What is read at once, and how much lies ready to be read.
_PIECE = 64 * 1024
_MOST_RECIPIENTS = 100
_MOST_CONNECTIONS = 20
# Of each command; the bytes of a mail are one with DATA.
_SECONDS = 120.0
_KEEPING_SECONDS = 60.0

_KEPT = "250 2.0.0 Kept"
_TRY_AGAIN = "451 4.3.0 Cannot be kept at the moment, try again later"
_GO_ON = "354 End with a dot in a line of its own"
_NO_RECIPIENTS = "503 5.5.1 Say RCPT before DATA"
_NO_ARGUMENT = "501 5.5.4 DATA is said alone"
_TOO_LARGE = "552 5.3.4 Too large"
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

    async def keep(self, transaction: Transaction, data: MailData) -> str:
        """What is answered to a mail, once it is kept."""
        sender = transaction.mail_from or ""
        envelope = Envelope(_told("" if sender == "<>" else sender), tuple(map(_told, transaction.rcpt_tos)))
        try:
            async with asyncio.timeout(_KEEPING_SECONDS):
                await receive(self._house, bytes(data.mail), MailOrigin.LMTP, envelope, is_whole=data.is_whole)
        except Exception as problem:  # the database may be away: the server in front of us keeps the mail
            log.warning("a mail could not be kept", error=type(problem).__name__)
            return _TRY_AGAIN
        return _KEPT

    async def handle_exception(self, problem: Exception) -> str:
        log.warning("a mail could not be taken", error=type(problem).__name__)
        return _TRY_AGAIN


class _Conversation(SMTP):
    """One connection. A mail is read in pieces and not, as aiosmtpd would, line by line: see `MailData`."""

    line_length_limit = _PIECE
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
        self._keeper = keeper
        self._most_bytes = most_bytes
        self._is_lmtp = False

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
        if await self.check_helo_needed():
            return
        transaction = self.envelope
        if transaction is None or not transaction.rcpt_tos:
            await self.push(_NO_RECIPIENTS)
            return
        if arg:
            await self.push(_NO_ARGUMENT)
            return
        await self.push(_GO_ON)
        data = await self._data()
        is_too_large = data.length > self._most_bytes
        answer = _TOO_LARGE if is_too_large else await self._keeper.keep(transaction, data)
        self.envelope = Transaction()
        # Of a mail in LMTP it is said once for each recipient (RFC 2033 §4.2).
        for _ in transaction.rcpt_tos if self._is_lmtp else (None,):
            await self.push(answer)

    async def _data(self) -> MailData:
        """
        :raises ConnectionResetError: it ended before the mail did.
        """
        data = MailData()
        while piece := await self._reader.read(_PIECE):
            rest = data.add(piece)
            if rest is not None:
                # A reader gives no way to look ahead. Commands may come along with the mail before them (RFC 2920).
                self._reader._buffer[:0] = rest  # type: ignore[attr-defined]  # asyncio's own, and older than its types
                return data
        raise ConnectionResetError


def _told(address: str) -> str:
    """An address as it can be kept: bytes that are no UTF-8 are replaced."""
    return address.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")
