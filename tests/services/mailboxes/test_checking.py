"""A mailbox is really asked, and what fails is said precisely, at the field that is to be mended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from invito.services.errors import Refusal, UserErrorCode
from invito.services.mailboxes.checking import check_mailbox
from invito.services.mailboxes.wishes import MailboxWish, read_wish
from tests.free_ports import free_port
from tests.mail_servers import PASSWORD, Dovecot, mail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.certificates import Certificates
    from tests.services.mailboxes.conftest import Submission

LOCAL = frozenset({"localhost", "127.0.0.1"})
FAILED = UserErrorCode.MAILBOX_FAILED


async def check(wish: MailboxWish, private_hosts: frozenset[str] = LOCAL) -> None:
    await check_mailbox(read_wish(wish, private_hosts), private_hosts)


async def refused(wish: MailboxWish, private_hosts: frozenset[str] = LOCAL) -> list[tuple[str, str]]:
    """The fields that are to be mended, and what is said of each."""
    with pytest.raises(Refusal) as refusal:
        await check(wish, private_hosts)
    assert all(PASSWORD not in error.message for error in refusal.value.errors)
    return [(error.path[0], error.message) for error in refusal.value.errors]


async def test_a_mailbox_that_works_is_found_to_work(wish: MailboxWish, submission: Submission) -> None:
    await check(wish)

    assert submission.senders == ["kari@office.example"]
    assert submission.mails == 0


async def test_looking_leaves_no_trace_in_the_folder(wish: MailboxWish, dovecot: Dovecot) -> None:
    dovecot.deliver("kari", mail("Unseen"))

    await check(wish)

    with dovecot.box("kari") as box:
        # \Recent goes to the first who selects the folder to change it.
        assert [message.flags for message in box.fetch(mark_seen=False)] == [("\\Recent",)]


async def test_a_mailbox_may_be_for_sending_alone(wish: MailboxWish) -> None:
    await check(replace(wish, imap_url=None))


async def test_a_name_that_nobody_has(wish: MailboxWish) -> None:
    (error,) = await refused(replace(wish, imap_url="imaps://no.such.host.invalid"))

    assert error == ("imap_url", "There is no server named no.such.host.invalid: is it spelt right?")


async def test_a_host_inside(wish: MailboxWish) -> None:
    errors = await refused(
        replace(wish, smtp_url="smtps://127.0.0.1:465", imap_url="imaps://[::ffff:127.0.0.1]:993"), frozenset()
    )

    assert [field for field, _ in errors] == ["smtp_url", "imap_url"]
    assert all("is no public server" in message for _, message in errors)


async def test_a_port_where_nobody_listens(wish: MailboxWish) -> None:
    port = free_port()

    (error,) = await refused(replace(wish, smtp_url=f"smtps://127.0.0.1:{port}"))

    assert error == ("smtp_url", f"127.0.0.1 takes no connection at port {port}.")


async def test_a_server_that_speaks_something_else(wish: MailboxWish, dovecot: Dovecot, smtp_port: int) -> None:
    swapped = replace(
        wish, smtp_url=f"smtp+plain://127.0.0.1:{dovecot.imap}", imap_url=f"imap+plain://127.0.0.1:{smtp_port}"
    )

    errors = await refused(swapped)

    assert [(field, "does not speak" in message) for field, message in errors] == [
        ("smtp_url", True),
        ("imap_url", True),
    ]


async def test_a_server_that_says_nothing(wish: MailboxWish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invito.services.mailboxes.checking._STEP_SECONDS", 0.2)
    silent = await asyncio.start_server(_never_answers, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]

    errors = await refused(
        replace(wish, smtp_url=f"smtp+plain://127.0.0.1:{port}", imap_url=f"imaps://127.0.0.1:{port}")
    )

    assert [field for field, _ in errors] == ["smtp_url", "imap_url"]
    assert all("did not answer in time" in message for _, message in errors)
    silent.close()


async def test_a_server_that_never_ends_its_answer_is_given_up(
    wish: MailboxWish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invito.services.mailboxes.checking._ALL_SECONDS", 0.3)
    drip = await asyncio.start_server(_drips, "127.0.0.1", 0)
    port = drip.sockets[0].getsockname()[1]

    (error,) = await refused(replace(wish, imap_url=f"imap+plain://127.0.0.1:{port}"))

    assert error == ("imap_url", f"127.0.0.1 did not answer in time at port {port}.")
    drip.close()


@pytest.mark.usefixtures("trusted")
async def test_servers_that_encrypt_and_are_trusted(
    wish: MailboxWish, submission: Submission, dovecot: Dovecot, certificates: Certificates, tmp_path: Path
) -> None:
    context = certificates.server_context(tmp_path)
    async with (
        submission.listening(tls=context, starts=None) as smtps,
        submission.listening(tls=None, starts=context) as smtp,
    ):
        await check(replace(wish, smtp_url=f"smtps://localhost:{smtps}", imap_url=f"imaps://localhost:{dovecot.imaps}"))
        await check(replace(wish, smtp_url=f"smtp://localhost:{smtp}", imap_url=f"imap://localhost:{dovecot.imap}"))


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_for_another_name(
    wish: MailboxWish, submission: Submission, dovecot: Dovecot, certificates: Certificates, tmp_path: Path
) -> None:
    context = certificates.server_context(tmp_path)
    async with (
        submission.listening(tls=context, starts=None) as smtps,
        submission.listening(tls=None, starts=context) as smtp,
    ):
        from_the_start = await refused(
            replace(wish, smtp_url=f"smtps://127.0.0.1:{smtps}", imap_url=f"imaps://127.0.0.1:{dovecot.imaps}")
        )
        after_starttls = await refused(
            replace(wish, smtp_url=f"smtp://127.0.0.1:{smtp}", imap_url=f"imap://127.0.0.1:{dovecot.imap}")
        )

    told = (
        "The certificate of 127.0.0.1 cannot be trusted: IP address mismatch, certificate is not valid for '127.0.0.1'."
    )
    assert from_the_start == after_starttls == [("smtp_url", told), ("imap_url", told)]


async def test_a_certificate_of_an_authority_that_nobody_knows(wish: MailboxWish, dovecot: Dovecot) -> None:
    (error,) = await refused(replace(wish, imap_url=f"imaps://localhost:{dovecot.imaps}"))

    assert error[0] == "imap_url"
    assert error[1].startswith("The certificate of localhost cannot be trusted: unable to get local issuer certificate")


async def test_a_server_without_starttls(wish: MailboxWish, smtp_port: int) -> None:
    (error,) = await refused(replace(wish, smtp_url=f"smtp://127.0.0.1:{smtp_port}"))

    assert error == (
        "smtp_url",
        f"127.0.0.1 offers no encryption (STARTTLS) at port {smtp_port}: is another port meant?",
    )


async def test_a_server_that_does_not_encrypt_from_the_start(
    wish: MailboxWish, smtp_port: int, dovecot: Dovecot
) -> None:
    errors = await refused(
        replace(wish, smtp_url=f"smtps://127.0.0.1:{smtp_port}", imap_url=f"imaps://127.0.0.1:{dovecot.imap}")
    )

    assert [field for field, _ in errors] == ["smtp_url", "imap_url"]
    assert all("does not encrypt from the start" in message for _, message in errors)


async def test_a_wrong_password_is_one_thing_to_mend_though_both_servers_refuse_it(wish: MailboxWish) -> None:
    ((field, message),) = await refused(replace(wish, password="wrong"))

    assert field == "username"
    assert message == "127.0.0.1 refuses the user name or the password: 535 5.7.8 Who is that?"


async def test_a_wrong_password_at_the_receiving_server_alone(wish: MailboxWish, submission: Submission) -> None:
    submission.user = "kåre"

    (error,) = await refused(replace(wish, username="kåre", password="wrøng"))

    assert error[0] == "username"


async def test_a_server_that_repeats_the_password_is_not_quoted(wish: MailboxWish) -> None:
    (error,) = await refused(replace(wish, username="echo", password="canary-secret", imap_url=None))

    assert error == ("username", "127.0.0.1 refuses the user name or the password")


async def test_a_folder_that_is_not_there(wish: MailboxWish) -> None:
    ((field, message),) = await refused(replace(wish, folder='Møter "2027"'))

    assert field == "folder"
    assert message.startswith('127.0.0.1 has no folder Møter "2027" that can be read: ')


async def test_a_folder_with_any_name_is_found(wish: MailboxWish, dovecot: Dovecot) -> None:
    with dovecot.box("kari") as box:
        box.folder.create('Møter "2027"')

    await check(replace(wish, folder='Møter "2027"'))


async def test_an_address_that_the_server_does_not_let_the_user_send_from(wish: MailboxWish) -> None:
    (error,) = await refused(replace(wish, address="boss@office.example"))

    assert error == ("address", "127.0.0.1 lets this user send nothing from boss@office.example: 553 5.7.1 Not yours")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("smtp_url", "mail.example"), ("smtp_url", "https://mail.example"), ("smtp_url", "imaps://mail.example"),
        ("smtp_url", "smtps://kari:secret@mail.example"), ("smtp_url", "smtps://mail.example/path"),
        ("smtp_url", "smtps://mail.example:99999"), ("smtp_url", "smtps://" + "a" * 500),
        ("smtp_url", "smtps://mail\r\n.example"), ("imap_url", "smtps://mail.example"), ("imap_url", "imaps://"),
        ("imap_url", "imap+plain://mail.example"), ("smtp_url", "smtp+plain://mail.example"),
        ("username", ""), ("username", "kari\r\nA1 DELETE INBOX"), ("username", "k" * 321),
        ("password", ""), ("password", "two\nlines"), ("folder", ""), ("folder", "INBOX\r\nA1 DELETE INBOX"),
    ],
)  # fmt: skip
async def test_what_can_be_no_mailbox_is_refused_before_anybody_is_asked(
    wish: MailboxWish, submission: Submission, field: str, value: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        await check(replace(wish, **{field: value}))

    assert [(error.code, error.path) for error in refusal.value.errors] == [(UserErrorCode.INVALID_INPUT, (field,))]
    assert submission.senders == []


async def test_an_address_that_is_none(wish: MailboxWish) -> None:
    with pytest.raises(Refusal) as refusal:
        await check(replace(wish, address="kari at office"))

    assert [(error.code, error.path) for error in refusal.value.errors] == [(UserErrorCode.INVALID_EMAIL, ("address",))]


def test_a_password_shows_in_no_representation(wish: MailboxWish) -> None:
    assert PASSWORD not in repr(wish) + repr(read_wish(wish, LOCAL))


async def _never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            writer.write(b"*")
            await writer.drain()
            await asyncio.sleep(0.01)  # what it does: it is slow
    except OSError:
        writer.close()
