"""From the wishes of a call to the candidates of a follow-up, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from invito.services.caller import Caller
from invito.services.errors import Path, UserError, UserErrorCode, user_error
from invito.services.follow_ups.commands import InviteeWish
from invito.services.house import House
from invito.services.invitations.roster import Candidate
from invito.services.participants.people import resolve_people


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who is meant by each wish that could be read, and what is wrong with the others."""

    candidates: tuple[Candidate, ...]
    errors: tuple[UserError, ...]


async def resolve_invitees(
    house: House, caller: Caller, wishes: Sequence[InviteeWish], path: Path, *, wants_email: bool
) -> Resolved:
    """The candidates for these wishes; `path` leads to the list of them in the input."""
    most = house.rules.most_invitees_a_call
    if len(wishes) > most:
        message = "These are {count} invitees; a call takes at most {most}: invite them in several calls."
        error = user_error(UserErrorCode.TOO_MANY, path, message, count=len(wishes), most=most)
        return Resolved((), (error,))
    known, errors = await resolve_people(
        house, caller, [(wish.who, (*path, str(place), "participant")) for place, wish in enumerate(wishes)]
    )
    candidates = [
        Candidate(
            one.entry, one.source, wish.role,
            wants_email if wish.wants_email is None else wish.wants_email, (*path, str(place)),
        )
        for place, (wish, one) in enumerate(zip(wishes, known, strict=True))
        if one is not None
    ]  # fmt: skip
    return Resolved(tuple(candidates), tuple(errors))
