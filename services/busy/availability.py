"""Whether those who are listed are free at a time (F9): Invito's own spans, and those that plugins know of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import chain

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Entry, Span
from invito.services.busy.calendars import KINDS_WITH_A_CALENDAR
from invito.services.busy.finding import busy_spans_of
from invito.services.busy.spans import BusySpan
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.source_desk import OtherCalendars
from invito.services.source_warnings import SourceWarning


class AvailabilityState(Enum):
    """UNKNOWN where nobody here keeps this one's calendar or it could not be asked, or no time was asked about."""

    FREE = "FREE"
    BUSY = "BUSY"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A busy span. `title` is one that the caller may see without seeing a follow-up: their own imported calendar's."""

    start: datetime
    end: datetime
    follow_up: FollowUpId | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """Conflicts in the order of their start."""

    state: AvailabilityState
    conflicts: tuple[Conflict, ...] = ()


UNKNOWN = Availability(AvailabilityState.UNKNOWN)
_FREE = Availability(AvailabilityState.FREE)


@dataclass(frozen=True, slots=True)
class KnownAvailability:
    """Each entry's availability by its reference, and the calendars that could not be asked.

    One that is not in it is UNKNOWN.
    """

    by_reference: Mapping[str, Availability] = field(default_factory=dict)
    warnings: tuple[SourceWarning, ...] = ()


async def availability_of(
    house: House, caller: Caller, entries: Sequence[Entry], span: Span, apart_from: FollowUpId | None = None
) -> KnownAvailability:
    """Each entry's availability within `span`; one follow-up's own spans do not count."""
    async with house.database.read() as connection:
        own = await _own_conflicts(connection, caller, entries, span, apart_from)
    if not house.desk.knows_other_calendars:
        busy = {reference: availability(found, is_known=True) for reference, found in own.items() if found}
        return KnownAvailability(dict.fromkeys(own, _FREE) | busy)
    asked = list(dict.fromkeys(reference for entry in entries for reference in entry.references))
    others = await house.desk.busy(caller.asker, asked, span)
    known = {entry.reference: _availability(entry, own, others, span) for entry in entries}
    return KnownAvailability(known, others.warnings)


async def _own_conflicts(
    connection: AsyncConnection, caller: Caller, entries: Sequence[Entry], span: Span, apart_from: FollowUpId | None
) -> dict[str, Sequence[Conflict]]:
    """Those of each whose calendar is kept here."""
    kept = [entry for entry in entries if entry.kind in KINDS_WITH_A_CALENDAR]
    found = await busy_spans_of(connection, [reference for entry in kept for reference in entry.references], span)
    conflicts: dict[str, Sequence[Conflict]] = dict.fromkeys((entry.reference for entry in kept), ())
    for entry in kept:
        if entry.reference not in found and not entry.aliases:
            continue
        conflicts[entry.reference] = [
            conflict_of(busy, is_own=entry.reference in caller.references)
            for busy in _spans_of(entry, found)
            if busy.follow_up is None or busy.follow_up != apart_from
        ]
    return conflicts


def _spans_of(entry: Entry, found: Mapping[str, Sequence[BusySpan]]) -> Iterable[BusySpan]:
    """Those of all references of the entry; references that share an identity share their spans."""
    if not entry.aliases:
        return found.get(entry.reference, ())
    by_identity = {found[one][0].reference_id: found[one] for one in entry.references if one in found}
    return chain.from_iterable(by_identity.values())


def conflict_of(busy: BusySpan, *, is_own: bool) -> Conflict:
    """What may leave of a busy span: an imported calendar's titles are for the one whose calendar it is."""
    return Conflict(busy.start, busy.end, busy.follow_up, busy.title if is_own else None)


def _availability(
    entry: Entry, own: Mapping[str, Sequence[Conflict]], others: OtherCalendars, span: Span
) -> Availability:
    """FREE is said where all calendars that may say otherwise were asked."""
    is_kept = entry.reference in own or any(reference in others.spans for reference in entry.references)
    known = is_kept and others.unanswered.isdisjoint(entry.references)
    elsewhere = (
        Conflict(busy.start, busy.end)
        for reference in entry.references
        for busy in others.spans.get(reference, ())
        if busy.overlaps(span)
    )
    return availability([*own.get(entry.reference, ()), *elsewhere], is_known=known)


def availability(conflicts: Sequence[Conflict], *, is_known: bool) -> Availability:
    """The state that follows from these conflicts."""
    ordered = tuple(sorted(conflicts, key=lambda one: (one.start, one.end))) if conflicts else ()
    if ordered:
        return Availability(AvailabilityState.BUSY, ordered)
    return _FREE if is_known else UNKNOWN
