"""Filling a page from one source, past those who are not available and whom plugins take away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from invito.plugins.contract import EntryPage, EntryQuery, PageRequest
from invito.plugins.plugin_facts import LoadedSource
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.paging import MOST_ON_A_PAGE
from invito.services.participants.placing import Place, PlacedEntry, placed, position_of
from invito.services.participants.unavailable import unavailable_among
from invito.services.source_warnings import SourceWarning, each_once

# How often a source is asked for one page, each time for more: it is left off in the end, and goes on from there.
_MOST_ROUNDS = 8
_GROWTH = 4


@dataclass(frozen=True, slots=True)
class Scan:
    """Entries of a source, how far it was looked through (`end`, behind the last of them), and whether it goes on.

    `warnings` are of plugins that could not extend them.
    """

    entries: Sequence[PlacedEntry]
    end: Place
    has_more: bool
    total: int | None
    warnings: tuple[SourceWarning, ...] = ()


async def scan(house: House, caller: Caller, loaded: LoadedSource, wanted: EntryQuery, start: Place) -> Scan:
    """A page of those who are offered behind `start`, which stands for the position of the query's own page.

    Fewer than asked for, or none, where no more were found as far as the source was looked through. The built-in
    sources leave out who is not available themselves, and are asked once.

    :raises SourceFailed: the source raised, hung, or answered something else.
    :raises UnknownContainer: the source has no such container.
    """
    found: list[PlacedEntry] = []
    warned: list[SourceWarning] = []
    place, first, total = start, wanted.page.first, None
    for round_ in range(_MOST_ROUNDS):
        size = max(first, min(first * _GROWTH**round_, MOST_ON_A_PAGE))
        query = replace(wanted, page=PageRequest(size, place.own))
        page = await house.desk.entries(caller.asker, loaded, query)
        total = page.total if round_ == 0 else total
        offered, warnings = await _offered(house, caller, loaded, query, page, place)
        found.extend(offered)
        warned.extend(warnings)
        if len(found) > first:
            return Scan(found[:first], found[first - 1].place, has_more=True, total=total, warnings=each_once(warned))
        if not page.has_more:
            end = found[-1].place if found else place
            return Scan(found, end, has_more=False, total=total, warnings=each_once(warned))
        place = Place(position_of(page.entries[-1]))
        if len(found) == first:
            break
    return Scan(found, place, has_more=True, total=total, warnings=each_once(warned))


async def _offered(
    house: House, caller: Caller, loaded: LoadedSource, query: EntryQuery, page: EntryPage, start: Place
) -> tuple[list[PlacedEntry], Sequence[SourceWarning]]:
    """Those of the page, as plugins extend it, who are available."""
    extended, warnings = await house.desk.extended(caller.asker, loaded, page.entries)
    entries = placed(page, extended, start, query.search)
    # Built-in sources have looked already.
    if query.include_unavailable or (extended is page.entries and loaded.plugin.is_built_in):
        return entries, warnings
    looked_at = set(map(id, page.entries)) if loaded.plugin.is_built_in else set()
    hidden = await unavailable_among(house, (one.entry for one in entries if id(one.entry) not in looked_at))
    return [one for one in entries if one.entry.reference not in hidden], warnings
