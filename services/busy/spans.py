"""Busy spans in the table: how they are written, and the two plans by which they are found.

A span's length class says how long it may be, so that a search for what overlaps [start, end) looks back only that far.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import orjson
from sqlalchemy import BigInteger, bindparam, delete, insert, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import TextClause

from invito.plugins.contract import Span
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.storage.follow_up_tables import BusySpanRow

_HOUR, _DAY = 3_600, 86_400
# The longest span of each class in seconds; the last is the longest follow-up that there may be.
LONGEST_IN_CLASS = (2 * _HOUR, _DAY, 14 * _DAY, 1_830 * _DAY)
LONGEST_SECONDS = LONGEST_IN_CLASS[-1]

# The scan costs by the rows in its window, the probe by the references: where they cross depends on how full the
# calendar is (docs/decisions.md), and for a window of a fortnight they never do.
REFERENCES_WORTH_A_SCAN = 250
_LONGEST_SCAN_SECONDS = _DAY
# A statement's variables are bounded on both databases.
_BATCH = 5_000


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
    for first in range(0, len(free), _BATCH):
        await connection.execute(
            delete(BusySpanRow).where(
                BusySpanRow.follow_up_id == follow_up, BusySpanRow.reference_id.in_(free[first : first + _BATCH])
            )
        )


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


async def busy_spans_of(connection: AsyncConnection, references: Sequence[ReferenceId], span: Span) -> list[BusySpan]:
    """The spans that overlap `span`, of these references: by probing for few or over a long time, else by a scan."""
    start, end = _seconds(span.start), _seconds(span.end)
    if is_scanned(references, span):
        wanted = set(references)
        rows = await connection.execute(_scan(connection.dialect.name), {"start": start, "end": end})
        return [busy_span_of(row) for row in rows if row[0] in wanted]
    variables: dict[str, object] = {"start": start, "end": end}
    if connection.dialect.name == "sqlite":
        variables["references"] = orjson.dumps(list(references)).decode()
    else:
        variables["references"] = list(references)
    return [busy_span_of(row) for row in await connection.execute(_probe(connection.dialect.name), variables)]


def is_scanned(references: Sequence[ReferenceId], span: Span) -> bool:
    """Whether the time is scanned for so many references, in place of probing for each."""
    return (
        len(references) > REFERENCES_WORTH_A_SCAN and (span.end - span.start).total_seconds() <= _LONGEST_SCAN_SECONDS
    )


def _scan(dialect: str) -> TextClause:
    # Rides on ix_busy_span_time, class by class: each looks back as far as its longest span.
    index = "INDEXED BY ix_busy_span_time" if dialect == "sqlite" else ""
    return text(
        " UNION ALL ".join(
            f'SELECT reference_id, start, "end", follow_up_id, title FROM busy_span {index} '  # noqa: S608  # constants
            f'WHERE length_class = {number} AND start < :end AND start > :start - {longest} AND "end" > :start'
            for number, longest in enumerate(LONGEST_IN_CLASS)
        )
    )


def _probe(dialect: str) -> TextClause:
    # Rides on ix_busy_span_reference; the longest class bounds how far back it walks in one person's past.
    if dialect == "sqlite":
        return text(
            'SELECT s.reference_id, s.start, s."end", s.follow_up_id, s.title '  # noqa: S608  # constants
            "FROM json_each(:references) j CROSS JOIN busy_span s INDEXED BY ix_busy_span_reference "
            f"ON s.reference_id = j.value AND s.start < :end AND s.start > :start - {LONGEST_SECONDS} "
            'AND s."end" > :start'
        )
    return text(
        'SELECT s.reference_id, s.start, s."end", s.follow_up_id, s.title '  # noqa: S608  # constants
        "FROM unnest(:references) AS r(id) CROSS JOIN LATERAL (SELECT * FROM busy_span b WHERE b.reference_id = r.id "
        f'AND b.start < :end AND b.start > :start - {LONGEST_SECONDS} AND b."end" > :start OFFSET 0) s'
    ).bindparams(bindparam("references", type_=ARRAY(BigInteger)))


def _row(reference: ReferenceId, span: Span) -> dict[str, object]:
    start, end = _seconds(span.start), _seconds(span.end)
    return {"reference_id": reference, "start": start, "end": end, "length_class": length_class(end - start)}


def _parts(span: Span) -> list[Span]:
    """A span cut into such as can be stored."""
    start, end = _seconds(span.start), _seconds(span.end)
    cuts = [*range(start, end, LONGEST_SECONDS), end]
    return [Span(_instant(first), _instant(last)) for first, last in pairwise(cuts)]


def busy_span_of(row: Sequence[object]) -> BusySpan:
    """The span in a row of reference, start, end, follow-up and title."""
    reference, start, end, follow_up, title = row
    return BusySpan(reference, _instant(start), _instant(end), follow_up, title)  # type: ignore[arg-type]  # a row has no types


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
