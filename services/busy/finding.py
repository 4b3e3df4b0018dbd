"""Who is busy within a time: probed for one by one, and where many are asked for, first narrowed down by a scan.

Either way what is answered comes from the probe, so that a plan that was badly chosen costs time and nothing else.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from sqlalchemy import BigInteger, Text, bindparam, column, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import TextualSelect

from invito.plugins.contract import Span
from invito.services.busy.spans import LONGEST_IN_CLASS, LONGEST_SECONDS, BusySpan, busy_span_of, seconds_of
from invito.services.storage.reading import read_rows
from invito.services.storage.value_lists import JsonList

# More than a page has, also one of 1,000 where that is set, so that a page always takes as many statements. Measured
# over calendars of several shapes (docs/decisions.md): a row of the scan costs, with the name that belongs to it,
# about as much as a probe.
REFERENCES_WORTH_A_SCAN = 1_001
_ROWS_FOR_A_REFERENCE = 1


async def busy_spans_of(
    connection: AsyncConnection, references: Sequence[str], span: Span
) -> dict[str, list[BusySpan]]:
    """The spans that overlap `span`, by reference; those who are free are left out."""
    asked = list(dict.fromkeys(references))
    if len(asked) >= REFERENCES_WORTH_A_SCAN:
        asked = await _perhaps_busy(connection, asked, span)
    return await probed(connection, asked, span) if asked else {}


async def probed(connection: AsyncConnection, references: Sequence[str], span: Span) -> dict[str, list[BusySpan]]:
    """The same for few."""
    variables = {"references": references, "start": seconds_of(span.start), "end": seconds_of(span.end)}
    found: dict[str, list[BusySpan]] = defaultdict(list)
    for reference, *columns in await read_rows(connection, _probe(connection.dialect.name), variables):
        found[reference].append(busy_span_of(columns))
    return found


async def _perhaps_busy(connection: AsyncConnection, references: list[str], span: Span) -> list[str]:
    """Without those of whom a scan of the time says that they are free; all of them where the time is too full."""
    most = len(references) * _ROWS_FOR_A_REFERENCE
    variables = {"start": seconds_of(span.start), "end": seconds_of(span.end), "most": most}
    names = set((await connection.execute(_scan(connection.dialect.name), variables)).scalars())
    return references if None in names else [one for one in references if one in names]


@cache
def _scan(dialect: str) -> TextualSelect:
    # Rides on ix_busy_span_time, class by class, and reads nothing else: each looks back as far as its longest span.
    # What is found has names looked up, since what is asked for is more; NULL says that the time is too full for that.
    index = "INDEXED BY ix_busy_span_time" if dialect == "sqlite" else ""
    classes = " UNION ALL ".join(
        f"SELECT reference_id FROM busy_span {index} "  # noqa: S608  # constants
        f'WHERE length_class = {number} AND start < :end AND start > :start - {longest} AND "end" > :start'
        for number, longest in enumerate(LONGEST_IN_CLASS)
    )
    names = (
        "reference r ON r.identity_id = b.reference_id"
        if dialect == "sqlite"
        else "LATERAL (SELECT text FROM reference WHERE identity_id = b.reference_id OFFSET 0) r"
    )
    statement = text(
        f"WITH found AS MATERIALIZED (SELECT * FROM ({classes}) c LIMIT :most + 1), "  # noqa: S608  # same
        "size AS MATERIALIZED (SELECT count(*) AS rows_found FROM found) "
        f"SELECT r.text FROM (SELECT DISTINCT reference_id FROM found) b CROSS JOIN {names} "
        "WHERE (SELECT rows_found FROM size) <= :most "
        "UNION ALL SELECT NULL FROM size WHERE rows_found > :most"
    )
    return statement.bindparams(bindparam("most", type_=BigInteger())).columns(column("text", Text()))


@cache
def _probe(dialect: str) -> TextualSelect:
    # Rides on ix_busy_span_reference; the longest class bounds how far back it walks in one person's past.
    columns = 'reference_id, start, "end", follow_up_id, title'
    overlaps = f'start < :end AND start > :start - {LONGEST_SECONDS} AND "end" > :start'
    if dialect == "sqlite":
        statement = text(
            f"SELECT r.text, {columns} FROM json_each(:references) j CROSS JOIN reference r ON r.text = j.value "  # noqa: S608  # constants
            f"CROSS JOIN busy_span INDEXED BY ix_busy_span_reference ON reference_id = r.identity_id AND {overlaps}"
        ).bindparams(bindparam("references", type_=JsonList()))
    else:
        # OFFSET 0 keeps the planner from scanning busy_span for all at once.
        statement = text(
            f"SELECT r.text, s.* FROM reference r CROSS JOIN LATERAL (SELECT {columns} FROM busy_span "  # noqa: S608  # constants
            f"WHERE reference_id = r.identity_id AND {overlaps} OFFSET 0) s WHERE r.text = ANY (:references)"
        ).bindparams(bindparam("references", type_=ARRAY(Text)))
    return statement.columns(*map(column, ("reference", "reference_id", "start", "end", "follow_up_id", "title")))
