"""Cancelling a follow-up, which tells the invitees (F4)."""

from invito.services.caller import Caller
from invito.services.errors import Refusal, UserError
from invito.services.follow_ups.commands import CancelFollowUp, NotifyInvitees
from invito.services.follow_ups.texts import MOST_IN_REASON, read_optional_text
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.invitations.changing import change_follow_up
from invito.services.invitations.deciding import Ask


async def cancel_follow_up(house: House, caller: Caller, command: CancelFollowUp) -> FollowUpId:
    """
    :raises Refusal: nothing was changed, for its reasons.
    """
    problems: tuple[UserError, ...] = ()
    comment = None
    try:
        comment = read_optional_text(command.comment, MOST_IN_REASON, ("comment",), one_line=False)
    except Refusal as refusal:
        problems = refusal.errors
    ask = Ask(
        command.id, ("id",), cancel=True, comment=comment, problems=problems,
        is_quiet=command.notify is NotifyInvitees.NONE,
        expected_version=command.expected_version, idempotency_key=command.idempotency_key,
    )  # fmt: skip
    return (await change_follow_up(house, caller, ask, command)).follow_up
