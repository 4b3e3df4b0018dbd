"""The overviews of other users and resources that a viewer has open: they are taken into what is created (F8)."""

from collections.abc import Sequence

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.commands import TypedEmail
from invito.services.house import House
from invito.services.participants.listing import ListedEntry, listed
from invito.services.participants.overview_repository import keep_overviews, overviews_of
from invito.services.participants.people import resolve_people
from invito.services.storage.turns import take_turn

_MOST = 100
_AT = ("participants",)


async def open_overview_references(house: House, caller: Caller) -> list[str]:
    """Whose overviews the caller has open, in the order in which they were named."""
    if caller.employee is None:
        return []
    async with house.database.read() as connection:
        return await overviews_of(connection, caller.employee.reference)


async def open_overviews(house: House, caller: Caller) -> Sequence[ListedEntry]:
    """The same as entries: those whom a new follow-up would take in. Whoever is gone since is left out."""
    references = await open_overview_references(house, caller)
    known, _ = await resolve_people(house, caller, [(one, _AT) for one in references])
    return (await listed(house, caller, [one.entry for one in known if one is not None])).entries


async def set_open_overviews(house: House, caller: Caller, who: Sequence[str | TypedEmail]) -> None:
    """These overviews are open now, and no others.

    :raises Refusal: nothing was changed, for its reasons.
    """
    check_is_employee(caller)
    if len(who) > _MOST:
        message = "These are {count} overviews; at most {most} are open at once."
        raise Refusal(user_error(UserErrorCode.TOO_MANY, _AT, message, count=len(who), most=_MOST))
    wishes = [(one, (*_AT, str(place))) for place, one in enumerate(who)]
    known, errors = await resolve_people(house, caller, wishes)
    if errors:
        raise Refusal(*errors)
    references = dict.fromkeys(one.entry.reference for one in known if one is not None)
    employee = caller.references[0]
    async with house.database.write() as connection:
        await take_turn(connection, f"open overviews of {employee}")
        await keep_overviews(connection, employee, list(references))
