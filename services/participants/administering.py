"""An administrator sets whether an entry is available as a participant at all (F7)."""

from invito.services.access import check_administrator
from invito.services.caller import Caller
from invito.services.errors import Refusal
from invito.services.follow_ups.commands import TypedEmail
from invito.services.house import House
from invito.services.participants.listing import ListedEntry, listed
from invito.services.participants.people import resolve_people
from invito.services.participants.unavailable import store_availability


async def set_available(house: House, caller: Caller, who: str | TypedEmail, *, is_available: bool) -> ListedEntry:
    """The entry as it is offered now, or no longer.

    :raises Refusal: FORBIDDEN, NOT_FOUND, INVALID_EMAIL.
    """
    check_administrator(caller)
    known, errors = await resolve_people(house, caller, [(who, ("participant",))], even_unavailable=True)
    if errors or known[0] is None:
        raise Refusal(*errors)
    await store_availability(house, known[0].entry, is_available=is_available)
    (entry,) = (await listed(house, caller, [known[0].entry], even_unavailable=True)).entries
    return entry
