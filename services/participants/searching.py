"""One search box over every source that can be searched: people, resources, a whole e-mail address as typed (F11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import merge

import orjson

from invito.plugins.contract import Entry, EntryPage, EntryQuery, PageRequest, Position
from invito.plugins.names import name_key
from invito.plugins.plugin_manager import LoadedSource
from invito.services.addresses import address_key, normalised_address
from invito.services.follow_ups.commands import TypedSpan
from invito.services.follow_ups.values import FollowUpId
from invito.services.house import Caller, House
from invito.services.paging import PageAsk, cursor_of, invalid_cursor
from invito.services.participants.desk import SourceFailed, SourceWarning
from invito.services.participants.listing import (
    ListedPage,
    filled_page,
    finds_nothing,
    listed,
    lists_for,
    search_text,
    span_asked,
)
from invito.services.participants.people import typed_entry
from invito.services.participants.sources import enabled_keys
from invito.services.participants.unavailable import unavailable_among

# Where each source goes on: its key to the name key and reference of its last entry on the page.
Positions = dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Found:
    """An entry, where it stands in the merged order, and the source that listed it."""

    order: tuple[str, int]
    source: str
    entry: Entry


async def search_participants(
    house: House,
    caller: Caller,
    search: str,
    during: TypedSpan | None,
    follow_up: FollowUpId | None,
    ask: PageAsk,
) -> ListedPage:
    """Who is found by prefixes of the words of a name, by name; or by a whole address, and the address itself.

    :raises Unanswerable: LIMIT_EXCEEDED, INVALID_CURSOR, NOT_FOUND for a follow-up that is not to be seen.
    :raises Refusal: the time span is none.
    """
    wanted = search_text(search)
    span = await span_asked(house, caller, during, follow_up)
    positions = _positions(ask)
    if not lists_for(caller) or not wanted or ask.first == 0:
        return ListedPage((), (), has_next=False)
    address = normalised_address(wanted)
    if address is not None:
        entries, warnings = await _of_address(house, caller, address)
        items = await listed(house, caller, entries[: ask.first] if ask.after is None else [], span, follow_up)
        cursors = [cursor_of("search", "{}") for _ in items]
        return ListedPage(items, cursors, has_next=False, total=len(entries), warnings=tuple(warnings))
    if finds_nothing(wanted):
        return ListedPage((), (), has_next=False)
    found, has_more, warnings = await _merged(house, caller, wanted, positions, ask.first)
    items = await listed(house, caller, [entry for entry, _ in found], span, follow_up)
    cursors = [cursor for _, cursor in found]
    return ListedPage(items, cursors, has_more, ask.after is not None, warnings=tuple(warnings))


async def _merged(
    house: House, caller: Caller, search: str, positions: Positions, first: int
) -> tuple[list[tuple[Entry, str]], bool, list[SourceWarning]]:
    """The first entries of all sources together, each only once."""
    enabled = await enabled_keys(house)
    pages: list[list[_Found]] = []
    warnings = []
    has_more = False
    for place, key in enumerate(key for key in enabled if house.plugins.sources[key].source.searches_participants):
        try:
            page = await _page(house, caller, house.plugins.sources[key], search, positions.get(key), first)
        except SourceFailed as failure:
            warnings.append(failure.warning)
            continue
        has_more = has_more or page.has_more
        pages.append([_Found((name_key(entry.name), place), key, entry) for entry in page.entries])
    items, more = _each_once(merge(*pages, key=lambda one: one.order), positions, first)
    return items, has_more or more, warnings


def _each_once(found: Iterable[_Found], start: Positions, first: int) -> tuple[list[tuple[Entry, str]], bool]:
    """The first entries, each only once, with their cursors; and whether any other is left.

    A cursor stands behind the doubles that follow its entry, so that they do not begin the next page.
    """
    positions = dict(start)
    known: set[str] = set()
    items: list[tuple[Entry, str]] = []
    for one in found:
        is_double = not known.isdisjoint(one.entry.references)
        if len(items) == first and not is_double:
            return items, True
        positions[one.source] = (one.order[0], one.entry.reference)
        cursor = cursor_of("search", orjson.dumps(positions).decode())
        if is_double:
            items[-1] = (items[-1][0], cursor)
            continue
        known.update(one.entry.references)
        items.append((one.entry, cursor))
    return items, False


async def _page(
    house: House, caller: Caller, loaded: LoadedSource, search: str, position: tuple[str, str] | None, first: int
) -> EntryPage:
    after = None if position is None else Position(*position)
    return await filled_page(house, caller, loaded, EntryQuery(PageRequest(first, after), None, search))


async def _of_address(house: House, caller: Caller, address: str) -> tuple[list[Entry], list[SourceWarning]]:
    """Those who have the address; the address itself too, where it is not exactly one entry's."""
    found, warnings = await house.desk.find(caller.asker, [address])
    known = found[address_key(address)]
    hidden = await unavailable_among(house, [entry.reference for entry in known])
    entries = [entry for entry in known if entry.reference not in hidden]
    if len(known) != 1:
        entries.append(typed_entry(address, address))
    return entries, warnings


def _positions(ask: PageAsk) -> Positions:
    parts = ask.position("search", str)
    if parts is None:
        return {}
    try:
        positions = orjson.loads(str(parts[0]))
        return {key: (str(name), str(reference)) for key, (name, reference) in positions.items()}
    except (ValueError, TypeError, AttributeError):
        raise invalid_cursor() from None
