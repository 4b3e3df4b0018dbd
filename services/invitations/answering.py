"""What invitees do: answer an invitation to themselves, and see it (F22)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.change import Change, settle
from invito.services.follow_ups.commands import Answer
from invito.services.follow_ups.participant_repository import visible_participants
from invito.services.follow_ups.present import time_of_change
from invito.services.follow_ups.repository import follow_up_to_change
from invito.services.follow_ups.statuses import with_status
from invito.services.follow_ups.taking_up import check_time
from invito.services.follow_ups.texts import MOST_IN_REASON, read_optional_text
from invito.services.follow_ups.values import (
    ANSWERS_TO_MAIL,
    EmailDelivery,
    FollowUp,
    Participant,
    ParticipantRole,
    ParticipantStatus,
    StatusOrigin,
)
from invito.services.follow_ups.visibility import is_caller
from invito.services.house import House
from invito.services.ids import ParticipantId
from invito.services.invitations.storing import publish, store
from invito.services.mail.outbox import is_on_its_way
from invito.services.notifications.repository import tell_owner
from invito.services.notifications.values import NotificationKind

_AT = ("participantId",)


async def respond_to_invitation(house: House, caller: Caller, answer: Answer) -> ParticipantId:
    """The caller answers an invitation to themselves; declining takes it out of their diary.

    :raises Refusal: nothing was changed, for its reasons.
    """
    reason = read_optional_text(answer.reason, MOST_IN_REASON, ("reason",), one_line=False)
    async with house.database.write() as connection:
        follow_up, there = await _own_row(connection, caller, answer.participant)
        now = time_of_change(house, follow_up)
        check_time(follow_up, there, answer.status, now, _AT)
        after = with_status(there, answer.status, StatusOrigin.ANSWERED, reason, now)
        change = await store_answer(connection, house, follow_up, there, after, now)
    if change is not None:
        await publish(house, change, follow_up.owner.reference)
    return there.id


async def store_answer(
    connection: AsyncConnection,
    house: House,
    follow_up: FollowUp,
    there: Participant,
    after: Participant,
    now: datetime,
) -> Change | None:
    """Store what an invitee answered, whichever way, and tell the owner; None where nothing changed.

    A mail that was said to be late has arrived where it was answered.

    The caller holds the follow-up, and publishes the change to its owner too after commit.
    """
    is_late = there.email_delivery is EmailDelivery.DELAYED and after.status_origin in ANSWERS_TO_MAIL
    # What waits here is another mail than the one that was answered.
    if is_late and not await is_on_its_way(connection, follow_up, there, now):
        after = replace(after, email_delivery=EmailDelivery.SENT, email_error=None)
    change = settle(Change(follow_up, follow_up, (there,), (after,)), now)
    if change.is_nothing:
        return None
    change = await store(connection, house, change, {}, None, now)
    # What was set on their behalf is the owner's word until they give the same answer.
    if change.answered or there.status_origin is StatusOrigin.ON_BEHALF:
        await tell_owner(connection, change.after, NotificationKind[after.status.name], after, now)
    return change


async def mark_invitation_seen(house: House, caller: Caller, participant: ParticipantId) -> ParticipantId:
    """An unmarked invitation to the caller becomes seen; one that is answered stays as it is.

    :raises Refusal: nothing was changed, for its reasons.
    """
    async with house.database.write() as connection:
        follow_up, there = await _own_row(connection, caller, participant)
        if there.status is not ParticipantStatus.NOT_SEEN:
            return there.id
        now = time_of_change(house, follow_up)
        after = with_status(there, ParticipantStatus.SEEN, StatusOrigin.ANSWERED, None, now)
        change = settle(Change(follow_up, follow_up, (there,), (after,)), now)
        change = await store(connection, house, change, {}, None, now)
    await publish(house, change)
    return there.id


async def _own_row(connection: AsyncConnection, caller: Caller, wanted: ParticipantId) -> tuple[FollowUp, Participant]:
    """The caller's own row, of a follow-up that is held until the transaction ends."""
    check_is_employee(caller)
    seen = (await visible_participants(connection, caller, [wanted])).get(wanted)
    follow_up = None if seen is None else await follow_up_to_change(connection, caller, seen.follow_up_id)
    # Read again, now that nobody else can change it.
    there = (await visible_participants(connection, caller, [wanted])).get(wanted)
    if follow_up is None or there is None:
        raise Refusal(user_error(UserErrorCode.NOT_FOUND, _AT, "There is nothing of this id that you may see."))
    if not is_caller(caller, there):
        raise Refusal(user_error(UserErrorCode.FORBIDDEN, _AT, "Only the one who is invited answers an invitation."))
    if there.role is ParticipantRole.OWNER:
        message = "You own the follow-up: there is nothing to answer."
        raise Refusal(user_error(UserErrorCode.FORBIDDEN, _AT, message))
    if follow_up.is_cancelled:
        raise Refusal(user_error(UserErrorCode.CANCELLED, _AT, "The follow-up is cancelled."))
    return follow_up, there
