"""The way in: whatever brings a mail, its bytes are kept first. Only then does anybody say that it arrived."""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.house import House
from invito.services.ids import InboxId, ReferenceId
from invito.services.inbox.values import MailOrigin
from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand_head
from invito.services.itip.understood import UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import InboxRow

MOST_BYTES = 1024 * 1024
HEAD_BYTES = 64 * 1024
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(\S+)", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(rb"^from:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the server that brought the mail said of it (RFC 5321): `mail_from` is empty for a bounce.

    `mailbox_owner` is the employee in whose own mailbox it lay, where they may have put it themself.
    """

    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    mailbox_owner: ReferenceId | None = None


async def receive(
    house: House, raw: bytes, origin: MailOrigin, envelope: Envelope, *, is_whole: bool = True
) -> InboxId:
    """Keep a mail, to be understood in a moment; a second copy changes nothing (ITIP.md, In, rule 1).

    Of a mail beyond the bound only the head is kept, as QUARANTINED, and nothing of one in an employee's own mailbox,
    which may be about anything; `is_whole`: not only its head was brought.
    """
    is_too_large = len(raw) > MOST_BYTES or not is_whole
    kept = _kept_of(raw, envelope, is_too_large=is_too_large)
    # All others are understood in a moment, in a process of its own.
    shown = await asyncio.to_thread(understand_head, kept) if is_too_large else None
    async with house.database.write() as connection:
        number = await _keep(connection, raw, origin, envelope, house.now(), kept, shown)
    house.inbox_poked.set()
    return number


async def is_kept(house: House, raw: bytes, envelope: Envelope) -> bool:
    """Whether the same mail came in before."""
    there = select(InboxRow.id).where(InboxRow.digest == mail_digest(raw, envelope.mailbox_owner))
    async with house.database.read() as connection:
        return (await connection.execute(there)).first() is not None


async def _keep(
    connection: AsyncConnection,
    raw: bytes,
    origin: MailOrigin,
    envelope: Envelope,
    now: datetime,
    kept: bytes,
    shown: UnderstoodMail | None,
) -> InboxId:
    """`shown`: what its head says of a mail that is too large."""
    message_id = _MESSAGE_ID.search(raw[:HEAD_BYTES])
    digest = mail_digest(raw, envelope.mailbox_owner)
    row: dict[str, object] = {
        "digest": digest,
        "message_id": _storable(message_id.group(1)[:998].decode("ascii", "replace")) if message_id else None,
        "origin": origin,
        "envelope_from": None if envelope.mail_from is None else _storable(envelope.mail_from)[:320],
        "envelope_to": list(map(_storable, envelope.rcpt_to)),
        "mailbox_owner_id": envelope.mailbox_owner,
        "raw": kept,
        "received_at": now,
        "attempts": 0,
        "reason_values": {},
    }
    if shown is not None:
        row |= {"outcome": InboundOutcome.QUARANTINED, "reason": Reason.MAIL_TOO_LARGE.value, **_shown(shown)}
    insert = insert_into(connection, InboxRow)
    await connection.execute(insert.values(row).on_conflict_do_nothing(index_elements=["digest"]))
    return InboxId((await connection.execute(select(InboxRow.id).where(InboxRow.digest == digest))).scalar_one())


def _shown(mail: UnderstoodMail) -> dict[str, str | None]:
    return {
        "sender": None if mail.sender is None else _storable(mail.sender)[:320],
        "subject": None if mail.subject is None else _storable(mail.subject),
    }


def _kept_of(raw: bytes, envelope: Envelope, *, is_too_large: bool) -> bytes:
    if not is_too_large:
        return raw
    return raw[:HEAD_BYTES] if envelope.mailbox_owner is None else b""


def _storable(text: str) -> str:
    """Without what PostgreSQL's text cannot hold: a mail that could not be kept would be brought again without end."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def mail_digest(raw: bytes, mailbox_owner: ReferenceId | None = None) -> str:
    """The same for each copy of a mail, whichever way it came: of its Message-ID, its From and its body.

    Not of the Message-ID alone, which a stranger could have used first. What lay in somebody's own mailbox is no copy
    of what came to the service: they could have put it there first.
    """
    blank = _BLANK_LINE.search(raw)
    # Without a blank line nothing says what is head: all of it counts.
    head, body = (raw, raw) if blank is None else (raw[: blank.start()], raw[blank.end() :])
    parts = [*_MESSAGE_ID.findall(head[:HEAD_BYTES]), *_FROM.findall(head[:HEAD_BYTES]), body]
    digest = hashlib.sha256(b"" if mailbox_owner is None else b"of %d" % mailbox_owner)
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()
