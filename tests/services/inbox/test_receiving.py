"""Whatever brings a mail, its bytes are kept first, and once (ITIP.md, In, rule 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from invito.services.inbox.receiving import MOST_BYTES, Envelope, mail_digest, receive
from invito.services.inbox.values import MailOrigin
from invito.services.itip.verdicts import InboundOutcome
from invito.services.storage.mail_tables import InboxRow

if TYPE_CHECKING:
    from tests.services.conftest import Office

MAIL = b"Received: by a\r\nFrom: Per <per@kunde.example>\r\nMessage-ID: <1@kunde.example>\r\n\r\nHei\r\n"


async def kept(office: Office) -> list[Any]:
    async with office.house.database.read() as connection:
        return list(await connection.execute(select(InboxRow.raw, InboxRow.message_id, InboxRow.outcome)))


async def test_a_mail_is_kept_as_it_came_with_its_envelope(office: Office) -> None:
    await receive(office.house, MAIL, MailOrigin.LMTP, Envelope("", ("invito+x@nordlys.example",)))

    async with office.house.database.read() as connection:
        (row,) = (await connection.execute(select(*InboxRow.__table__.columns))).all()
    assert (row.raw, row.message_id, row.origin) == (MAIL, "<1@kunde.example>", MailOrigin.LMTP)
    assert (row.envelope_from, row.envelope_to) == ("", ["invito+x@nordlys.example"])
    assert row.received_at == office.clock.present
    assert office.house.inbox_poked.is_set()


async def test_a_copy_that_came_another_way_is_the_same_mail(office: Office) -> None:
    other = MAIL.replace(b"Received: by a\r\n", b"Received: by b\r\nDelivered-To: kari@nordlys.example\r\n")

    first = await receive(office.house, MAIL, MailOrigin.IMAP, Envelope())
    second = await receive(office.house, other, MailOrigin.LMTP, Envelope())

    assert first == second
    assert len(await kept(office)) == 1


async def test_a_stranger_who_takes_a_message_id_first_keeps_nothing_away(office: Office) -> None:
    forged = MAIL.replace(b"per@kunde", b"mallory@evil")

    await receive(office.house, forged, MailOrigin.IMAP, Envelope())
    await receive(office.house, MAIL, MailOrigin.IMAP, Envelope())

    assert len(await kept(office)) == 2


async def test_what_a_text_cannot_hold_keeps_no_mail_away(office: Office) -> None:
    raw = MAIL.replace(b"<1@kunde", b"<\0\xff1@kunde")

    await receive(
        office.house, raw, MailOrigin.HTTP, Envelope("a\0\udce6@kunde.example", ("b\0\udce6@nordlys.example",))
    )

    async with office.house.database.read() as connection:
        (row,) = (await connection.execute(select(*InboxRow.__table__.columns))).all()
    assert (row.raw, row.message_id) == (raw, "<\ufffd1@kunde.example>")
    assert (row.envelope_from, row.envelope_to) == ("a?@kunde.example", ["b?@nordlys.example"])


async def test_of_a_mail_that_is_too_large_the_head_is_kept(office: Office) -> None:
    await receive(office.house, MAIL + b"x" * MOST_BYTES, MailOrigin.HTTP, Envelope())

    ((raw, message_id, outcome),) = await kept(office)
    assert raw.startswith(MAIL)
    assert len(raw) == 64 * 1024
    assert (message_id, outcome) == ("<1@kunde.example>", InboundOutcome.QUARANTINED)


async def shown(office: Office) -> list[tuple[str | None, str | None]]:
    async with office.house.database.read() as connection:
        rows = await connection.execute(select(InboxRow.sender, InboxRow.subject))
        return [(row.sender, row.subject) for row in rows]


@pytest.mark.parametrize("is_whole", [True, False])
async def test_of_a_mail_that_is_too_large_it_is_shown_who_sent_it_and_about_what(
    office: Office, is_whole: bool
) -> None:
    head = b"Subject: =?utf-8?q?Bilder_fra_=C3=85s?=\r\n" + MAIL

    await receive(office.house, head + b"x" * MOST_BYTES * is_whole, MailOrigin.HTTP, Envelope(), is_whole=is_whole)

    assert await shown(office) == [("per@kunde.example", "Bilder fra Ås")]


@pytest.mark.parametrize(
    ("head", "subject"),
    [
        (b"", None),
        (b"\0" * 100_000, None),
        (b"Subject: " + b"a" * 100_000, "a" * 500),
        (b"Subject: " + b"a\r\n " * 20_000, "a " * 250),
        (b"Subject: \0\xff\xe2\x80\xaegnp.exe\r\nFrom: \0@\0\r\n\r\n", "ÿâ€®gnp.exe"),
        (
            b"Subject: =?utf-8?b?=?= =?punycode?q?a?=\r\nFrom: " + b"a@b.example," * 5_000 + b"\r\n\r\n",
            "a",
        ),
        (b"From: a@b.example\r\nFrom: c@d.example\r\nSubject:\r\n\r\n", None),
        (b"From: x\r\n" * 10_000, None),
    ],
    ids=range(8),
)
async def test_a_head_of_any_octets_is_kept_and_names_no_sender_that_it_does_not_have(
    office: Office, head: bytes, subject: str | None
) -> None:
    await receive(office.house, head, MailOrigin.HTTP, Envelope(), is_whole=False)

    assert await shown(office) == [(None, subject)]


async def test_nothing_is_shown_of_a_large_mail_in_somebodys_own_mailbox(office: Office) -> None:
    owner = (await office.participant(await office.create(), "Kari")).reference_id

    await receive(office.house, MAIL + b"x" * MOST_BYTES, MailOrigin.IMAP, Envelope(mailbox_owner=owner))

    assert await shown(office) == [(None, None)]


@pytest.mark.parametrize("raw", [b"", b"\0" * 100, b"\0" * 101, b"X: y", b"X: z"])
def test_what_has_no_body_is_a_copy_of_itself_alone(raw: bytes) -> None:
    others = {b"", b"\0" * 100, b"\0" * 101, b"X: y", b"X: z"} - {raw}

    assert mail_digest(raw) not in {mail_digest(other) for other in others}


@given(st.binary(max_size=500), st.binary(max_size=500))
def test_any_octets_have_a_digest_and_other_bodies_another(one: bytes, other: bytes) -> None:
    assert mail_digest(b"\r\n\r\n" + one) == mail_digest(b"\r\n\r\n" + one)
    assert (mail_digest(b"a: b\r\n\r\n" + one) == mail_digest(b"a: b\r\n\r\n" + other)) == (one == other)
