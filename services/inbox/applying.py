"""What people do with a mail that came in: the owner believes it, whoever sees it has it understood anew."""

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.house import House
from invito.services.ids import InboxId, ParticipantId
from invito.services.inbox.reading import may_see
from invito.services.inbox.receiving import MOST_BYTES
from invito.services.inbox.repository import (
    Effect,
    InboundMessage,
    message_of,
    messages_select,
    received_mail,
    what_was_understood,
)
from invito.services.inbox.taking_in import take_in
from invito.services.inbox.trying_now import take_in_now, try_now
from invito.services.itip.reasons import Reason
from invito.services.itip.verdicts import InboundOutcome
from invito.services.storage.mail_tables import InboxRow

_AT = ("messageId",)


async def apply_inbound_message(house: House, caller: Caller, message: InboxId) -> ParticipantId | None:
    """The owner believes an answer that could not be verified, or that a mail came back; whose it is.

    :raises Refusal: nothing was changed: NOT_FOUND, FORBIDDEN, INVALID_INPUT where there is nothing to believe, or what
        there is has no effect any longer, with why.
    """
    check_is_employee(caller)
    async with house.database.read() as connection:
        there = await _visible(connection, caller, message)
        received = await received_mail(connection, message)
        understood = await what_was_understood(connection, message)
    is_doubted = there.outcome is InboundOutcome.UNVERIFIED and there.participant is not None
    if not is_doubted or received is None or understood is None:
        raise _nothing_to_believe()
    await take_in(house, received, understood, believed=there.participant)
    return there.participant


async def retry_inbound_message(house: House, caller: Caller, message: InboxId) -> InboxId:
    """Understand a kept mail anew: a newer Invito may know more, and a source may answer again.

    :raises Refusal: nothing was changed: NOT_FOUND, or INVALID_INPUT where only the head of the mail was kept, or it
        counts already: understood anew, what the owner believed would be in doubt again.
    """
    async with house.database.read() as connection:
        await _visible(connection, caller, message)
    await retry_as_operator(house, message)
    return message


async def retry_as_operator(house: House, message: InboxId) -> Effect:
    """The same for whoever runs the service; what it does now. A mail that waits for a worker is read at once.

    :raises Refusal: nothing was changed, as of `retry_inbound_message`.
    """
    async with house.database.read() as connection:
        row = (await connection.execute(messages_select().where(InboxRow.id == message))).first()
        received = await received_mail(connection, message)
    if received is None:
        raise _nothing_there()
    if row is None:
        effect = await take_in_now(house, message)
        if effect is None:
            raise _is_being_read()
        return effect
    if row.reason == Reason.MAIL_TOO_LARGE.value:
        raise _not_kept_whole()
    is_returned = row.outcome is InboundOutcome.BOUNCE and row.participant is not None
    if row.outcome is InboundOutcome.APPLIED or is_returned:
        raise _counts_already()
    return await try_now(house, received)


async def _visible(connection: AsyncConnection, caller: Caller, message: InboxId) -> InboundMessage:
    query = messages_select().where(InboxRow.id == message, may_see(caller))
    row = (await connection.execute(query)).first()
    if row is None:
        raise _nothing_there()
    return message_of(row)


def _nothing_there() -> Refusal:
    return Refusal(user_error(UserErrorCode.NOT_FOUND, _AT, "There is nothing of this id that you may see."))


def _is_being_read() -> Refusal:
    message = "A worker is reading this mail just now: look again in a moment."
    return Refusal(user_error(UserErrorCode.INVALID_INPUT, _AT, message))


def _not_kept_whole() -> Refusal:
    message = "The mail was larger than {most} bytes, so only its head was kept."
    return Refusal(user_error(UserErrorCode.INVALID_INPUT, _AT, message, most=MOST_BYTES))


def _counts_already() -> Refusal:
    message = "What this mail says counts already: there is nothing to try again."
    return Refusal(user_error(UserErrorCode.INVALID_INPUT, _AT, message))


def _nothing_to_believe() -> Refusal:
    message = "There is nothing to believe in this mail: look at what became of it."
    return Refusal(user_error(UserErrorCode.INVALID_INPUT, _AT, message))
