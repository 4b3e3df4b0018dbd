"""What is to be chosen from: containers, and available entries with who is busy (F5–F9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from invito.plugins.contract import (
    Container,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    PageRequest,
    ParticipantKind,
    Position,
    Span,
    UnknownContainer,
)
from invito.plugins.names import name_key, search_terms
from invito.plugins.plugin_manager import LoadedSource
from invito.services.addresses import is_valid_address
from invito.services.busy.availability import UNKNOWN, Availability, availability_of
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.follow_ups.commands import TypedSpan
from invito.services.follow_ups.repository import visible_follow_ups
from invito.services.follow_ups.times import read_span
from invito.services.follow_ups.values import FollowUpId
from invito.services.house import Caller, House
from invito.services.language import translate
from invito.services.paging import Page, PageAsk, cursor_of
from invito.services.participants.desk import SourceFailed, SourceWarning
from invito.services.participants.sources import enabled_keys
from invito.services.participants.unavailable import unavailable_among
from invito.services.storage.follow_up_tables import ParticipantRow, ReferenceRow

MOST_IN_SEARCH = 200
# How often a page is filled up where a source lists entries that an administrator set as not available.
_MOST_ROUNDS = 20

EMPTY = EntryPage(())


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry as it is offered. `source` is the key of the one that it belongs to."""

    entry: Entry
    source: str | None
    availability: Availability
    is_invited: bool
    is_available: bool
    can_receive_email: bool


@dataclass(frozen=True, slots=True)
class ListedPage(Page[ListedEntry]):
    """Entries, and the sources that could not answer."""

    warnings: tuple[SourceWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerList(Page[Container]):
    """Containers, and the source if it could not answer."""

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


async def containers(house: House, caller: Caller, key: str, search: str | None, ask: PageAsk) -> ContainerList:
    """The containers of a source, by name.

    :raises Unanswerable: UNKNOWN_SOURCE, INVALID_CURSOR, LIMIT_EXCEEDED for a search that is too long.
    """
    wanted = search_text(search)
    loaded = source_of_key(house, key)
    position = _position(ask, "containers")
    if not lists_for(caller) or finds_nothing(wanted) or ask.first == 0:
        return ContainerList((), (), has_next=False)
    try:
        query = ContainerQuery(PageRequest(ask.first, position), wanted)
        page = await house.desk.containers(caller.asker, loaded, query)
    except SourceFailed as failure:
        return ContainerList((), (), has_next=False, warnings=(failure.warning,))
    cursors = [cursor_of("containers", name_key(one.name), one.id) for one in page.containers]
    return ContainerList(page.containers, cursors, page.has_more, ask.after is not None, page.total)


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
    position = _position(ask, "entries")
    if not lists_for(caller) or finds_nothing(search) or ask.first == 0:
        return ListedPage((), (), has_next=False)
    query = EntryQuery(PageRequest(ask.first, position), container, search, asked.include_unavailable)
    try:
        page = await filled_page(house, caller, loaded, query)
    except SourceFailed as failure:
        return ListedPage((), (), has_next=False, warnings=(failure.warning,))
    except UnknownContainer:
        raise _not_found("container") from None
    items = await listed(house, caller, page.entries, span, asked.follow_up, even_unavailable=asked.include_unavailable)
    cursors = [cursor_of("entries", name_key(entry.name), entry.reference) for entry in page.entries]
    return ListedPage(items, cursors, page.has_more, ask.after is not None, page.total)


async def listed(
    house: House,
    caller: Caller,
    entries: Sequence[Entry],
    span: Span | None = None,
    follow_up: FollowUpId | None = None,
    *,
    even_unavailable: bool = False,
) -> list[ListedEntry]:
    """The entries as they are offered: who is free within the span, and who is invited to the follow-up already.

    `even_unavailable`: some may be among them whom an administrator set as not available.
    """
    invited = await _invited_among(house, entries, follow_up)
    hidden = await unavailable_among(house, [entry.reference for entry in entries]) if even_unavailable else set()
    free = {} if span is None else await availability_of(house, caller, entries, span, follow_up)
    return [
        ListedEntry(
            entry,
            house.plugins.source_key_of(entry.reference),
            free.get(entry.reference, UNKNOWN),
            not invited.isdisjoint(entry.references),
            entry.reference not in hidden,
            entry.kind is not ParticipantKind.RESOURCE and is_valid_address(entry.email),
        )
        for entry in entries
    ]


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


def search_text(typed: str | None) -> str:
    """
    :raises Unanswerable: LIMIT_EXCEEDED, where it is longer than anybody types.
    """
    wanted = (typed or "").strip()
    if len(wanted) > MOST_IN_SEARCH:
        message = translate("A search has at most {most} characters.").format(most=MOST_IN_SEARCH)
        raise Unanswerable(
            UnanswerableCode.LIMIT_EXCEEDED, message, ("search",), limit=MOST_IN_SEARCH, value=len(wanted)
        )
    return wanted


def finds_nothing(search: str) -> bool:
    """Whether something was typed that holds no word: it is the prefix of no name."""
    return bool(search) and not search_terms(search)


def lists_for(caller: Caller) -> bool:
    """Whoever is no employee sees empty lists; administrators see what they administer."""
    return caller.employee is not None or caller.is_administrator


async def _offered(house: House, caller: Caller, asked: AvailableAsk) -> LoadedSource:
    loaded = source_of_key(house, asked.source)
    if asked.include_unavailable and not caller.is_administrator:
        message = translate("Only administrators see who is not available as a participant.")
        raise Unanswerable(UserErrorCode.FORBIDDEN, message, ("includeUnavailable",))
    if not caller.is_administrator and asked.source not in await enabled_keys(house):
        raise _unknown_source()
    return loaded


def source_of_key(house: House, key: str) -> LoadedSource:
    """
    :raises Unanswerable: UNKNOWN_SOURCE.
    """
    loaded = house.plugins.sources.get(key)
    if loaded is None:
        raise _unknown_source()
    return loaded


def _own_container(asked: AvailableAsk) -> str | None:
    if asked.container is None:
        return None
    key, _, own = asked.container.partition(":")
    if key != asked.source or not own:
        raise _not_found("container")
    return own


async def filled_page(house: House, caller: Caller, loaded: LoadedSource, query: EntryQuery) -> EntryPage:
    """A page without those who are not available, asked for again until it is full.

    The built-in sources leave them out themselves, and are asked once.
    """
    entries: list[Entry] = []
    page, first = EMPTY, query.page.first
    position = query.page.after
    for _ in range(_MOST_ROUNDS):
        request = PageRequest(first - len(entries), position)
        page = await house.desk.entries(
            caller.asker, loaded, EntryQuery(request, query.container, query.search, query.include_unavailable)
        )
        hidden = set()
        if not query.include_unavailable:
            hidden = await unavailable_among(house, [entry.reference for entry in page.entries])
        entries.extend(entry for entry in page.entries if entry.reference not in hidden)
        if len(entries) >= first or not page.has_more or not page.entries:
            break
        position = Position(name_key(page.entries[-1].name), page.entries[-1].reference)
    return EntryPage(entries, page.has_more, page.total)


async def _invited_among(house: House, entries: Sequence[Entry], follow_up: FollowUpId | None) -> set[str]:
    if follow_up is None or not entries:
        return set()
    references = [reference for entry in entries for reference in entry.references]
    async with house.database.read() as connection:
        rows = await connection.execute(
            select(ReferenceRow.text)
            .join(ParticipantRow, ParticipantRow.reference_id == ReferenceRow.id)
            .where(
                ParticipantRow.follow_up_id == follow_up,
                ParticipantRow.removed_at.is_(None),
                ReferenceRow.text.in_(references),
            )
        )
        return set(rows.scalars())


def _position(ask: PageAsk, kind: str) -> Position | None:
    parts = ask.position(kind, str, str)
    return None if parts is None else Position(str(parts[0]), str(parts[1]))


def _unknown_source() -> Unanswerable:
    return Unanswerable(UnanswerableCode.UNKNOWN_SOURCE, translate("There is no source of this key."), ("source",))


def _not_found(name: str) -> Unanswerable:
    return Unanswerable(UserErrorCode.NOT_FOUND, translate("There is nothing of this id that you may see."), (name,))
