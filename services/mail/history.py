"""What became of mails: for whoever asks why somebody got none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.names import matching
from invito.services.addresses import address_key
from invito.services.follow_ups.envelopes import EmailInvitation, email_invitation
from invito.services.follow_ups.participant_repository import participant_of, participants_select
from invito.services.follow_ups.repository import stored_follow_up
from invito.services.follow_ups.values import EmailDelivery, FollowUp, Participant
from invito.services.mail.values import MailMethod, MailState
from invito.services.rules import Rules
from invito.services.storage.database import Database
from invito.services.storage.follow_up_tables import FollowUpRow, ParticipantRow
from invito.services.storage.mail_tables import OutboxRow
from invito.services.storage.value_lists import texts_among

_MAIL: tuple[Any, ...] = (
    OutboxRow.id, OutboxRow.method, OutboxRow.to_address, OutboxRow.to_name, FollowUpRow.title, OutboxRow.state,
    OutboxRow.created_at, OutboxRow.next_at, OutboxRow.finished_at, OutboxRow.attempts, OutboxRow.diagnosis,
    OutboxRow.message_id,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentMail:
    """One mail: sent, given up, or still waiting. Instants are in UTC."""

    id: int
    method: MailMethod
    to_address: str
    to_name: str
    title: str
    state: MailState
    created_at: datetime
    next_at: datetime
    finished_at: datetime | None
    attempts: int
    diagnosis: str | None
    message_id: str

    @property
    def delivery(self) -> EmailDelivery:
        """What became of it, in the words that the invitee's envelope has."""
        # What was said of the last attempt stays while the next is made.
        was_put_off = self.state is MailState.QUEUED and self.diagnosis is not None
        return EmailDelivery.DELAYED if was_put_off else EmailDelivery[self.state.name]


@dataclass(frozen=True, slots=True)
class MailFate:
    """How somebody stands with the mails of one follow-up, and those that were written, the newest first."""

    follow_up: FollowUp
    participant: Participant
    envelope: EmailInvitation
    mails: tuple[SentMail, ...]


async def recent_mails(database: Database, most: int) -> list[SentMail]:
    """The newest first."""
    async with database.read() as connection:
        rows = await connection.execute(_mails_select().order_by(OutboxRow.id.desc()).limit(most))
        return [_mail_of(row) for row in rows]


async def mail_of_number(database: Database, number: int) -> SentMail | None:
    async with database.read() as connection:
        row = (await connection.execute(_mails_select().where(OutboxRow.id == number))).first()
    return None if row is None else _mail_of(row)


async def mail_fates(database: Database, rules: Rules, address: str, most: int) -> list[MailFate]:
    """Of everybody with this address, in the follow-ups that changed last."""
    async with database.read() as connection:
        theirs = func.lower(ParticipantRow.email) == address_key(address)
        return await _fates(connection, rules, theirs, most)


async def mail_fates_by_name(database: Database, rules: Rules, name: str, most: int) -> list[MailFate]:
    """Of everybody whose name is found by this one (F6), in the follow-ups that changed last."""
    is_meant = matching(name)
    async with database.read() as connection:
        # Copies of names have no index to search them by: it is an operator who asks, and now and then.
        names = (await connection.execute(select(ParticipantRow.name).distinct())).scalars()
        theirs = texts_among(ParticipantRow.name, list(filter(is_meant, names)), connection.dialect.name)
        return await _fates(connection, rules, theirs, most)


async def _fates(connection: AsyncConnection, rules: Rules, theirs: ColumnElement[bool], most: int) -> list[MailFate]:
    query = (
        participants_select()
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .where(theirs)
        .order_by(FollowUpRow.updated_at.desc(), ParticipantRow.id)
        .limit(most)
    )
    fates = []
    for participant in [participant_of(row) for row in await connection.execute(query)]:
        follow_up = await stored_follow_up(connection, participant.follow_up_id)
        assert follow_up is not None  # it has this participant
        written = _mails_select().where(
            OutboxRow.follow_up_id == follow_up.id, OutboxRow.reference_id == participant.reference_id
        )
        mails = await connection.execute(written.order_by(OutboxRow.id.desc()))
        can_send = rules.can_send(has_mailbox=follow_up.owner.has_mailbox)
        envelope = email_invitation(participant, can_send=can_send)
        fates.append(MailFate(follow_up, participant, envelope, tuple(map(_mail_of, mails))))
    return fates


def _mails_select() -> Select[Any]:
    return select(*_MAIL).join(FollowUpRow, FollowUpRow.id == OutboxRow.follow_up_id)


def _mail_of(row: Row[Any]) -> SentMail:
    return SentMail(**row._mapping)
