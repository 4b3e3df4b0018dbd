"""Counter-proposals in the database."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Row, Select, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.follow_ups.values import FollowUp
from invito.services.ids import InboxId, ParticipantId
from invito.services.proposals.values import Proposal, ProposalId
from invito.services.storage.follow_up_tables import FollowUpRow, ParticipantRow
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import ProposalRow


class Kept(Enum):
    """Whether a proposal is news to the owner, or which mail brought the same one before."""

    NEW = "NEW"
    BY_THIS_MAIL = "BY_THIS_MAIL"
    BY_ANOTHER_MAIL = "BY_ANOTHER_MAIL"


async def proposals_of_participants(
    connection: AsyncConnection, participants: Sequence[ParticipantId]
) -> list[Proposal]:
    """Theirs, the newest first."""
    query = (
        _proposals_select()
        .where(ProposalRow.participant_id.in_(participants))
        .order_by(ProposalRow.received_at.desc(), ProposalRow.id.desc())
    )
    return [_proposal_of(row) for row in await connection.execute(query)]


async def stored_proposal(connection: AsyncConnection, proposal: ProposalId) -> Proposal | None:
    """The proposal, whoever may see it."""
    row = (await connection.execute(_proposals_select().where(ProposalRow.id == proposal))).first()
    return None if row is None else _proposal_of(row)


async def keep_proposal(
    connection: AsyncConnection,
    follow_up: FollowUp,
    participant: ParticipantId,
    message: InboxId,
    span: tuple[datetime, datetime],
    comment: str | None,
    now: datetime,
    said_at: datetime,
    *,
    is_all_day: bool = False,
) -> Kept:
    """Store a proposal that was made at `said_at`; one that was refused before that is open again."""
    row = {
        "inbox_id": message,
        "participant_id": participant,
        "start": span[0],
        "end": span[1],
        "is_all_day": is_all_day,
        "comment": comment,
        "received_at": now,
        "sequence": follow_up.sequence,
    }
    insert = insert_into(connection, ProposalRow)
    result = await connection.execute(insert.values(row).on_conflict_do_nothing())
    if result.rowcount == 1:
        return Kept.NEW
    same = (
        ProposalRow.participant_id == participant,
        ProposalRow.start == span[0],
        ProposalRow.end == span[1],
        ProposalRow.sequence == follow_up.sequence,
    )
    refused = (ProposalRow.inbox_id != message, ProposalRow.declined_at < said_at)
    made_again = {
        "inbox_id": message,
        "is_all_day": is_all_day,
        "comment": comment,
        "received_at": now,
        "declined_at": None,
    }
    opened = await connection.execute(update(ProposalRow).where(*same, *refused).values(made_again))
    if opened.rowcount == 1:
        return Kept.NEW
    first = (await connection.execute(select(ProposalRow.inbox_id).where(*same))).scalar_one()
    return Kept.BY_THIS_MAIL if first == message else Kept.BY_ANOTHER_MAIL


async def mark_declined(connection: AsyncConnection, proposal: ProposalId, now: datetime) -> None:
    await connection.execute(update(ProposalRow).where(ProposalRow.id == proposal).values(declined_at=now))


def _proposals_select() -> Select[Any]:
    is_open = and_(
        ProposalRow.declined_at.is_(None),
        ProposalRow.sequence >= FollowUpRow.moved_sequence,
        FollowUpRow.is_cancelled.is_(False),
        ParticipantRow.removed_at.is_(None),
    )
    columns: tuple[Any, ...] = (
        ProposalRow.id, ProposalRow.participant_id, ProposalRow.start, ProposalRow.end, ProposalRow.comment,
        ProposalRow.received_at, is_open.label("is_open"), ProposalRow.is_all_day,
    )  # fmt: skip
    return (
        select(*columns)
        .join(ParticipantRow, ParticipantRow.id == ProposalRow.participant_id)
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
    )


def _proposal_of(row: Row[Any]) -> Proposal:
    return Proposal(
        row.id, row.participant_id, row.start, row.end, row.comment, row.received_at, bool(row.is_open), row.is_all_day
    )
