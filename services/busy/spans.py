"""Busy spans in the table: what they are, and how they are written.

A span's length class says how long it may be, so that a search for what overlaps [start, end) looks back only that far.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Span
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.storage.follow_up_tables import BusySpanRow
from invito.services.storage.value_lists import among

_HOUR, _DAY = 3_600, 86_400
# The longest span of each class in seconds; the last is the longest follow-up that there may be.
LONGEST_IN_CLASS = (2 * _HOUR, _DAY, 14 * _DAY, 1_830 * _DAY)
LONGEST_SECONDS = LONGEST_IN_CLASS[-1]


@dataclass(frozen=True, slots=True)
class BusySpan:
    """When a reference is busy, and with what: a follow-up, or a title from an imported calendar."""

    reference_id: ReferenceId
    start: datetime
    end: datetime
    follow_up: FollowUpId | None
    title: str | None


def length_class(seconds: int) -> int:
    """The class of a span of this length.

    :raises ValueError: it is longer than the longest follow-up.
    """
    for number, longest in enumerate(LONGEST_IN_CLASS):
        if seconds <= longest:
            return number
    raise ValueError(f"a span of {seconds} seconds is longer than {LONGEST_SECONDS}")


async def add_busy(
    connection: AsyncConnection, follow_up: FollowUpId, span: Span, references: Iterable[ReferenceId]
) -> None:
    """These are busy with a follow-up. In the transaction that changes it."""
    rows = [_row(one, span) | {"follow_up_id": follow_up} for one in sorted(references)]
    if rows:
        await connection.execute(insert(BusySpanRow), rows)


async def remove_busy(connection: AsyncConnection, follow_up: FollowUpId, references: Iterable[ReferenceId]) -> None:
    """These are no longer busy with a follow-up. In the transaction that changes it."""
    free = sorted(references)
    if free:
        is_free = among(BusySpanRow.reference_id, free, connection.dialect.name)
        await connection.execute(delete(BusySpanRow).where(BusySpanRow.follow_up_id == follow_up, is_free))


async def store_calendar(
    connection: AsyncConnection, identity: ReferenceId, calendar: str, spans: Iterable[tuple[Span, str | None]]
) -> None:
    """The busy times of an imported calendar, in place of those that it had before."""
    await connection.execute(
        delete(BusySpanRow).where(BusySpanRow.reference_id == identity, BusySpanRow.calendar == calendar)
    )
    rows = [
        _row(identity, part) | {"calendar": calendar, "title": title} for span, title in spans for part in _parts(span)
    ]
    if rows:
        await connection.execute(insert(BusySpanRow), rows)


def _row(reference: ReferenceId, span: Span) -> dict[str, object]:
    start, end = seconds_of(span.start), seconds_of(span.end)
    return {"reference_id": reference, "start": start, "end": end, "length_class": length_class(end - start)}


def _parts(span: Span) -> list[Span]:
    """A span cut into such as can be stored."""
    start, end = seconds_of(span.start), seconds_of(span.end)
    cuts = [*range(start, end, LONGEST_SECONDS), end]
    return [Span(_instant(first), _instant(last)) for first, last in pairwise(cuts)]


def busy_span_of(row: Sequence[object]) -> BusySpan:
    """The span in a row of reference, start, end, follow-up and title."""
    reference, start, end, follow_up, title = row
    return BusySpan(reference, _instant(start), _instant(end), follow_up, title)  # type: ignore[arg-type]  # a row has no types


def seconds_of(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
