"""What an owner does with the icons beside one participant, and with the button over all of them (F14, F21)."""

from collections.abc import Sequence

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.errors import Refusal, UserError, UserErrorCode, user_error
from invito.services.follow_ups.commands import EmailChoice, StatusChoice, ToggleEmail, ToggleStatus
from invito.services.follow_ups.envelopes import email_invitation, no_mailbox, refusal_to_turn_on
from invito.services.follow_ups.participant_repository import participant_there
from invito.services.follow_ups.statuses import after_toggle
from invito.services.follow_ups.values import EmailInvitationState, Participant
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.invitations.changing import change_follow_up
from invito.services.invitations.deciding import Ask, Wish
from invito.services.invitations.roster import EmailWish, RosterWish, StatusWish
from invito.services.invitations.wishes import read_status

_AT = ("participantId",)
_FROM = ("from",)


async def set_email_invitations(house: House, caller: Caller, follow_up: FollowUpId, *, enabled: bool) -> FollowUpId:
    """The button: everyone in the list who can get mail, except the owner.

    :raises Refusal: nothing was changed, for its reasons.
    """
    problems: tuple[UserError, ...] = ()
    if enabled and not caller.can_send:
        problems = (no_mailbox(("enabled",)),)
    wish = RosterWish(email_for_all=enabled)
    ask = Ask(follow_up, ("followUpId",), wish, problems=problems)
    return (await change_follow_up(house, caller, ask, wish)).follow_up


async def set_email_invitation(house: House, caller: Caller, choice: EmailChoice) -> ParticipantId:
    """
    :raises Refusal: nothing was changed, for its reasons.
    """
    wish = RosterWish(emails=[EmailWish(choice.participant, choice.enabled, _AT)])
    return await _change(house, caller, choice.participant, wish)


async def toggle_email_invitation(house: House, caller: Caller, command: ToggleEmail) -> ParticipantId:
    """
    :raises Refusal: nothing was changed, for its reasons; STALE_VERSION where the envelope was not as it was seen.
    """

    def wish(participants: Sequence[Participant]) -> RosterWish:
        there = _one_of(participants, command.participant)
        envelope = email_invitation(there, can_send=caller.can_send)
        if command.seen is not None and command.seen is not envelope.state:
            raise _seen_otherwise(envelope.state.name)
        if envelope.unavailable_reason is not None:
            raise Refusal(refusal_to_turn_on(envelope.unavailable_reason, there, _AT))
        enabled = envelope.state is not EmailInvitationState.ACTIVE
        return RosterWish(emails=[EmailWish(there.id, enabled, _AT)])

    return await _change(house, caller, command.participant, wish)


async def set_participant_status(house: House, caller: Caller, choice: StatusChoice) -> ParticipantId:
    """On behalf of a participant.

    :raises Refusal: nothing was changed, for its reasons.
    """
    wish = RosterWish(statuses=[read_status(choice, _AT, ("reason",))])
    return await _change(house, caller, choice.participant, wish)


async def toggle_participant_status(house: House, caller: Caller, command: ToggleStatus) -> ParticipantId:
    """
    :raises Refusal: nothing was changed, for its reasons; STALE_VERSION where the status was not as it was seen.
    """

    def wish(participants: Sequence[Participant]) -> RosterWish:
        there = _one_of(participants, command.participant)
        if command.seen is not None and command.seen is not there.status:
            raise _seen_otherwise(there.status.name)
        return RosterWish(statuses=[StatusWish(there.id, after_toggle(there), None, _AT)])

    return await _change(house, caller, command.participant, wish)


async def _change(house: House, caller: Caller, participant: ParticipantId, wish: Wish) -> ParticipantId:
    check_is_employee(caller)
    async with house.database.read() as connection:
        there = await participant_there(connection, participant)
    # What the caller may not see and what is not there are refused alike: 0 is nobody's id.
    follow_up = FollowUpId(0) if there is None or there.removed_at is not None else there.follow_up_id
    await change_follow_up(house, caller, Ask(follow_up, _AT, wish), participant)
    return participant


def _one_of(participants: Sequence[Participant], wanted: ParticipantId) -> Participant:
    for one in participants:
        if one.id == wanted and one.removed_at is None:
            return one
    raise Refusal(user_error(UserErrorCode.NOT_FOUND, _AT, "There is no such participant in this follow-up."))


def _seen_otherwise(there: str) -> Refusal:
    message = "It is {there} meanwhile: look at it again."
    return Refusal(user_error(UserErrorCode.STALE_VERSION, _FROM, message, there=there))
