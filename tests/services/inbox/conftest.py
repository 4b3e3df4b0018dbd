"""Mails that answer an invitation, as programs write them, and their way through the intake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.ids import FollowUpId, InboxId
from invito.services.inbox.processor import InboxProcessor
from invito.services.inbox.receiving import Envelope, receive
from invito.services.inbox.repository import Effect, InboundMessage, message_of, messages_select, received_mail
from invito.services.inbox.taking_in import take_in
from invito.services.inbox.values import MailOrigin
from invito.services.itip.understanding import understand
from invito.services.signing import Purpose
from invito.services.storage.mail_tables import InboxRow

if TYPE_CHECKING:
    from tests.services.conftest import Office


@dataclass
class Post:
    """Brings mails to an office's service, which take effect at once."""

    office: Office
    count: int = 0

    async def brings(self, raw: bytes, envelope: Envelope | None = None) -> Effect:
        number = await receive(self.office.house, raw, MailOrigin.LMTP, envelope or Envelope())
        async with self.office.house.database.read() as connection:
            received = await received_mail(connection, number)
        assert received is not None
        return await take_in(self.office.house, received, understand(raw))

    async def answer(self, made: FollowUpId, name: str, partstat: str, **said: Any) -> Effect:
        """Whoever is called `name` presses a button in their mail program."""
        follow_up, who = await self.office.follow_up(made), await self.office.participant(made, name)
        return await self.brings(self.reply(follow_up, who, partstat, **said))

    def reply(
        self,
        follow_up: FollowUp,
        who: Participant,
        partstat: str,
        *,
        method: str = "REPLY",
        sender: str | None = None,
        attendee: str | None = None,
        sequence: int | None = None,
        at: datetime | None = None,
        comment: str = "",
        lines: tuple[str, ...] = (),
        tagged: bool = True,
        headers: str = "",
    ) -> bytes:
        """A REPLY, each with a Message-ID of its own; `at` is its Date and DTSTAMP."""
        self.count += 1
        moment = at or self.office.clock.present
        tag = self.office.house.keys.tag(Purpose.FOLLOW_UP_TAG, follow_up.id)
        to = f"invito+{tag}@nordlys.example" if tagged else "invito@nordlys.example"
        stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        event = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//A program//EN", f"METHOD:{method}", "BEGIN:VEVENT",
            f"UID:{follow_up.uid}", f"SEQUENCE:{follow_up.sequence if sequence is None else sequence}",
            f"DTSTAMP:{stamp}", f"ORGANIZER:mailto:{to}",
            f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee or who.email}",
            *([f"COMMENT:{comment}"] if comment else []), *lines, "END:VEVENT", "END:VCALENDAR",
        ]  # fmt: skip
        head = [
            f"From: Somebody <{sender or who.email}>", f"To: {to}", "Subject: Accepted: Budget",
            f"Message-ID: <{self.count}@mail.example>", f"Date: {moment.strftime('%a, %d %b %Y %H:%M:%S +0000')}",
            "MIME-Version: 1.0", f"Content-Type: text/calendar; method={method}; charset=utf-8",
        ]  # fmt: skip
        return (headers + "\r\n".join([*head, "", *event, ""])).encode()


@pytest.fixture
def post(office: Office) -> Post:
    return Post(office)


@dataclass
class Intake:
    """Brings mails the whole way: kept, then taken in by a worker, with a process to read them."""

    office: Office

    async def brings(self, raw: bytes, envelope: Envelope | None = None) -> InboundMessage:
        """What became of it, once something did."""
        number = await receive(self.office.house, raw, MailOrigin.LMTP, envelope or Envelope())
        return await self.settled(number)

    async def settled(self, number: InboxId) -> InboundMessage:
        """The mail, once it has an outcome."""
        query = messages_select().where(InboxRow.id == number)
        async with asyncio.timeout(60):
            while True:
                async with self.office.house.database.read() as connection:
                    row = (await connection.execute(query)).first()
                if row is not None:
                    return message_of(row)
                await asyncio.sleep(0.01)  # between two looks; what is waited for is the outcome


@pytest.fixture
async def intake(office: Office) -> AsyncIterator[Intake]:
    processor = InboxProcessor(office.house)
    processor.start()
    yield Intake(office)
    await processor.stop()
