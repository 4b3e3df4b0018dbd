"""What is to be chosen from: available entries, with who is busy and who is invited already (F5–F9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from invito.plugins.contract import Entry, EntryQuery, PageRequest, ParticipantKind, Span, UnknownContainer
from invito.plugins.plugin_facts import LoadedSource
from invito.services.addresses import is_valid_address
from invito.services.busy.availability import UNKNOWN, Availability, KnownAvailability, availability_of
from invito.services.caller import Caller
from invito.services.errors import Unanswerable, UserErrorCode
from invito.services.follow_ups.commands import TypedSpan
from invito.services.follow_ups.participant_repository import taking_part_among
from invito.services.follow_ups.repository import visible_follow_ups
from invito.services.follow_ups.times import read_span
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.language import translate
from invito.services.paging import LazyCursors, Page, PageAsk, cursor_of
from invito.services.participants.placing import Place, PlacedEntry
from invito.services.participants.scanning import scan
from invito.services.participants.search_text import finds_nothing, search_text
from invito.services.participants.sources import lists_for, source_offered
from invito.services.participants.unavailable import unavailable_among
from invito.services.source_desk import SourceFailed
from invito.services.source_warnings import SourceWarning, each_once

_KIND = "entries"


class ListedEntry(NamedTuple):
    """An entry as it is offered."""

    entry: Entry
    availability: Availability
    is_invited: bool
    is_available: bool
    can_receive_email: bool


@dataclass(frozen=True, slots=True)
class ListedEntries:
    """Entries in the order in which they were asked for, and the calendars that could not be asked."""

    entries: Sequence[ListedEntry]
    warnings: tuple[SourceWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedPage(Page[ListedEntry]):
    """Entries, and the sources and plugins that could not answer."""

    warnings: tuple[SourceWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class AvailableAsk:
    """Which entries are asked for. `container` is `<source key>:<the source's own id>`."""

    source: str
    container: str | None = None
    search: str = ""
    during: TypedSpan | None = None
    follow_up: FollowUpId | None = None
    include_unavailable: bool = False
    wants_total: bool = True


async def available_participants(house: House, caller: Caller, asked: AvailableAsk, ask: PageAsk) -> ListedPage:
    """The entries of a container, or of all where the source offers All, by name.

    :raises Unanswerable: what is asked for is not there, not offered, or not for this caller.
    :raises Refusal: the time span is none.
    """
    search = search_text(asked.search)
    loaded = await _offered(house, caller, asked)
    span = await span_asked(house, caller, asked.during, asked.follow_up)
    container = _own_container(asked)
    if container is None and not loaded.source.offers_all:
        message = translate("This source does not offer All: choose one of its containers.")
        raise Unanswerable(UserErrorCode.INVALID_INPUT, message, ("container",))
    start = _place(ask)
    if not lists_for(caller) or finds_nothing(search) or ask.first == 0:
        return ListedPage((), (), has_next=False)
    query = EntryQuery(PageRequest(ask.first), container, search, asked.include_unavailable, asked.wants_total)
    try:
        found = await scan(house, caller, loaded, query, start)
    except SourceFailed as failure:
        return ListedPage((), (), has_next=False, warnings=(failure.warning,))
    except UnknownContainer:
        raise _not_found("container") from None
    entries = [one.entry for one in found.entries]
    offered = await listed(house, caller, entries, span, asked.follow_up, even_unavailable=asked.include_unavailable)
    # The last cursor stands behind what was looked through and is not offered, so that it is not looked through again.
    places: list[PlacedEntry | Place] = [*found.entries[:-1], found.end]
    cursors = LazyCursors(lambda place: cursor_of(_KIND, *place.parts), places)
    return ListedPage(
        offered.entries, cursors[: len(offered.entries)], found.has_more, ask.after is not None, found.total,
        end=cursors[-1] if found.has_more else None, warnings=each_once(found.warnings, offered.warnings),
    )  # fmt: skip


async def listed(
    house: House,
    caller: Caller,
    entries: Sequence[Entry],
    span: Span | None = None,
    follow_up: FollowUpId | None = None,
    *,
    even_unavailable: bool = False,
) -> ListedEntries:
    """The entries as they are offered: who is free within the span, and who is invited to the follow-up already.

    `even_unavailable`: some may be among them whom an administrator set as not available.
    """
    invited = await _invited_among(house, entries, follow_up)
    hidden = await unavailable_among(house, entries) if even_unavailable else set()
    free = KnownAvailability() if span is None else await availability_of(house, caller, entries, span, follow_up)
    items = [
        ListedEntry(
            entry,
            free.by_reference.get(entry.reference, UNKNOWN),
            bool(invited) and not invited.isdisjoint(entry.references),
            entry.reference not in hidden,
            entry.kind is not ParticipantKind.RESOURCE and is_valid_address(entry.email),
        )
        for entry in entries
    ]
    return ListedEntries(items, free.warnings)


async def span_asked(
    house: House, caller: Caller, during: TypedSpan | None, follow_up: FollowUpId | None
) -> Span | None:
    """The span that availability is asked for: as typed, else the follow-up's."""
    there = None
    if follow_up is not None:
        async with house.database.read() as connection:
            there = (await visible_follow_ups(connection, caller, [follow_up])).get(follow_up)
        if there is None:
            raise _not_found("followUp")
    if during is not None:
        return read_span(during, ZoneInfo(caller.time_zone), ("during",))
    return None if there is None else Span(there.start, there.end)


async def _offered(house: House, caller: Caller, asked: AvailableAsk) -> LoadedSource:
    loaded = await source_offered(house, caller, asked.source)
    if asked.include_unavailable and not caller.is_administrator:
        message = translate("Only administrators see who is not available as a participant.")
        raise Unanswerable(UserErrorCode.FORBIDDEN, message, ("includeUnavailable",))
    return loaded


def _own_container(asked: AvailableAsk) -> str | None:
    if asked.container is None:
        return None
    key, _, own = asked.container.partition(":")
    if key != asked.source or not own:
        raise _not_found("container")
    return own


async def _invited_among(house: House, entries: Sequence[Entry], follow_up: FollowUpId | None) -> set[str]:
    if follow_up is None or not entries:
        return set()
    references = [reference for entry in entries for reference in entry.references]
    async with house.database.read() as connection:
        return await taking_part_among(connection, follow_up, references)


def _place(ask: PageAsk) -> Place:
    parts = ask.position(_KIND, str, str, str, str)
    return Place() if parts is None else Place.of_parts(tuple(map(str, parts)))


def _not_found(name: str) -> Unanswerable:
    return Unanswerable(UserErrorCode.NOT_FOUND, translate("There is nothing of this id that you may see."), (name,))
