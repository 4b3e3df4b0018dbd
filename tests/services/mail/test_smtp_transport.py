"""SMTP as servers are set up: encrypted or not, with logins, closing idle connections; and names they cannot take."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from invito.plugins.mail import OutgoingMail
from invito.services.mail.smtp_transport import SmtpTransport
from invito.services.mail.transports import PermanentFailure, TemporaryFailure
from invito.services.mailboxes.servers import MailServer, Security

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope

    from tests.services.mail.conftest import Listening, Sink

MAIL = OutgoingMail("<1@nordlys.example>", "invito@nordlys.example", "per@kunde.example", b"Subject: x\r\n\r\n.x\r\n")


def transport(server: MailServer, **options: Any) -> SmtpTransport:
    return SmtpTransport(server, **({"command_seconds": 5, "taking_seconds": 5, "rest_seconds": 0} | options))


class Certified:
    """A certificate for 127.0.0.1 with the contexts of both sides."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "both.pem").write_bytes(private + pem)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(folder / "both.pem")
        self.client = ssl.create_default_context(cadata=pem.decode())


@pytest.fixture
def certified(tmp_path: Path) -> Certified:
    return Certified(tmp_path)


async def test_one_connection_takes_one_mail_after_another(sink: Sink) -> None:
    there = transport(sink.server)

    words = [await there.send(MAIL) for _ in range(3)]
    await there.close()

    assert words == ["250 taken"] * 3
    assert (len(sink.taken), sink.sessions) == (3, 1)
    assert sink.taken[0].raw == MAIL.raw


async def test_mails_side_by_side_have_connections_of_their_own(sink: Sink) -> None:
    there = transport(sink.server)
    both = asyncio.Barrier(2)

    async def meet(server: SMTP, envelope: Envelope) -> str | None:
        await both.wait()
        return None

    sink.at["DATA"] = meet
    await asyncio.gather(there.send(MAIL), there.send(MAIL))
    await there.close()

    assert (len(sink.taken), sink.sessions) == (2, 2)


async def test_a_connection_that_went_away_meanwhile_says_nothing_of_the_next_mail(sink: Sink) -> None:
    there = transport(sink.server)
    await there.send(MAIL)

    async def go_away(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["MAIL"]
        return "421 idle for too long"

    sink.at["MAIL"] = go_away
    await there.send(MAIL)
    await there.close()

    assert (len(sink.taken), sink.sessions) == (2, 2)


async def test_a_refused_mail_leaves_the_connection_to_the_next(sink: Sink) -> None:
    there = transport(sink.server)

    async def refuse_once(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["RCPT"]
        return "550 no such user"

    sink.at["RCPT"] = refuse_once
    with pytest.raises(PermanentFailure, match="550 no such user"):
        await there.send(MAIL)
    await there.send(MAIL)
    await there.close()

    assert (len(sink.taken), sink.sessions) == (1, 1)


async def test_what_was_never_in_the_servers_hands_is_not_out(sink: Sink) -> None:
    there = transport(sink.server)
    sink.says("RCPT", "451 later")

    with pytest.raises(TemporaryFailure) as failure:
        await there.send(MAIL)
    await there.close()

    assert not failure.value.may_be_out


async def test_what_is_said_of_the_session_refuses_no_mail_for_good(sink: Sink) -> None:
    there = transport(sink.server)
    sink.says("MAIL", "530 log in first")

    with pytest.raises(TemporaryFailure, match="530"):
        await there.send(MAIL)


async def test_an_unreachable_server_is_left_alone_for_a_while(sink: Sink, listening: Listening) -> None:
    async with listening(type(sink)()) as gone:
        there = transport(gone.server, rest_seconds=3_600)
    with pytest.raises(TemporaryFailure):
        await there.send(MAIL)

    tries = []

    async def count(server: MailServer) -> Any:
        tries.append(server)
        raise OSError

    there._connect = count
    with pytest.raises(TemporaryFailure, match=r"127\.0\.0\.1"):
        await there.send(MAIL)

    assert tries == []


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_mail_is_encrypted_as_the_server_wants_it(
    sink: Sink, listening: Listening, certified: Certified, security: Security
) -> None:
    tls = certified.server
    options = {"tls": tls} if security is Security.TLS else {"tls_context": tls, "require_starttls": True}
    async with listening(sink, **options):
        there = transport(MailServer("127.0.0.1", sink.port, security), tls=certified.client)

        await there.send(MAIL)
        await there.close()

    assert len(sink.taken) == 1


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    sink: Sink, listening: Listening, certified: Certified, security: Security
) -> None:
    options = {"tls": certified.server} if security is Security.TLS else {"tls_context": certified.server}
    async with listening(sink, **options):
        there = transport(MailServer("127.0.0.1", sink.port, security))

        with pytest.raises(TemporaryFailure, match="certificate"):
            await there.send(MAIL)

    assert sink.taken == []


async def test_nothing_is_said_in_the_clear_where_starttls_is_asked_for(sink: Sink) -> None:
    there = transport(MailServer("127.0.0.1", sink.port, Security.STARTTLS))

    with pytest.raises(TemporaryFailure, match="STARTTLS"):
        await there.send(MAIL)

    assert sink.taken == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize(("password", "is_taken"), [("secret", True), ("wrong", False)])
async def test_a_server_that_wants_a_login_gets_it(
    sink: Sink, listening: Listening, password: str, *, is_taken: bool
) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"kari", b"secret"), handled=False)

    async with listening(sink, authenticator=check, auth_require_tls=False, auth_required=True):
        there = transport(MailServer("127.0.0.1", sink.port, Security.NONE, "kari", password))
        if is_taken:
            await there.send(MAIL)
            await there.close()
        else:
            # A password that is wrong today says nothing of the mail: somebody will set it right.
            with pytest.raises(TemporaryFailure, match="535"):
                await there.send(MAIL)

    assert bool(sink.taken) is is_taken


async def test_no_password_is_repeated_in_what_is_told(sink: Sink) -> None:
    there = transport(MailServer("127.0.0.1", sink.port, Security.NONE, password="hemmelig"))
    sink.says("MAIL", "451 your hemmelig is odd")

    with pytest.raises(TemporaryFailure) as failure:
        await there.send(MAIL)
    await there.close()

    assert "hemmelig" not in failure.value.words


async def test_addresses_beyond_ascii_go_where_they_are_understood(sink: Sink, listening: Listening) -> None:
    mail = OutgoingMail("<2@x.example>", "invito@nordlys.example", "ødegård@kunde.example", MAIL.raw)
    there = transport(sink.server)

    await there.send(mail)
    await there.close()
    async with listening(type(sink)(), without_utf8=True) as plain:
        there = transport(plain.server)
        with pytest.raises(PermanentFailure, match="SMTPUTF8"):
            await there.send(mail)
        await there.close()

    assert sink.taken[0].rcpt_to == "ødegård@kunde.example"


async def test_of_many_mails_at_once_a_server_has_no_more_connections_than_it_may(sink: Sink) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(server: SMTP, envelope: Envelope) -> str | None:
        begun.set()
        await go_on.wait()
        return None

    sink.at["DATA"] = wait
    there = transport(sink.server, most_connections=2)
    sending = [asyncio.create_task(there.send(MAIL)) for _ in range(6)]
    await begun.wait()
    go_on.set()
    await asyncio.gather(*sending)
    await there.close()

    assert (len(sink.taken), sink.sessions) == (6, 2)
