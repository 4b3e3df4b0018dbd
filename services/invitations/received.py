"""The list of invitations: what waits for the caller's answer, and on demand what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select

from invito.services.caller import Caller
from invito.services.follow_ups.participant_repository import participant_of, participants_select
from invito.services.follow_ups.values import Participant, ParticipantRole, ParticipantStatus
from invito.services.follow_ups.visibility import own_references
from invito.services.house import House
from invito.services.ids import ParticipantId
from invito.services.notifications.values import NotificationKind
from invito.services.paging import Page, PageAsk, cursor_of, instant_of_part, instant_part, page_of
from invito.services.storage.follow_up_tables import FollowUpRow, ParticipantRow
from invito.services.storage.message_tables import NotificationRow

_KIND = "invitations"
_WAITING = (ParticipantStatus.NOT_SEEN, ParticipantStatus.SEEN, ParticipantStatus.TENTATIVE)
_ANSWERS = (NotificationKind.ACCEPTED, NotificationKind.TENTATIVE, NotificationKind.DECLINED)


@dataclass(frozen=True, slots=True)
class InvitationFilter:
    """Without any: what waits for an answer. `show_responses` adds the unacknowledged answers of others."""

    show_declined: bool = False
    show_responses: bool = False
    show_accepted: bool = False


async def invitation_page(house: House, caller: Caller, wanted: InvitationFilter, ask: PageAsk) -> Page[Participant]:
    """The rows of participants that are the caller's invitations, newest first; cancelled follow-ups are left out.

    :raises Unanswerable: INVALID_CURSOR.
    """
    query = participants_select().join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
    query = query.where(_is_listed(caller, wanted))
    after = ask.position(_KIND, int, int)
    if after is not None:
        instant, number = instant_of_part(after[0]), after[1]
        query = query.where(
            or_(
                ParticipantRow.invited_at < instant,
                and_(ParticipantRow.invited_at == instant, ParticipantRow.id < number),
            )
        )
    query = query.order_by(ParticipantRow.invited_at.desc(), ParticipantRow.id.desc()).limit(ask.first + 1)
    async with house.database.read() as connection:
        rows = [participant_of(row) for row in await connection.execute(query)]
    return page_of(rows, ask, lambda one: cursor_of(_KIND, instant_part(one.invited_at), one.id))


async def invitation_count(house: House, caller: Caller, wanted: InvitationFilter) -> int:
    """How many there are on all pages."""
    query = (
        select(func.count())
        .select_from(ParticipantRow)
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .where(_is_listed(caller, wanted))
    )
    async with house.database.read() as connection:
        return (await connection.execute(query)).scalar_one()


async def invitations(house: House, caller: Caller, ids: Sequence[ParticipantId]) -> dict[ParticipantId, Participant]:
    """Those of the ids that are the caller's invitations, or invitations to the caller's follow-ups."""
    if caller.employee is None:
        return {}
    own = own_references(caller)
    query = (
        participants_select()
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .where(
            ParticipantRow.id.in_(ids),
            ParticipantRow.role != ParticipantRole.OWNER,
            ParticipantRow.removed_at.is_(None),
            or_(ParticipantRow.reference_id.in_(own), FollowUpRow.owner_reference_id.in_(own)),
        )
    )
    async with house.database.read() as connection:
        return {row.id: participant_of(row) for row in await connection.execute(query)}


def _is_listed(caller: Caller, wanted: InvitationFilter) -> ColumnElement[bool]:
    if caller.employee is None:
        return false()
    shown = [*_WAITING]
    if wanted.show_accepted:
        shown.append(ParticipantStatus.ACCEPTED)
    if wanted.show_declined:
        shown.append(ParticipantStatus.DECLINED)
    own = own_references(caller)
    listed = and_(ParticipantRow.reference_id.in_(own), ParticipantRow.status.in_(shown))
    if wanted.show_responses:
        unacknowledged = exists().where(
            NotificationRow.participant_id == ParticipantRow.id,
            NotificationRow.kind.in_(_ANSWERS),
            NotificationRow.recipient_id.in_(own),
            NotificationRow.acknowledged_at.is_(None),
        )
        listed = or_(listed, and_(FollowUpRow.owner_reference_id.in_(own), unacknowledged))
    return and_(
        listed,
        ParticipantRow.role != ParticipantRole.OWNER,
        ParticipantRow.removed_at.is_(None),
        FollowUpRow.is_cancelled.is_(False),
    )
