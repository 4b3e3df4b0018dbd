"""Mails that came in, in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import FollowUpId, InboxId, ParticipantId, ReferenceId
from invito.services.inbox.receiving import Envelope
from invito.services.itip.stored_form import mail_as_json, mail_from_json
from invito.services.itip.understood import UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome
from invito.services.storage.database_time import from_now
from invito.services.storage.mail_tables import InboxRow

_RECEIVED: tuple[Any, ...] = (
    InboxRow.id, InboxRow.raw, InboxRow.envelope_from, InboxRow.envelope_to, InboxRow.mailbox_owner_id,
    InboxRow.received_at, InboxRow.attempts,
)  # fmt: skip
# Under the names that an InboundMessage has for them.
_MESSAGE: tuple[Any, ...] = (
    InboxRow.id, InboxRow.outcome, InboxRow.reason, InboxRow.reason_values, InboxRow.follow_up_id.label("follow_up"),
    InboxRow.participant_id.label("participant"), InboxRow.sender, InboxRow.subject, InboxRow.status,
    InboxRow.received_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail as it was kept: bytes, envelope, and the instant (UTC) at which it first arrived.

    `attempts` is how often a worker took it up, this time included.
    """

    id: InboxId
    raw: bytes
    envelope: Envelope
    received_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A mail that came in and what it did. `reason` names why, with values for the places in its words."""

    id: InboxId
    outcome: InboundOutcome
    reason: str | None
    reason_values: dict[str, str]
    follow_up: FollowUpId | None
    participant: ParticipantId | None
    sender: str | None
    subject: str | None
    status: ParticipantStatus | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail that is kept and that nobody has read yet: of whom it is says the server that brought it alone."""

    id: InboxId
    envelope_from: str | None
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a mail did, as it is kept beside it."""

    outcome: InboundOutcome
    reason: str
    reason_values: dict[str, str]
    follow_up: FollowUpId | None = None
    participant: ParticipantId | None = None
    status: ParticipantStatus | None = None


async def claim_one(
    connection: AsyncConnection, lease: timedelta, message: InboxId | None = None
) -> ReceivedMail | None:
    """The oldest mail that nobody has understood, or this one, claimed for `lease`; several processes may ask at once.

    None where there is none, or another has it.
    """
    free = (InboxRow.claimed_until.is_(None)) | (InboxRow.claimed_until < from_now(connection))
    waiting = select(InboxRow.id).where(InboxRow.outcome.is_(None), free)
    query = waiting if message is None else waiting.where(InboxRow.id == message)
    # Rides on ix_inbox_outcome, whose mails without an outcome are in the order in which they came.
    query = query.order_by(InboxRow.received_at, InboxRow.id).limit(1).with_for_update(skip_locked=True)
    claimed = {"claimed_until": from_now(connection, lease), "attempts": InboxRow.attempts + 1}
    claim = update(InboxRow).where(InboxRow.id == query.scalar_subquery()).values(claimed).returning(*_RECEIVED)
    row = (await connection.execute(claim)).first()
    return None if row is None else received_of(row)


async def received_mail(connection: AsyncConnection, message: InboxId) -> ReceivedMail | None:
    row = (await connection.execute(received_select().where(InboxRow.id == message))).first()
    return None if row is None else received_of(row)


async def what_was_understood(connection: AsyncConnection, message: InboxId) -> UnderstoodMail | None:
    found = (await connection.execute(select(InboxRow.understood).where(InboxRow.id == message))).scalar_one_or_none()
    return None if found is None else mail_from_json(found)


async def unclaim(connection: AsyncConnection, received: ReceivedMail) -> None:
    """Leave a mail that is not understood yet to whoever claims it next, and count this attempt as none."""
    unclaimed = {"claimed_until": None, "attempts": received.attempts - 1}
    this = (InboxRow.id == received.id, InboxRow.outcome.is_(None))
    await connection.execute(update(InboxRow).where(*this).values(unclaimed))


async def keep_effect(
    connection: AsyncConnection, message: InboxId, understood: UnderstoodMail | None, effect: Effect
) -> None:
    """Write down what a mail says and what it did. Nothing was understood of one that did not get that far."""
    said = {} if understood is None else _said(understood)
    await connection.execute(
        update(InboxRow)
        .where(InboxRow.id == message)
        .values(
            outcome=effect.outcome,
            reason=effect.reason,
            reason_values=effect.reason_values,
            follow_up_id=effect.follow_up,
            participant_id=effect.participant,
            status=effect.status,
            claimed_until=None,
            **said,
        )
    )


async def forget_if_private(connection: AsyncConnection, message: InboxId) -> bool:
    """Delete a mail out of an employee's own mailbox that was understood just now as about nothing of ours.

    False where it came another way, or was about something once.
    """
    private = (InboxRow.id == message, InboxRow.mailbox_owner_id.is_not(None), InboxRow.outcome.is_(None))
    return (await connection.execute(delete(InboxRow).where(*private))).rowcount == 1


def _said(understood: UnderstoodMail) -> dict[str, str | None]:
    return {
        "understood": mail_as_json(understood).decode(),
        "sender": None if understood.sender is None else understood.sender[:320],
        "subject": understood.subject,
    }


def received_select() -> Select[Any]:
    """What `received_of` reads, to be narrowed down."""
    return select(*_RECEIVED)


def received_of(row: Row[Any]) -> ReceivedMail:
    owner = None if row.mailbox_owner_id is None else ReferenceId(row.mailbox_owner_id)
    envelope = Envelope(row.envelope_from, tuple(row.envelope_to), owner)
    return ReceivedMail(InboxId(row.id), row.raw, envelope, row.received_at, row.attempts)


def messages_select() -> Select[Any]:
    """What `message_of` reads, to be narrowed down: mails that were understood."""
    return select(*_MESSAGE).where(InboxRow.outcome.is_not(None))


def message_of(row: Row[Any]) -> InboundMessage:
    return InboundMessage(**row._mapping)
