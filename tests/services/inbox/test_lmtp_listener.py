"""A mail server hands mail over: 250 is only said once it is kept, and what cannot be kept now comes again."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import tracemalloc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from invito.services.inbox.lmtp_listener import LmtpListener
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES
from invito.services.inbox.values import MailOrigin
from invito.services.itip.verdicts import InboundOutcome
from invito.services.storage.mail_tables import InboxRow
from tests.mail_servers import mail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from invito.services.house import House

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SENDER = "per@customer.example"
TAGGED = "invito+abc@office.example"


@asynccontextmanager
async def listening(house: House, **limits: Any) -> AsyncIterator[int]:
    listener = LmtpListener(house, "127.0.0.1", 0, **limits)
    await listener.start()
    try:
        yield listener.port
    finally:
        await listener.stop()


async def rows(house: House) -> list[Any]:
    async with house.database.read() as connection:
        return list(await connection.execute(select(*InboxRow.__table__.columns).order_by(InboxRow.id)))


class Client:
    """Speaks LMTP as a mail server does: smtplib.LMTP reads a single answer for all recipients."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._answers = self._connection.makefile("rb")
        assert self.answer() == 220
        assert self.say(b"LHLO localhost") == 250

    def say(self, command: bytes) -> int:
        """The code of the answer."""
        self._connection.sendall(command + b"\r\n")
        return self.answer()

    def answer(self) -> int:
        while (line := self._answers.readline())[3:4] == b"-":
            pass
        return int(line[:3])

    def hand_over(self, raw: bytes, *to: str, sender: str = SENDER) -> list[int]:
        """The answers for each recipient: that to RCPT where it was refused, else that to the mail."""
        doubled = raw.replace(b"\r\n.", b"\r\n..").removesuffix(b"\r\n")
        return self.hand_over_pieces([doubled, b"\r\n"], *to, sender=sender)

    def hand_over_pieces(self, pieces: list[bytes], *to: str, sender: str = SENDER) -> list[int]:
        assert self.say(f"MAIL FROM:<{sender}>".encode()) == 250
        codes = [self.say(f"RCPT TO:<{address}>".encode()) for address in to]
        assert self.say(b"DATA") == 354
        for piece in (*pieces, b".\r\n"):
            self._connection.sendall(piece)
        return [self.answer() if code == 250 else code for code in codes]

    def close(self) -> None:
        assert self.say(b"QUIT") == 221
        self._answers.close()
        self._connection.close()


def hand_over(port: int, *to: str, raw: bytes, sender: str = SENDER) -> list[int]:
    client = Client(port)
    codes = client.hand_over(raw, *to, sender=sender)
    client.close()
    return codes


async def test_a_mail_is_kept_as_it_is_with_its_envelope_before_its_server_is_told(house: House) -> None:
    raw = b"Subject: odd \xe6\r\n\r\n..dots\r\n.\xff\r\nend\r\n"

    async with listening(house) as port:
        codes = await asyncio.to_thread(hand_over, port, TAGGED, raw=raw)
        (row,) = await rows(house)

    assert codes == [250]
    assert (row.raw, row.origin, row.envelope_from, row.envelope_to) == (raw, MailOrigin.LMTP, SENDER, [TAGGED])


async def test_a_bounce_has_an_empty_sender(house: House) -> None:
    async with listening(house) as port:
        await asyncio.to_thread(hand_over, port, TAGGED, raw=mail("Returned"), sender="")

    assert [row.envelope_from for row in await rows(house)] == [""]


async def test_smtp_is_understood_at_the_same_port(house: House) -> None:
    def hand_over_by_smtp(port: int) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as server:
            return server.sendmail(SENDER, [TAGGED, "other@office.example"], mail("By SMTP"))

    async with listening(house) as port:
        refused = await asyncio.to_thread(hand_over_by_smtp, port)

    assert refused == {}
    assert [row.envelope_to for row in await rows(house)] == [[TAGGED, "other@office.example"]]


async def test_each_recipient_gets_an_answer_and_the_mail_is_kept_once(house: House) -> None:
    def hand_over_two(port: int) -> tuple[list[int], list[int]]:
        client = Client(port)
        first = client.hand_over(mail("One"), TAGGED, "second@office.example", "third@office.example")
        # Were there an answer too few or too many, this one would get those of the first mail.
        second = client.hand_over(mail("Two"), TAGGED)
        client.close()
        return first, second

    async with listening(house) as port:
        answers = await asyncio.to_thread(hand_over_two, port)

    assert answers == ([250, 250, 250], [250])
    assert [len(row.envelope_to) for row in await rows(house)] == [3, 1]


async def test_what_cannot_be_kept_now_is_asked_for_again_for_each_recipient(house: House) -> None:
    async with house.database.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO away"))

    async with listening(house) as port:
        away = await asyncio.to_thread(hand_over, port, TAGGED, "second@office.example", raw=mail("Later"))
        async with house.database.write() as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO inbox"))
        there = await asyncio.to_thread(hand_over, port, TAGGED, raw=mail("Later"))

    assert (away, there) == ([451, 451], [250])
    assert len(await rows(house)) == 1


async def test_the_same_mail_again_changes_nothing(house: House) -> None:
    async with listening(house) as port:
        for _ in range(3):
            await asyncio.to_thread(hand_over, port, TAGGED, raw=mail("Again"))

    assert len(await rows(house)) == 1


async def test_a_mail_beyond_the_bound_is_quarantined_with_its_head(house: House) -> None:
    async with listening(house) as port:
        await asyncio.to_thread(hand_over, port, TAGGED, raw=mail("Huge", ("x" * 70 + "\n") * (MOST_BYTES // 70)))

    (row,) = await rows(house)
    assert (row.outcome, len(row.raw)) == (InboundOutcome.QUARANTINED, HEAD_BYTES)


async def test_a_mail_beyond_what_is_taken_is_refused_for_each_recipient(house: House) -> None:
    def hand_over_huge(port: int) -> tuple[list[int], int]:
        client = Client(port)
        codes = client.hand_over(mail("Huge", ("x" * 70 + "\n") * 1_000), TAGGED, "second@office.example")
        after = client.say(b"NOOP")
        client.close()
        return codes, after

    async with listening(house, most_bytes=10_000) as port:
        answers = await asyncio.to_thread(hand_over_huge, port)

    assert answers == ([552, 552], 250)
    assert await rows(house) == []


async def test_more_recipients_than_there_may_be_are_put_off_and_the_others_served(house: House) -> None:
    addresses = [f"invito+{number}@office.example" for number in range(5)]

    async with listening(house, most_recipients=3) as port:
        codes = await asyncio.to_thread(hand_over, port, *addresses, raw=mail("Many"))

    assert codes == [250, 250, 250, 452, 452]
    assert [row.envelope_to for row in await rows(house)] == [addresses[:3]]


async def test_a_line_longer_than_the_rules_allow_is_taken(house: House) -> None:
    long = b"Subject: long\r\n\r\n" + b"x" * 100_000 + b"\r\n"

    async with listening(house) as port:
        await asyncio.to_thread(hand_over, port, TAGGED, raw=long)

    assert [row.raw for row in await rows(house)] == [long]


async def test_a_mail_of_blank_lines_takes_no_more_memory_than_another(house: House) -> None:
    def hand_over_blank_lines(port: int) -> list[int]:
        client = Client(port)
        codes = client.hand_over_pieces([b"\r\n" * 32_768] * 240, TAGGED, "second@office.example")
        client.close()
        return codes

    async with listening(house) as port:
        tracemalloc.start()
        try:
            codes = await asyncio.to_thread(hand_over_blank_lines, port)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert codes == [250, 250]
    assert most < 10 * MOST_BYTES
    assert [(row.outcome, len(row.raw)) for row in await rows(house)] == [(InboundOutcome.QUARANTINED, HEAD_BYTES)]


async def test_a_mail_and_what_follows_may_come_at_once(house: House) -> None:
    said = (
        b"LHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<invito@office.example>\r\nRCPT TO:<second@office.example>\r\n"
        b"DATA\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<invito@office.example>\r\nDATA\r\n..\r\n.\r\nQUIT\r\n"
    )

    async with listening(house) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        async with asyncio.timeout(20):
            answers = (await reader.read()).splitlines()
        writer.close()

    codes = [int(line[:3]) for line in answers if line[3:4] == b" "]
    assert codes == [220, 250, 250, 250, 250, 354, 250, 250, 250, 250, 354, 250, 221]
    assert [row.raw for row in await rows(house)] == [b"", b".\r\n"]


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ([b"DATA"], 503),
        ([b"MAIL FROM:<a@b.example>", b"DATA"], 503),
        ([b"MAIL FROM:<a@b.example>", b"RCPT TO:<c@d.example>", b"DATA now"], 501),
    ],
)
async def test_data_out_of_place_is_refused(house: House, commands: list[bytes], code: int) -> None:
    def say(port: int) -> int:
        client = Client(port)
        codes = [client.say(command) for command in commands]
        client.close()
        return codes[-1]

    async with listening(house) as port:
        assert await asyncio.to_thread(say, port) == code


async def test_a_mail_that_breaks_off_is_not_kept(house: House) -> None:
    async with listening(house) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"LHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n")
        writer.write_eof()
        async with asyncio.timeout(20):
            said = await reader.read()
        writer.close()

    assert b"2.0.0" not in said
    assert await rows(house) == []


async def test_who_says_nothing_is_hung_up_on(house: House) -> None:
    async with listening(house, seconds=0.1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(20):
            said = await reader.read()
        writer.close()

    assert said == b"220 invito Invito\r\n"


async def test_more_connections_than_are_good_are_told_to_come_later(house: House) -> None:
    async with listening(house, most_connections=1) as port:
        first = connected(port)
        assert await asyncio.to_thread(first.recv, 100) == b"220 invito Invito\r\n"
        second = connected(port)
        refusal = await asyncio.to_thread(second.recv, 100)
        end = await asyncio.to_thread(second.recv, 100)
        first.close()
        second.close()

    assert refusal.startswith(b"421 ")
    assert end == b""


async def test_an_address_of_any_bytes_is_kept_as_text(house: House) -> None:
    async with listening(house) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for command in (b"LHLO x", b"MAIL FROM:<\xff@customer.example>", "RCPT TO:<kåre@office.example>".encode()):
            await reader.readline()
            writer.write(command + b"\r\n")
            await writer.drain()
        writer.write(b"DATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n")
        async with asyncio.timeout(20):
            await reader.read()
        writer.close()

    kept = await rows(house)
    assert [(row.envelope_from, row.envelope_to) for row in kept] in (
        [],
        [("�@customer.example", ["kåre@office.example"])],
    )


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)
