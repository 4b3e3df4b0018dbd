"""One search box over every source that can be searched: people, resources, a whole e-mail address as typed (F11)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge

from invito.plugins.contract import Entry, EntryQuery, PageRequest
from invito.services.addresses import address_key, normalised_address
from invito.services.caller import Caller
from invito.services.follow_ups.commands import TypedSpan
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.paging import PageAsk, cursor_of
from invito.services.participants.finding import owners_of_addresses
from invito.services.participants.listing import ListedPage, listed, span_asked
from invito.services.participants.people import typed_entry
from invito.services.participants.placing import Place, PlacedEntry, position_of
from invito.services.participants.scanning import Scan, scan
from invito.services.participants.search_text import finds_nothing, search_text
from invito.services.participants.sources import enabled_keys, lists_for
from invito.services.participants.unavailable import unavailable_among
from invito.services.source_desk import SourceFailed
from invito.services.source_warnings import SourceWarning, each_once

_KIND = "search"
# In place of a source, where an address is searched.
_TYPED = ""

# How far each source was looked through, by its key.
Places = dict[str, Place]


@dataclass(frozen=True, slots=True)
class SourceScan:
    """What one source found. `rank` is its place among the sources, which tells who comes first of one name."""

    source: str
    rank: int
    scan: Scan


@dataclass(frozen=True, slots=True)
class Merged:
    """Entries of several sources in order, each with the cursor behind it, and the cursor of the next page."""

    entries: Sequence[Entry]
    cursors: Sequence[str]
    has_more: bool
    end: str


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
    places = _places(ask)
    if not lists_for(caller) or not wanted or ask.first == 0:
        return ListedPage((), (), has_next=False)
    address = normalised_address(wanted)
    if address is not None:
        entries, warnings = await _of_address(house, caller, address)
        rest = _behind(entries, places.get(_TYPED, Place()))
        offered = await listed(house, caller, rest[: ask.first], span, follow_up)
        cursors = [_cursor({_TYPED: Place(position_of(one.entry))}) for one in offered.entries]
        return ListedPage(
            offered.entries, cursors, len(rest) > ask.first, ask.after is not None, len(entries),
            warnings=each_once(warnings, offered.warnings),
        )  # fmt: skip
    if finds_nothing(wanted):
        return ListedPage((), (), has_next=False)
    scans, warnings = await _scans(house, caller, wanted, places, ask.first)
    found = merged(scans, places, ask.first)
    offered = await listed(house, caller, found.entries, span, follow_up)
    return ListedPage(
        offered.entries, found.cursors, found.has_more, ask.after is not None,
        end=found.end if found.has_more else None, warnings=each_once(warnings, offered.warnings),
    )  # fmt: skip


async def _scans(
    house: House, caller: Caller, search: str, places: Places, first: int
) -> tuple[list[SourceScan], list[SourceWarning]]:
    """A page of each source, of those that answer. All are asked at once, so that one that hangs holds up no other."""
    query = EntryQuery(PageRequest(first), None, search, wants_total=False)
    searched = [key for key in await enabled_keys(house) if house.plugins.sources[key].source.searches_participants]
    scans: list[SourceScan] = []
    warnings: list[SourceWarning] = []
    results = await asyncio.gather(*(_scan(house, caller, key, query, places) for key in searched))
    for rank, (key, found) in enumerate(zip(searched, results, strict=True)):
        if isinstance(found, SourceWarning):
            warnings.append(found)
        else:
            scans.append(SourceScan(key, rank, found))
            warnings.extend(found.warnings)
    return scans, warnings


async def _scan(house: House, caller: Caller, key: str, query: EntryQuery, places: Places) -> Scan | SourceWarning:
    try:
        return await scan(house, caller, house.plugins.sources[key], query, places.get(key, Place()))
    except SourceFailed as failure:
        return failure.warning


def merged(scans: Sequence[SourceScan], start: Places, first: int) -> Merged:
    """The first entries by name, each only once.

    A cursor stands behind the doubles that follow its entry, so that they do not begin the next page; the last one
    behind all that the sources looked through before it.
    """
    places, taken = dict(start), Counter[str]()
    known: set[str] = set()
    entries: list[Entry] = []
    cursors: list[str] = []
    found = merge(*(_in_order(one) for one in scans), key=lambda one: one[0])
    is_full = False
    for _, source, placed in found:
        is_double = not known.isdisjoint(placed.entry.references)
        if len(entries) == first and not is_double:
            is_full = True
            break
        places[source] = placed.place
        taken[source] += 1
        if is_double:
            cursors[-1] = _cursor(places)
            continue
        known.update(placed.entry.references)
        entries.append(placed.entry)
        cursors.append(_cursor(places))
    places |= {one.source: one.scan.end for one in scans if taken[one.source] == len(one.scan.entries)}
    end = _cursor(places)
    has_more = is_full or any(one.scan.has_more for one in scans)
    return Merged(entries, [*cursors[:-1], end][: len(entries)], has_more, end)


def _in_order(one: SourceScan) -> list[tuple[tuple[str, int], str, PlacedEntry]]:
    return [((placed.name_key, one.rank), one.source, placed) for placed in one.scan.entries]


async def _of_address(house: House, caller: Caller, address: str) -> tuple[list[Entry], Sequence[SourceWarning]]:
    """Those who have the address; the address itself too, where it may be invited as it is typed."""
    owners = await owners_of_addresses(house, caller.asker, [address])
    known = owners.entries[address_key(address)]
    hidden = await unavailable_among(house, known)
    entries = [entry for entry in known if entry.reference not in hidden]
    if len(known) > 1 or not (known or owners.unknown_employees):
        entries.append(typed_entry(address, address))
    return entries, owners.warnings


def _behind(entries: Sequence[Entry], place: Place) -> Sequence[Entry]:
    """Those after the place; all of them where nobody stands there, or no longer."""
    positions = [position_of(entry) for entry in entries]
    return entries[positions.index(place.own) + 1 :] if place.own in positions else entries


def _cursor(places: Places) -> str:
    return cursor_of(_KIND, *(part for key, place in places.items() for part in (key, *place.parts)))


def _places(ask: PageAsk) -> Places:
    positions = ask.positions(_KIND, str, str, str, str, str) or ()
    return {str(key): Place.of_parts(tuple(map(str, parts))) for key, *parts in positions}
