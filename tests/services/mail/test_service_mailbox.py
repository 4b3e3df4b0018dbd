"""What workers see of the service's mailbox, and what viewers are told of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from invito.services.mail.routes import MailRoutes
from invito.services.mail.smtp_transport import SmtpTransport
from invito.services.mail.values import MailState
from invito.services.mailboxes.problems import Fault, MailboxProblem
from invito.services.mailboxes.reachable_hosts import reaching
from invito.services.mailboxes.reading import SeenMailbox, mailbox_seen_by
from invito.services.mailboxes.servers import MailServer, Security
from invito.services.mailboxes.service_mailbox import Sight, forget_service, note_service, worst_of
from invito.services.mailboxes.values import MailboxState, Protocol
from invito.services.storage.mail_tables import ServiceMailboxRow
from tests.free_ports import free_port
from tests.services.conftest import NOON
from tests.services.mail.conftest import Post

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.mail.conftest import Sink

NO_FOLDER = MailboxProblem(Fault.FOLDER, Protocol.IMAP, "imap.example", 993, "no", "Answers")
GONE = MailboxProblem(Fault.NO_CONNECTION, Protocol.SMTP, "smtp.example", 465)


async def seen(office: Office, *, by_administrator: bool = False) -> SeenMailbox:
    mailbox = await mailbox_seen_by(office.house, office.admin if by_administrator else office.kari)
    assert mailbox is not None
    return mailbox


async def test_nobody_has_looked_before_the_first_mail(office: Office) -> None:
    assert (await seen(office)).state is MailboxState.UNCHECKED


async def test_a_mail_that_goes_out_shows_that_the_mailbox_works(office: Office, post: Post) -> None:
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    mailbox = await seen(office)
    assert (mailbox.state, mailbox.checked_at, mailbox.last_error) == (MailboxState.OK, office.clock(), None)


async def test_a_server_that_is_away_shows_to_everybody_and_its_name_to_administrators(office: Office) -> None:
    server = MailServer("127.0.0.1", free_port(), Security.NONE)
    post = Post(office, MailRoutes(SmtpTransport(server), reaching((), 5)))
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    mailbox, to_admin = await seen(office), await seen(office, by_administrator=True)
    assert mailbox.state is to_admin.state is MailboxState.UNREACHABLE
    assert mailbox.last_error == "The service's mail server cannot be used at the moment: an administrator sees why."
    assert to_admin.last_error == f"127.0.0.1 takes no connection at port {server.port}."


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_mail_that_was_taken_is_written_down_before_anything_is_said_of_the_mailbox(
    office: Office, post: Post, sink: Sink
) -> None:
    await office.create(office.ref.per, email_invitations=True)

    async with office.house.database.write() as connection:
        await connection.execute(text("LOCK TABLE service_mailbox IN ACCESS EXCLUSIVE MODE"))
        sending = asyncio.create_task(post.send_later())
        async with asyncio.timeout(30):
            while [row.state for row in await post.rows()] != [MailState.SENT]:
                pass
    await sending

    assert (await seen(office)).state is MailboxState.OK


async def test_a_refused_mail_says_nothing_of_the_mailbox(office: Office, post: Post, sink: Sink) -> None:
    sink.says("RCPT", "550 5.1.1 no such user")
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    assert (await seen(office)).state is MailboxState.UNCHECKED


async def test_what_fails_outweighs_what_works_until_it_works_again(office: Office) -> None:
    await note_service(office.house, Protocol.IMAP, NO_FOLDER)
    office.clock.go_on(seconds=5)
    await note_service(office.house, Protocol.SMTP, None)

    failing = await seen(office)
    await note_service(office.house, Protocol.IMAP, None)

    assert failing.state is MailboxState.REFUSED
    assert (await seen(office)).state is MailboxState.OK


async def test_while_nothing_changes_a_look_is_kept_once_a_minute(office: Office) -> None:
    for _ in range(3):
        await note_service(office.house, Protocol.SMTP, None)
        office.clock.go_on(seconds=29)
    kept = await seen(office)
    await note_service(office.house, Protocol.SMTP, None)

    assert kept.checked_at == NOON
    assert (await seen(office)).checked_at == NOON + timedelta(seconds=87)


async def test_a_server_that_the_settings_name_no_longer_is_forgotten(office: Office) -> None:
    await note_service(office.house, Protocol.IMAP, NO_FOLDER)
    await note_service(office.house, Protocol.SMTP, None)

    async with office.house.database.write() as connection:
        await forget_service(connection, Protocol.IMAP)

    assert (await seen(office)).state is MailboxState.OK
    async with office.house.database.read() as connection:
        assert (await connection.execute(select(ServiceMailboxRow.protocol))).scalars().all() == [Protocol.SMTP]


def test_of_two_that_fail_the_newest_is_told() -> None:
    earlier = Sight(MailboxState.REFUSED, NOON, NO_FOLDER)
    later = Sight(MailboxState.UNREACHABLE, NOON + timedelta(seconds=1), GONE)
    works = Sight(MailboxState.OK, NOON + timedelta(seconds=2))

    assert worst_of([earlier, works, later]) is later
    assert worst_of([works]) is works
    assert worst_of([]) is None
