"""What people without an account answer on the page that their mail links to (F18)."""

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.participant_repository import participant_there
from invito.services.follow_ups.present import time_of_change
from invito.services.follow_ups.repository import held_follow_up, stored_follow_up
from invito.services.follow_ups.statuses import with_status
from invito.services.follow_ups.taking_up import check_time
from invito.services.follow_ups.texts import MOST_IN_REASON, read_optional_text
from invito.services.follow_ups.values import FollowUp, Participant, ParticipantStatus, StatusOrigin
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.invitations.answering import store_answer
from invito.services.invitations.storing import publish
from invito.services.language import current_language

_AT = ("link",)


@dataclass(frozen=True, slots=True)
class LinkedInvitation:
    """The invitation that a link is for, as it stands."""

    follow_up: FollowUp
    participant: Participant


async def invitation_of_link(house: House, token: str) -> LinkedInvitation:
    """What the page shows. Nothing changes.

    :raises Refusal: NOT_FOUND where the link is none of ours, or whoever it is for is no longer invited; INVALID_TIME
        where it has expired.
    """
    participant = _participant_of(house, token)
    async with house.database.read() as connection:
        there = await _invited(connection, participant)
        follow_up = await stored_follow_up(connection, there.follow_up_id)
    if follow_up is None:
        raise _not_found()
    return LinkedInvitation(follow_up, there)


async def answer_by_link(house: House, token: str, status: ParticipantStatus, typed_reason: str | None) -> None:
    """ACCEPTED, TENTATIVE or DECLINED; a reason is kept beside DECLINED alone.

    :raises Refusal: as `invitation_of_link`; CANCELLED; INVALID_TIME where it is over; INVALID_INPUT of `reason`.
    """
    participant = _participant_of(house, token)
    reason = read_optional_text(typed_reason or None, MOST_IN_REASON, ("reason",), one_line=False)
    async with house.database.write() as connection:
        follow_up = await _held(connection, participant)
        there = await _invited(connection, participant)
        if follow_up.is_cancelled:
            raise Refusal(user_error(UserErrorCode.CANCELLED, _AT, "The follow-up is cancelled."))
        now = time_of_change(house, follow_up)
        check_time(follow_up, there, status, now, _AT)
        after = with_status(there, status, StatusOrigin.ANSWER_LINK, reason, now)
        change = await store_answer(connection, house, follow_up, there, after, now)
    if change is not None:
        await publish(house, change, follow_up.owner.reference)


def _participant_of(house: House, token: str) -> ParticipantId:
    found = house.keys.number_of_link(token)
    if found is None:
        raise _not_found()
    number, expires_at = found
    if house.now() >= expires_at:
        raise _expired(expires_at)
    return ParticipantId(number)


async def _held(connection: AsyncConnection, participant: ParticipantId) -> FollowUp:
    follow_up: FollowUpId = (await _invited(connection, participant)).follow_up_id
    held = await held_follow_up(connection, follow_up)
    if held is None:
        raise _not_found()
    return held


async def _invited(connection: AsyncConnection, participant: ParticipantId) -> Participant:
    there = await participant_there(connection, participant)
    if there is None or there.removed_at is not None:
        raise _not_found()
    return there


def _not_found() -> Refusal:
    message = "This link leads nowhere: the invitation was withdrawn, or the address was not copied as a whole."
    return Refusal(user_error(UserErrorCode.NOT_FOUND, _AT, message))


def _expired(expires_at: datetime) -> Refusal:
    message = "This link counted until {day}: it is over."
    day = format_date(expires_at.date(), "long", current_language.get().value)
    return Refusal(user_error(UserErrorCode.INVALID_TIME, _AT, message, day=day))
