"""What an owner does with a counter-proposal: takes it, or refuses it (F28)."""

from dataclasses import replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.access import check_is_employee
from invito.services.addresses import is_valid_address
from invito.services.caller import Caller
from invito.services.changes import follow_up_topic
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.access import check_may_change
from invito.services.follow_ups.commands import FieldChanges
from invito.services.follow_ups.participant_repository import participant_there
from invito.services.follow_ups.present import time_of_change
from invito.services.follow_ups.repository import follow_up_to_change, raise_revisions
from invito.services.follow_ups.values import Participant
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.invitations.changing import change_follow_up
from invito.services.invitations.deciding import Ask
from invito.services.mail.outbox import queue_mail
from invito.services.mail.values import MailMethod
from invito.services.proposals.repository import mark_declined, stored_proposal
from invito.services.proposals.values import Proposal, ProposalId

_AT = ("proposalId",)
_PROPOSED = (("start",), ("end",))


async def accept_proposal(house: House, caller: Caller, proposal: ProposalId) -> FollowUpId:
    """The follow-up takes place at the proposed time: everyone is told and asked anew, as of any changed time.

    :raises Refusal: nothing was changed, for its reasons.
    """
    check_is_employee(caller)
    async with house.database.read() as connection:
        wanted, there = await _proposal(connection, proposal)
    fields = FieldChanges(start=wanted.start.isoformat(), end=wanted.end.isoformat(), is_all_day=wanted.is_all_day)
    ask = Ask(there.follow_up_id, _AT, fields=fields)
    try:
        return (await change_follow_up(house, caller, ask, proposal, partial(_check_open, proposal))).follow_up
    except Refusal as refusal:
        # Its times are no input of the caller's: whatever is the matter with them is so with the proposal.
        errors = [replace(one, path=_AT) if one.path[:1] in _PROPOSED else one for one in refusal.errors]
        raise Refusal(*errors) from None


async def decline_proposal(house: House, caller: Caller, proposal: ProposalId) -> FollowUpId:
    """The time stays as it is, and who proposed is told by mail (DECLINECOUNTER).

    :raises Refusal: nothing was changed, for its reasons.
    """
    check_is_employee(caller)
    async with house.database.write() as connection:
        _, there = await _proposal(connection, proposal)
        held = await follow_up_to_change(connection, caller, there.follow_up_id)
        follow_up = check_may_change(caller, held, _AT)
        # Read again, now that nobody else can decide it.
        _, there = await _proposal(connection, proposal)
        await _check_open(proposal, connection)
        now = time_of_change(house, follow_up)
        await mark_declined(connection, proposal, now)
        await raise_revisions(connection, [follow_up.id], now)
        if is_valid_address(there.email):
            await queue_mail(connection, house.rules, follow_up, there, MailMethod.DECLINECOUNTER, now)
    house.outbox_poked.set()
    await house.changes.tell([follow_up_topic(follow_up.id)])
    return follow_up.id


async def follow_up_of_proposal(house: House, proposal: ProposalId) -> FollowUpId | None:
    """Which follow-up it is about, whoever may see that."""
    async with house.database.read() as connection:
        wanted = await stored_proposal(connection, proposal)
        there = None if wanted is None else await participant_there(connection, wanted.participant)
    return None if there is None else there.follow_up_id


async def _check_open(proposal: ProposalId, connection: AsyncConnection) -> None:
    """While the follow-up is held, so that nobody else decides it meanwhile."""
    wanted, _ = await _proposal(connection, proposal)
    if not wanted.is_open:
        message = "The proposal is no longer open: it was decided, or the time changed."
        raise Refusal(user_error(UserErrorCode.STALE_VERSION, _AT, message))


async def _proposal(connection: AsyncConnection, proposal: ProposalId) -> tuple[Proposal, Participant]:
    wanted = await stored_proposal(connection, proposal)
    there = None if wanted is None else await participant_there(connection, wanted.participant)
    if wanted is None or there is None:
        raise Refusal(user_error(UserErrorCode.NOT_FOUND, _AT, "There is nothing of this id that you may see."))
    return wanted, there
