"""What the dialog wants of the list of participants, read from what was typed."""

from invito.services.caller import Caller
from invito.services.errors import Path, Refusal, UserError, UserErrorCode, user_error
from invito.services.follow_ups.commands import ParticipantChanges, StatusChoice
from invito.services.follow_ups.texts import MOST_IN_REASON, read_optional_text
from invito.services.house import House
from invito.services.invitations.inviting import resolve_invitees
from invito.services.invitations.roster import EmailWish, RosterWish, StatusWish


async def save_wish(
    house: House, caller: Caller, changes: ParticipantChanges, path: Path
) -> tuple[RosterWish, tuple[UserError, ...]]:
    """The wish, and what is wrong with it already; `path` leads to the changes in the input."""
    resolved = await resolve_invitees(house, caller, changes.add, (*path, "add"), wants_email=False)
    problems = [*resolved.errors]
    statuses = []
    for place, choice in enumerate(changes.statuses):
        try:
            at = (*path, "statuses", str(place))
            statuses.append(read_status(choice, (*at, "participantId"), (*at, "reason")))
        except Refusal as refusal:
            problems.extend(refusal.errors)
    problems.extend(
        too_many(house, len(some), (*path, name))
        for name, some in (("remove", changes.remove), ("emailInvitations", changes.emails), ("statuses", statuses))
        if len(some) > house.rules.most_participants
    )
    wish = RosterWish(
        remove=[(one, (*path, "remove", str(place))) for place, one in enumerate(changes.remove)],
        add=resolved.candidates,
        emails=[
            EmailWish(one.participant, one.enabled, (*path, "emailInvitations", str(place), "participantId"))
            for place, one in enumerate(changes.emails)
        ],
        statuses=statuses,
    )
    return wish, tuple(problems)


def read_status(choice: StatusChoice, at: Path, reason_at: Path) -> StatusWish:
    """
    :raises Refusal: INVALID_INPUT, where the reason is no text.
    """
    reason = read_optional_text(choice.reason, MOST_IN_REASON, reason_at, one_line=False)
    return StatusWish(choice.participant, choice.status, reason, at)


def too_many(house: House, count: int, path: Path) -> UserError:
    message = "These are {count}; a call takes at most {most}."
    return user_error(UserErrorCode.TOO_MANY, path, message, count=count, most=house.rules.most_participants)
