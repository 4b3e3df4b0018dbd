"""What the tests of mail share: a real SMTP server that does what it is told, and one round of the outbox."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import insert, select, update

from invito.services.busy.references import intern
from invito.services.mail.building import prepared
from invito.services.mail.delivering import Term, deliver
from invito.services.mail.delivery_queue import claim_ready
from invito.services.mail.result_book import ResultBook
from invito.services.mail.routes import MailRoutes
from invito.services.mail.smtp_transport import SmtpTransport
from invito.services.mailboxes.reachable_hosts import reaching
from invito.services.mailboxes.servers import MailServer, Security
from invito.services.mailboxes.values import MailboxState
from invito.services.storage.mail_tables import MailboxRow, OutboxRow

if TYPE_CHECKING:
    from tests.services.conftest import Office

LEASE = timedelta(minutes=15)


@dataclass(frozen=True)
class Taken:
    """A mail that the server took, with its envelope."""

    mail_from: str
    rcpt_to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


# Called at a step with the server and the envelope; what it returns is the answer, None for the usual one.
Step = Callable[[SMTP, Envelope], Awaitable[str | None]]


@dataclass
class Sink:
    """Takes mail. `at` tells it what else to do at MAIL, RCPT and DATA."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    at: dict[str, Step] = field(default_factory=dict)
    sessions: int = 0
    arrived: asyncio.Queue[Taken] = field(default_factory=asyncio.Queue)

    async def handle_EHLO(  # noqa: N802  # as the library calls it
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.sessions += 1
        return responses

    async def handle_MAIL(  # noqa: N802  # same
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._step("MAIL", server, envelope)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802  # same
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        answer = await self._step("RCPT", server, envelope)
        if answer is not None:
            envelope.rcpt_tos.remove(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # same
        answer = await self._step("DATA", server, envelope)
        return answer or self.take(envelope)

    def take(self, envelope: Envelope) -> str:
        """Have the mail in the queue, whatever becomes of the answer."""
        assert isinstance(envelope.content, bytes)
        taken = Taken(envelope.mail_from or "", envelope.rcpt_tos[0], envelope.content)
        self.taken.append(taken)
        self.arrived.put_nowait(taken)
        return "250 taken"

    async def _step(self, step: str, server: SMTP, envelope: Envelope) -> str | None:
        return await self.at[step](server, envelope) if step in self.at else None

    def says(self, step: str, answer: str) -> None:
        """The same answer each time."""

        async def answering(server: SMTP, envelope: Envelope) -> str | None:
            return answer

        self.at[step] = answering

    @property
    def server(self) -> MailServer:
        return MailServer("127.0.0.1", self.port, Security.NONE)


@asynccontextmanager
async def listening(
    sink: Sink, *, tls: ssl.SSLContext | None = None, without_utf8: bool = False, **options: Any
) -> AsyncIterator[Sink]:
    """The sink at a free port of the loopback."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, loop=loop, hostname="sink.example", enable_SMTPUTF8=not without_utf8, **options),
        "127.0.0.1",
        0,
        ssl=tls,
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


def lets_in(server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword) -> AuthResult:
    return AuthResult(success=login.password == b"secret", handled=False)


async def with_own_mailbox(office: Office, sink: Sink) -> None:
    """Kari's own mailbox, whose answers are read here."""
    async with office.house.database.write() as connection:
        employee = (await intern(connection, [office.ref.kari]))[office.ref.kari]
        await connection.execute(
            insert(MailboxRow).values(
                employee_id=employee, address="kari@egen.example", smtp_url=f"smtp+plain://127.0.0.1:{sink.port}",
                imap_url="imap+plain://127.0.0.1:143", username="kari", password=office.house.keys.seal("secret"),
                folder="INBOX", state=MailboxState.OK,
            )
        )  # fmt: skip


Listening = Callable[..., Any]


@pytest.fixture(name="listening")
def listening_fixture() -> Listening:
    return listening


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with listening(Sink()) as there:
        yield there


@dataclass
class Post:
    """The outbox of the office, sent by a test that decides when."""

    office: Office
    routes: MailRoutes
    most_claimed: int = 20

    async def send(self) -> int:
        """Send what is ready now, one after the other; how many were tried."""
        house, tried, term = self.office.house, 0, Term.beginning(LEASE)
        while mails := await claim_ready(house, LEASE, self.most_claimed):
            for delivery in await prepared(house, mails):
                await deliver(house, self.routes, ResultBook(house), delivery, term)
                tried += 1
        return tried

    async def send_later(self) -> int:
        """The same when changes in quick succession are over, and any put off are due again."""
        self.office.clock.go_on(hours=2)
        return await self.send()

    async def end_leases(self) -> None:
        """Have all claims run out, as if their workers had ended long ago."""
        async with self.office.house.database.write() as connection:
            await connection.execute(
                update(OutboxRow)
                .where(OutboxRow.claimed_by.is_not(None))
                .values(claimed_until=self.office.clock() - timedelta(days=3_650))
            )

    async def rows(self) -> list[Any]:
        async with self.office.house.database.read() as connection:
            return list(await connection.execute(select(*OutboxRow.__table__.columns).order_by(OutboxRow.id)))


def routes_to(sink: Sink, taking_seconds: float = 20) -> MailRoutes:
    """The way to the sink, with so much patience until it has taken a mail."""
    transport = SmtpTransport(sink.server, command_seconds=20, taking_seconds=taking_seconds, rest_seconds=0)
    return MailRoutes(transport, reaching({"127.0.0.1"}, 5))


@pytest.fixture
async def post(office: Office, sink: Sink) -> AsyncIterator[Post]:
    """The office's outbox, handed over to the sink."""
    routes = routes_to(sink)
    yield Post(office, routes)
    await routes.close()
