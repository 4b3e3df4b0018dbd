"""Mail servers that a viewer's mailbox may be at: Dovecot for what comes in, an SMTP server with logins besides."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from invito.services.mail_rules import MailRules
from invito.services.mailboxes.wishes import MailboxWish
from tests.certificates import Certificates, make_certificates
from tests.mail_servers import PASSWORD, Dovecot, running_dovecot

# What tests connect to as: the name of the certificate, and the address that it is not for.
LOCAL = frozenset({"localhost", "127.0.0.1"})


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    return make_certificates()


@pytest.fixture
def trusted(certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts the authority that signed the servers' certificates."""
    certificates.write(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture(scope="module")
def dovecot(certificates: Certificates) -> Iterator[Dovecot]:
    with running_dovecot(certificates) as server:
        yield server


@dataclass
class Submission:
    """SMTP servers that one user may send by from one address; `senders` are those that were tried."""

    user: str = "kari"
    address: str = "kari@office.example"
    senders: list[str] = field(default_factory=list)
    mails: int = 0

    def authenticate(self, _: SMTP, __: Session, ___: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        is_right = data.login == self.user.encode() and data.password == PASSWORD.encode()
        # What it says is echoed, as the worst of servers may.
        message = f"535 5.7.8 No {data.password.decode()} here" if data.login == b"echo" else "535 5.7.8 Who is that?"
        return AuthResult(success=is_right, handled=is_right, message=None if is_right else message)

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802  # aiosmtpd's names
        self.senders.append(address)
        if address != self.address:
            return "553 5.7.1 Not yours"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, ___: Envelope) -> str:  # noqa: N802  # same
        self.mails += 1
        return "250 OK"

    @asynccontextmanager
    async def listening(self, *, tls: ssl.SSLContext | None, starts: ssl.SSLContext | None) -> AsyncIterator[int]:
        """The port at which it listens, encrypted from the start, after STARTTLS, or not at all."""

        def protocol() -> SMTP:
            return SMTP(
                self, hostname="mx.test", authenticator=self.authenticate, tls_context=starts,
                require_starttls=starts is not None, auth_require_tls=False, loop=asyncio.get_running_loop(),
            )  # fmt: skip

        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


@pytest.fixture
def submission() -> Submission:
    return Submission()


@pytest.fixture
async def smtp_port(submission: Submission) -> AsyncIterator[int]:
    """Of a server without encryption."""
    async with submission.listening(tls=None, starts=None) as port:
        yield port


@pytest.fixture
def wish(smtp_port: int, dovecot: Dovecot) -> MailboxWish:
    """Kari's mailbox at servers that take her in."""
    return MailboxWish(
        "kari@office.example",
        f"smtp+plain://127.0.0.1:{smtp_port}",
        f"imap+plain://127.0.0.1:{dovecot.imap}",
        "kari",
        PASSWORD,
    )


def at_home(rules: MailRules) -> MailRules:
    """The rules, with mailboxes on the loopback allowed."""
    return replace(rules, mailbox_hosts=LOCAL)
