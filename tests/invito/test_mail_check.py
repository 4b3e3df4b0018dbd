"""`invito mail check`, run as a program: a real SMTP server, a real mailbox, a real DNS server."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller

from tests.certificates import make_certificates
from tests.dns_servers import running_nsd, txt
from tests.free_ports import free_port
from tests.invito.test_cli import invito
from tests.mail_servers import Dovecot, running_dovecot
from tests.services.deliverability.test_dkim import rsa_key

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

SIGNED = b"DKIM-Signature: v=1; a=rsa-sha256; d=office.example; s=s1; h=from; bh=x=; b=y=\r\n"
RECORDS = (
    "office IN MX 10 mx.office", "mx.office IN A 127.0.0.1", txt("office", "v=spf1 ip4:127.0.0.1 -all"),
    txt("_dmarc.office", "v=DMARC1; p=reject; rua=mailto:dmarc@office.example"),
    txt("s1._domainkey.office", f"v=DKIM1; p={rsa_key(2048)}"),
)  # fmt: skip


@dataclass
class Relay:
    """An SMTP server that brings mail to Dovecot, with `head` above it; `refused` is what it answers, if anything."""

    lmtp: int
    head: bytes = SIGNED
    refused: str | None = None
    loses: bool = False
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802  # aiosmtpd's names
        if self.refused is not None:
            return self.refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  # same
        self.recipients += envelope.rcpt_tos
        if not self.loses and envelope.rcpt_tos[0].endswith("@office.example"):
            assert isinstance(envelope.content, bytes)
            with smtplib.LMTP("127.0.0.1", self.lmtp, local_hostname="localhost") as server:
                server.sendmail(str(envelope.mail_from), envelope.rcpt_tos, self.head + envelope.content)
        return "250 taken"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot(make_certificates(), "auth_username_format = %Ln") as server:
        yield server


@dataclass
class Service:
    """A service whose mail goes by the relay and comes back to Dovecot."""

    relay: Relay
    settings: dict[str, str]


@pytest.fixture
def service(dovecot: Dovecot) -> Iterator[Service]:
    relay = Relay(dovecot.lmtp)
    port = free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Service(
            relay,
            {
                "INVITO_MAIL_FROM": "invito@office.example",
                "INVITO_SMTP_URL": f"smtp+plain://127.0.0.1:{port}",
                "INVITO_IMAP_URL": dovecot.url("invito"),
            },
        )
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def dns() -> Iterator[dict[str, str]]:
    with running_nsd("example", *RECORDS) as port:
        yield {"INVITO_DNS_SERVERS": f"127.0.0.1:{port}"}


def test_all_is_well_where_mail_goes_out_signed_and_comes_back(
    tmp_path: Path, service: Service, dns: dict[str, str]
) -> None:
    done = invito(tmp_path, "mail", "check", "--to", "kari@elsewhere.example", **service.settings, **dns)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["good", word]
        for word in ("SMTP:", "IMAP:", "Test", "Test", "Subaddressing:", "SPF:", "DMARC:", "DKIM:", "DKIM:", "MX:")
    ]
    to_kari, to_itself = service.relay.recipients
    assert to_kari == "kari@elsewhere.example"
    assert to_itself.startswith("invito+check-")


def test_a_mail_that_does_not_come_back_is_told_with_what_to_do(
    tmp_path: Path, service: Service, dns: dict[str, str]
) -> None:
    service.relay.loses = True

    done = invito(tmp_path, "mail", "check", "--wait", "0.5", "--dkim-selector", "gone", **service.settings, **dns)

    assert done.returncode == 1
    assert "was not in INBOX within" in done.stdout
    assert "recipient_delimiter = +" in done.stdout
    assert "wrong DKIM: there is no key at gone._domainkey.office.example." in done.stdout


def test_a_mail_that_a_worker_moved_meanwhile_counts_as_arrived(
    tmp_path: Path, service: Service, dovecot: Dovecot, dns: dict[str, str]
) -> None:
    moved = {"INVITO_IMAP_FOLDER": "Answers", "INVITO_IMAP_MOVE_TO": "INBOX"}
    with dovecot.box("invito") as box:
        box.folder.create("Answers")

    done = invito(tmp_path, "mail", "check", **service.settings, **dns, **moved)

    assert done.returncode == 0
    assert "arrived in INBOX." in done.stdout


def test_what_the_server_that_took_it_in_found_out_is_told(
    tmp_path: Path, service: Service, dns: dict[str, str]
) -> None:
    service.relay.head = b"Authentication-Results: mx.office.example; spf=fail; dkim=pass\r\n" + SIGNED

    unknown = invito(tmp_path, "mail", "check", **service.settings, **dns)
    trusted = {"INVITO_TRUSTED_MAIL_SERVERS": "MX.office.example"}
    known = invito(tmp_path, "mail", "check", **service.settings, **dns, **trusted)

    assert (unknown.returncode, known.returncode) == (0, 1)
    assert "Set INVITO_TRUSTED_MAIL_SERVERS=mx.office.example" in unknown.stdout
    assert "mx.office.example says spf=fail, dkim=pass of the test mail" in known.stdout


def test_a_refused_mail_is_told_in_the_servers_words(tmp_path: Path, service: Service, dns: dict[str, str]) -> None:
    service.relay.refused = "550 5.7.1 Relaying denied"

    done = invito(tmp_path, "mail", "check", **service.settings, **dns)

    assert done.returncode == 1
    assert "550 5.7.1 Relaying denied" in done.stdout


def test_servers_that_cannot_be_used_are_told_as_for_viewers_and_nothing_is_sent(
    tmp_path: Path, service: Service, dovecot: Dovecot, dns: dict[str, str]
) -> None:
    wrong = {"INVITO_IMAP_URL": f"imap+plain://invito:canary@127.0.0.1:{dovecot.imap}"}

    login = invito(tmp_path, "mail", "check", **service.settings | wrong, **dns)
    folder = invito(tmp_path, "mail", "check", **service.settings, **dns, INVITO_IMAP_FOLDER="Nowhere")

    assert "wrong IMAP: 127.0.0.1 refuses the user name or the password" in login.stdout
    assert "canary" not in login.stdout + login.stderr
    assert "Look at INVITO_IMAP_FOLDER." in folder.stdout
    assert login.returncode == folder.returncode == 1
    assert service.relay.recipients == []


def test_a_folder_stands_in_for_a_server_in_the_demo(tmp_path: Path) -> None:
    done = invito(tmp_path, "mail", "check", "--demo")

    assert done.returncode == 0
    assert "the folder var/mail stands in for a server" in done.stdout
    assert "nordlys.example is a name that DNS never has" in done.stdout
    assert len(list((tmp_path / "var" / "mail").glob("*.eml"))) == 1


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        ((), {}, "INVITO_MAIL_FROM is not set"),
        (("--to", "kari"), {"INVITO_MAIL_FROM": "invito@office.example"}, "kari is no e-mail address"),
        ((), {"INVITO_DNS_SERVERS": "ns.office.example"}, "INVITO_DNS_SERVERS"),
    ],
)
def test_what_cannot_be_checked_is_said(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], words: str
) -> None:
    done = invito(tmp_path, "mail", "check", *arguments, **settings)

    assert done.returncode == 1
    assert words in done.stderr


def test_without_a_way_out_it_says_which_setting_is_missing(tmp_path: Path, dovecot: Dovecot) -> None:
    settings = {"INVITO_MAIL_FROM": "invito@office.example", "INVITO_IMAP_URL": dovecot.url("invito")}

    done = invito(tmp_path, "mail", "check", **settings)

    assert done.returncode == 1
    assert "Set INVITO_SMTP_URL" in done.stdout


PIGEONS = """
from pathlib import Path

from invito.plugins import MailRefused, MailTransport, hookimpl


class Pigeons(MailTransport):
    def send(self, mail):
        if "refused" in mail.rcpt_to:
            raise MailRefused("no such loft")
        Path("taken").write_bytes(mail.raw)
        return "on its way"


@hookimpl
def invito_mail_transport():
    return Pigeons()
"""


def test_the_way_out_of_a_plugin_is_tried_in_place_of_a_server(tmp_path: Path) -> None:
    (tmp_path / "pigeons.py").write_text(PIGEONS)
    settings = {"INVITO_MAIL_FROM": "invito@office.example", "INVITO_PLUGINS": "pigeons.py"}

    taken = invito(tmp_path, "mail", "check", **settings)
    refused = invito(tmp_path, "mail", "check", "--to", "refused@office.example", **settings)

    assert (taken.returncode, refused.returncode) == (0, 1)
    assert "the plugin pigeons takes the mails" in taken.stdout
    assert "on its way" in taken.stdout
    assert (tmp_path / "taken").is_file()
    assert "no such loft" in refused.stdout


def test_a_plugin_that_cannot_say_how_mail_goes_ends_the_check(tmp_path: Path) -> None:
    (tmp_path / "pigeons.py").write_text(PIGEONS.replace("return Pigeons()", "raise OSError"))
    settings = {"INVITO_MAIL_FROM": "invito@office.example", "INVITO_PLUGINS": "pigeons.py"}

    done = invito(tmp_path, "mail", "check", **settings)

    assert done.returncode == 1
    assert "plugin pigeons failed (OSError)" in done.stderr
