"""What a caller may see of follow-ups: pages, in bulk, one statement each, whatever their size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from invito.plugins.names import search_terms
from invito.services.caller import Caller
from invito.services.follow_ups import repository
from invito.services.follow_ups.commands import TypedEmail, TypedSpan
from invito.services.follow_ups.repository import follow_up_of, follow_ups_select
from invito.services.follow_ups.times import read_instant, read_span
from invito.services.follow_ups.values import FollowUp, FollowUpType
from invito.services.follow_ups.visibility import own_references, visible_to, ways_to_see
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.paging import CursorPart, Page, PageAsk, cursor_of, instant_of_part, instant_part, page_of
from invito.services.participants.people import is_readable, resolve_people, typed_reference
from invito.services.participants.search_text import finds_nothing, search_text
from invito.services.storage.follow_up_tables import FollowUpRow, OwnerRow, ParticipantRow, ReferenceRow

# In follow-ups, whoever may see them: some 2 ms.
LONGEST_WALK = 2_000


class FollowUpOrder(Enum):
    """The order of a list of follow-ups; ties by id."""

    START = "START"
    START_LATEST_FIRST = "START_LATEST_FIRST"
    UPDATED_LATEST_FIRST = "UPDATED_LATEST_FIRST"


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    """What is left out does not narrow the list down. `during`: those that overlap the span."""

    updated_since: str | None = None
    owned_by_viewer: bool | None = None
    type: FollowUpType | None = None
    during: TypedSpan | None = None
    is_completed: bool | None = None
    search: str | None = None
    participant: str | TypedEmail | None = None

    @property
    def begins_at_few(self) -> bool:
        """What one person takes part in or owns is found by an index of theirs, whatever else there is."""
        return self.participant is not None or self.owned_by_viewer is True


async def visible_follow_ups(house: House, caller: Caller, ids: Sequence[FollowUpId]) -> dict[FollowUpId, FollowUp]:
    """Those of the ids that are there and that the caller may see."""
    async with house.database.read() as connection:
        return await repository.visible_follow_ups(connection, caller, ids)


async def follow_up_page(
    house: House, caller: Caller, wanted: FollowUpFilter, order: FollowUpOrder, ask: PageAsk
) -> Page[FollowUp]:
    """The follow-ups that the caller may see. The total is counted by `follow_up_count`.

    :raises Refusal: a time of the filter is none.
    :raises Unanswerable: INVALID_CURSOR.
    """
    after = ask.position(order.name, int, int)
    conditions = await _conditions(house, caller, wanted)
    if conditions is None:
        return Page((), (), has_next=False)
    query = _ordered(follow_ups_select().where(visible_to(caller), *conditions), order, after).limit(ask.first + 1)
    async with house.database.read() as connection:
        bound = None if wanted.begins_at_few else await _end_of_walk(connection, order, after)
        if bound is not None:
            query = query.where(_up_to(bound, order))
        rows = (await connection.execute(query)).all()
        if bound is not None and len(rows) <= ask.first:
            query = _by_ways(caller, conditions, order, after, ask.first + 1)
            rows = (await connection.execute(query)).all()
    found = [follow_up_of(row) for row in rows]
    return page_of(found, ask, lambda one: cursor_of(order.name, instant_part(_key(one, order)), one.id))


async def follow_up_count(house: House, caller: Caller, wanted: FollowUpFilter) -> int:
    """How many there are on all pages."""
    conditions = await _conditions(house, caller, wanted)
    if conditions is None:
        return 0
    counted = select(func.count()).select_from(FollowUpRow)
    if wanted.begins_at_few:
        everything = counted.join(OwnerRow, OwnerRow.reference_id == FollowUpRow.owner_reference_id)
        queries = [everything.where(visible_to(caller), *conditions)]
    else:
        queries = [counted.where(way, *conditions) for way in ways_to_see(caller)]
    async with house.database.read() as connection:
        return sum([(await connection.execute(query)).scalar_one() for query in queries])


async def _conditions(house: House, caller: Caller, wanted: FollowUpFilter) -> list[ColumnElement[bool]] | None:
    """What narrows the list down; None where nothing can be found."""
    zone = ZoneInfo(caller.time_zone)
    conditions: list[ColumnElement[bool]] = []
    if wanted.updated_since is not None:
        since = read_instant(wanted.updated_since, zone, ("filter", "updatedSince"))
        conditions.append(FollowUpRow.updated_at >= since)
    if wanted.owned_by_viewer is not None:
        owned = FollowUpRow.owner_reference_id.in_(own_references(caller))
        conditions.append(owned if wanted.owned_by_viewer else ~owned)
    if wanted.type is not None:
        conditions.append(FollowUpRow.type == wanted.type)
    if wanted.during is not None:
        span = read_span(wanted.during, zone, ("filter", "during"))
        conditions.append(and_(FollowUpRow.start < span.end, FollowUpRow.end > span.start))
    if wanted.is_completed is not None:
        conditions.append(FollowUpRow.is_completed == wanted.is_completed)
    search = search_text(wanted.search)
    if finds_nothing(search):
        return None
    conditions.extend(_has_word(terms) for terms in search_terms(search))
    if wanted.participant is not None:
        conditions.append(await _with_participant(house, caller, wanted.participant))
    return conditions


def _has_word(terms: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(FollowUpRow.title_words.contains(f" {term}", autoescape=True) for term in terms))


async def _with_participant(house: House, caller: Caller, who: str | TypedEmail) -> ColumnElement[bool]:
    """Whoever is not to be found anywhere may still be a participant of old, by their reference."""
    known, _ = await resolve_people(house, caller, [(who, ("filter", "participant"))], even_unavailable=True)
    named = who if isinstance(who, str) else typed_reference(who.address)
    references = [
        *(known[0].entry.references if known[0] is not None else ()),
        *([named] if is_readable(named) else ()),
    ]
    numbers = select(ReferenceRow.id).where(ReferenceRow.text.in_(references))
    taking_part = select(ParticipantRow.follow_up_id).where(
        ParticipantRow.reference_id.in_(numbers), ParticipantRow.removed_at.is_(None)
    )
    # Statements begin there, on ix_participant_inbox.
    return FollowUpRow.id.in_(taking_part)


async def _end_of_walk(
    connection: AsyncConnection, order: FollowUpOrder, after: tuple[CursorPart, ...] | None
) -> datetime | None:
    """How far a walk in this order goes, None where it comes to the end of the list.

    Most who ask see most follow-ups, and a walk fills their page at once. Who sees few would walk past all others'.
    """
    query = _ordered(select(_column(order)), order, after).offset(LONGEST_WALK).limit(1)
    bound: datetime | None = (await connection.execute(query)).scalar_one_or_none()
    return bound


def _by_ways(
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    order: FollowUpOrder,
    after: tuple[CursorPart, ...] | None,
    count: int,
) -> Select[Any]:
    """The same page, from what everybody sees and what few do: the first of each, then the first of both."""
    keys_of = cast(Select[Any], select(FollowUpRow.id, _column(order).label("instant")))
    first_of_each = [
        _ordered(keys_of.where(way, *conditions), order, after).limit(count).subquery() for way in ways_to_see(caller)
    ]
    both = union_all(*(select(first) for first in first_of_each)).subquery()
    # By the columns of the few that were found: SQLite looks through an index for the order otherwise.
    keys = (both.c.instant, both.c.id) if order is FollowUpOrder.START else (both.c.instant.desc(), both.c.id.desc())
    return follow_ups_select().join(both, both.c.id == FollowUpRow.id).order_by(*keys).limit(count)


def _ordered(query: Select[Any], order: FollowUpOrder, after: tuple[CursorPart, ...] | None) -> Select[Any]:
    # Rides on ix_follow_up_start and ix_follow_up_updated, or ix_follow_up_all_start and ix_follow_up_all_updated.
    column = _column(order)
    if order is FollowUpOrder.START:
        query = query.order_by(column, FollowUpRow.id)
    else:
        query = query.order_by(column.desc(), FollowUpRow.id.desc())
    if after is None:
        return query
    instant, number = instant_of_part(after[0]), after[1]
    if order is FollowUpOrder.START:
        return query.where(or_(column > instant, and_(column == instant, FollowUpRow.id > number)))
    return query.where(or_(column < instant, and_(column == instant, FollowUpRow.id < number)))


def _up_to(bound: datetime, order: FollowUpOrder) -> ColumnElement[bool]:
    return _column(order) <= bound if order is FollowUpOrder.START else _column(order) >= bound


def _column(order: FollowUpOrder) -> InstrumentedAttribute[datetime]:
    return FollowUpRow.updated_at if order is FollowUpOrder.UPDATED_LATEST_FIRST else FollowUpRow.start


def _key(follow_up: FollowUp, order: FollowUpOrder) -> datetime:
    return follow_up.updated_at if order is FollowUpOrder.UPDATED_LATEST_FIRST else follow_up.start
