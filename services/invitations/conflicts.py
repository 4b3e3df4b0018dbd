"""Who is busy at the time of a follow-up they take part in, in bulk (F9): shown as KONFLIKT / CONFLICT."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, cast, extract, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from invito.plugins.contract import Span
from invito.services.busy.availability import Availability, AvailabilityState, Conflict, availability, conflict_of
from invito.services.busy.calendars import KINDS_WITH_A_CALENDAR
from invito.services.busy.references import references_of
from invito.services.busy.spans import LONGEST_SECONDS, busy_span_of
from invito.services.caller import Caller
from invito.services.follow_ups.participant_repository import participant_of, participants_select
from invito.services.follow_ups.repository import follow_up_of, follow_ups_select
from invito.services.follow_ups.values import FollowUp, Participant, ParticipantStatus
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.storage.follow_up_tables import BusySpanRow, FollowUpRow, ParticipantRow, ReferenceRow
from invito.services.storage.value_lists import among


async def availability_of_participants(
    house: House, caller: Caller, participants: Sequence[Participant]
) -> dict[ParticipantId, Availability]:
    """Each participant's availability at the time of their follow-up, whose own spans do not count."""
    found: dict[ParticipantId, list[Conflict]] = defaultdict(list)
    own = {one.id: one.reference in caller.references for one in participants}
    async with house.database.read() as connection:
        wanted = among(ParticipantRow.id, list(own), connection.dialect.name)
        for number, *columns in await connection.execute(_conflicts_select(connection).where(wanted)):
            participant = ParticipantId(number)
            found[participant].append(conflict_of(busy_span_of(columns), is_own=own[participant]))
    elsewhere, unanswered = await _busy_elsewhere(house, caller, participants)
    for number, conflicts in elsewhere.items():
        found[number].extend(conflicts)
    known = {one.id for one in participants if one.kind in KINDS_WITH_A_CALENDAR or one.id in elsewhere} - unanswered
    return {one.id: availability(found[one.id], is_known=one.id in known) for one in participants}


async def conflicting_participants(
    house: House, caller: Caller, follow_ups: Sequence[FollowUpId]
) -> dict[FollowUpId, set[ParticipantId]]:
    """Those of each follow-up who stand with CONFLICT."""
    if house.desk.knows_other_calendars:
        return await _conflicting_anywhere(house, caller, follow_ups)
    found: dict[FollowUpId, set[ParticipantId]] = {number: set() for number in follow_ups}
    async with house.database.read() as connection:
        query = _conflicts_select(connection).where(
            among(FollowUpRow.id, follow_ups, connection.dialect.name),
            FollowUpRow.is_cancelled.is_(False),
            ParticipantRow.status != ParticipantStatus.DECLINED,
        )
        narrow = query.with_only_columns(ParticipantRow.follow_up_id, ParticipantRow.id).distinct()
        for number, participant in await connection.execute(narrow):
            found[FollowUpId(number)].add(ParticipantId(participant))
    return found


def stands_with_conflict(follow_up: FollowUp, participant: Participant, there: Availability) -> bool:
    """Busy at its time; who declined is free, and what is cancelled takes no time (F9)."""
    is_coming = participant.status is not ParticipantStatus.DECLINED and not follow_up.is_cancelled
    return is_coming and there.state is AvailabilityState.BUSY


async def _conflicting_anywhere(
    house: House, caller: Caller, follow_ups: Sequence[FollowUpId]
) -> dict[FollowUpId, set[ParticipantId]]:
    """The same where plugins know further calendars, which no statement can ask."""
    async with house.database.read() as connection:
        query = participants_select().where(
            among(ParticipantRow.follow_up_id, follow_ups, connection.dialect.name),
            ParticipantRow.removed_at.is_(None),
        )
        participants = [participant_of(row) for row in await connection.execute(query)]
        there = await _follow_ups(connection, follow_ups)
    known = await availability_of_participants(house, caller, participants)
    found: dict[FollowUpId, set[ParticipantId]] = {number: set() for number in follow_ups}
    for one in participants:
        if stands_with_conflict(there[one.follow_up_id], one, known[one.id]):
            found[one.follow_up_id].add(one.id)
    return found


async def _busy_elsewhere(
    house: House, caller: Caller, participants: Sequence[Participant]
) -> tuple[dict[ParticipantId, list[Conflict]], set[ParticipantId]]:
    """What plugins know, and whose calendar could not be asked.

    They are asked once for each follow-up, since each has its own time.
    """
    if not house.desk.knows_other_calendars:
        return {}, set()
    of_follow_up: dict[FollowUpId, list[Participant]] = defaultdict(list)
    for one in participants:
        of_follow_up[one.follow_up_id].append(one)
    async with house.database.read() as connection:
        follow_ups = await _follow_ups(connection, list(of_follow_up))
        references = await references_of(connection, (one.identity for one in participants))
    found: dict[ParticipantId, list[Conflict]] = {}
    unanswered: set[ParticipantId] = set()
    for number, some in of_follow_up.items():
        span = Span(follow_ups[number].start, follow_ups[number].end)
        busy = await house.desk.busy(caller.asker, [text for one in some for text in references[one.identity]], span)
        for one in some:
            known_as = references[one.identity]
            calendars = [busy.spans[text] for text in known_as if text in busy.spans]
            if calendars:
                there = [each for spans in calendars for each in spans if each.overlaps(span)]
                found[one.id] = [Conflict(each.start, each.end) for each in there]
            if not busy.unanswered.isdisjoint(known_as):
                unanswered.add(one.id)
    return found, unanswered


async def _follow_ups(connection: AsyncConnection, ids: Sequence[FollowUpId]) -> dict[FollowUpId, FollowUp]:
    query = follow_ups_select().where(among(FollowUpRow.id, ids, connection.dialect.name))
    return {row.id: follow_up_of(row) for row in await connection.execute(query)}


def _conflicts_select(connection: AsyncConnection) -> Select[int, int, int, int, int | None, str | None]:
    # Probes ix_busy_span_reference once a participant; the longest class bounds how far back it walks.
    start, end = _seconds(connection, FollowUpRow.start), _seconds(connection, FollowUpRow.end)
    overlap = and_(
        BusySpanRow.reference_id == ReferenceRow.identity_id,
        BusySpanRow.start < end,
        BusySpanRow.start > start - LONGEST_SECONDS,
        BusySpanRow.end > start,
        or_(BusySpanRow.follow_up_id.is_(None), BusySpanRow.follow_up_id != FollowUpRow.id),
    )
    return (
        select(
            ParticipantRow.id,
            BusySpanRow.reference_id,
            BusySpanRow.start,
            BusySpanRow.end,
            BusySpanRow.follow_up_id,
            BusySpanRow.title,
        )
        .select_from(ParticipantRow)
        .join(FollowUpRow, FollowUpRow.id == ParticipantRow.follow_up_id)
        .join(ReferenceRow, ReferenceRow.id == ParticipantRow.reference_id)
        .join(BusySpanRow, overlap)
        .where(ParticipantRow.removed_at.is_(None), ParticipantRow.kind.in_(KINDS_WITH_A_CALENDAR))
    )


def _seconds(connection: AsyncConnection, instant: InstrumentedAttribute[datetime]) -> ColumnElement[int]:
    """A stored instant in seconds since 1970."""
    if connection.dialect.name == "sqlite":
        return cast(func.strftime("%s", instant, type_=Text), BigInteger)
    return cast(extract("epoch", instant), BigInteger)
