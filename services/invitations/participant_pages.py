"""The Participants tabs of many follow-ups at once: pages, counts and conflicts, one statement each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, or_, select

from invito.services.caller import Caller
from invito.services.follow_ups import participant_repository
from invito.services.follow_ups.participant_repository import participant_of, participants_select
from invito.services.follow_ups.values import Participant, ParticipantRole, ParticipantStatus
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.invitations.conflicts import conflicting_participants
from invito.services.mailboxes.ownership import HAS_MAILBOX
from invito.services.paging import Page, PageAsk, count_of_part, cursor_of, page_of
from invito.services.storage.follow_up_tables import ParticipantRow, ReferenceRow

_KIND = "participants"


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """How many invitees there are and how they stand, without the owner."""

    total: int = 0
    not_seen: int = 0
    seen: int = 0
    accepted: int = 0
    tentative: int = 0
    declined: int = 0
    conflicts: int = 0
    email_active: int = 0


async def visible_participants(
    house: House, caller: Caller, ids: Sequence[ParticipantId]
) -> dict[ParticipantId, Participant]:
    """Those of the ids that take part in a follow-up that the caller may see."""
    async with house.database.read() as connection:
        return await participant_repository.visible_participants(connection, caller, ids)


async def participant_pages(
    house: House, follow_ups: Sequence[FollowUpId], status: ParticipantStatus | None, ask: PageAsk
) -> dict[FollowUpId, Page[Participant]]:
    """A page of each, the owner first, then as they were invited. The caller is known to see the follow-ups."""
    after = ask.position(_KIND, int, int)
    conditions: list[ColumnElement[bool]] = [
        ParticipantRow.follow_up_id.in_(follow_ups),
        ParticipantRow.removed_at.is_(None),
    ]
    if status is not None:
        conditions.append(ParticipantRow.status == status)
    if after is not None:
        position, number = count_of_part(after[0]), after[1]
        conditions.append(
            or_(
                ParticipantRow.position > position,
                and_(ParticipantRow.position == position, ParticipantRow.id > number),
            )
        )
    place = func.row_number().over(
        partition_by=ParticipantRow.follow_up_id, order_by=(ParticipantRow.position, ParticipantRow.id)
    )
    ranked = select(ParticipantRow.id, place.label("place")).where(*conditions).subquery()
    query = (
        participants_select()
        .join(ranked, ranked.c.id == ParticipantRow.id)
        .where(ranked.c.place <= ask.first + 1)
        .order_by(ParticipantRow.follow_up_id, ParticipantRow.position, ParticipantRow.id)
    )
    found: dict[FollowUpId, list[Participant]] = defaultdict(list)
    async with house.database.read() as connection:
        for row in await connection.execute(query):
            found[row.follow_up_id].append(participant_of(row))
    return {one: page_of(found[one], ask, _cursor) for one in follow_ups}


async def participant_counts(
    house: House, follow_ups: Sequence[FollowUpId], status: ParticipantStatus | None
) -> dict[FollowUpId, int]:
    """How many participants each has, the owner too, with this status or with any."""
    query = (
        select(ParticipantRow.follow_up_id, func.count())
        .where(ParticipantRow.follow_up_id.in_(follow_ups), ParticipantRow.removed_at.is_(None))
        .group_by(ParticipantRow.follow_up_id)
    )
    if status is not None:
        query = query.where(ParticipantRow.status == status)
    async with house.database.read() as connection:
        return {FollowUpId(number): count for number, count in await connection.execute(query)}


async def status_counts(
    house: House, caller: Caller, follow_ups: Sequence[FollowUpId]
) -> dict[FollowUpId, StatusCounts]:
    """The counts of each. The caller is known to see the follow-ups."""
    query = (
        select(
            ParticipantRow.follow_up_id,
            func.count(),
            *(func.sum(case((ParticipantRow.status == status, 1), else_=0)) for status in ParticipantStatus),
            func.sum(cast(ParticipantRow.wants_email, Integer)),
            # The owner's own row, whose conflict is not counted.
            func.min(case((ParticipantRow.role == ParticipantRole.OWNER, ParticipantRow.id))),
            func.max(case((and_(ParticipantRow.role == ParticipantRole.OWNER, HAS_MAILBOX), 1), else_=0)),
        )
        .join(ReferenceRow, ReferenceRow.id == ParticipantRow.reference_id)
        .where(ParticipantRow.follow_up_id.in_(follow_ups), ParticipantRow.removed_at.is_(None))
        .group_by(ParticipantRow.follow_up_id)
    )
    conflicts = await conflicting_participants(house, caller, follow_ups)
    counts = {}
    async with house.database.read() as connection:
        for number, total, *by_status, wanting_email, owner, has_mailbox in await connection.execute(query):
            not_seen, seen, accepted, tentative, declined = by_status
            can_send = house.rules.can_send(has_mailbox=bool(has_mailbox))
            counts[FollowUpId(number)] = StatusCounts(
                total - 1, not_seen, seen, accepted - 1, tentative, declined,
                len(conflicts[number] - {owner}), wanting_email if can_send else 0,
            )  # fmt: skip
    return {one: counts.get(one, StatusCounts()) for one in follow_ups}


def _cursor(participant: Participant) -> str:
    return cursor_of(_KIND, participant.position, participant.id)
