"""Who is busy within a time: two plans that answer the same as looking at every span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, text

from invito.plugins.contract import Span
from invito.services.busy import finding
from invito.services.busy.finding import REFERENCES_WORTH_A_SCAN, busy_spans_of
from invito.services.busy.references import intern_groups
from invito.services.busy.spans import LONGEST_IN_CLASS, LONGEST_SECONDS, store_calendar
from invito.services.storage.follow_up_tables import BusySpanRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invito.services.storage.database import Database

MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
# The last of them is known by another reference too.
FIVE = [f"employee:{number}" for number in range(5)]
OTHER = "ldap:4"
# Nobody has these; with them there are enough for a scan.
CROWD = [f"nobody:{number}" for number in range(REFERENCES_WORTH_A_SCAN)]

# Around the borders of the classes, and around the window.
lengths = st.sampled_from(
    [60, 3_600, *(longest + by for longest in LONGEST_IN_CLASS[:3] for by in (-1, 0, 1)), LONGEST_SECONDS]
)
starts = st.integers(-15 * 24 * 60, 2 * 24 * 60).map(lambda minutes: MIDNIGHT + timedelta(minutes=minutes))
busy = st.tuples(st.integers(0, 4), st.one_of(starts, st.just(MIDNIGHT - timedelta(days=1_829))), lengths).map(
    lambda one: (one[0], Span(one[1], one[1] + timedelta(seconds=one[2])))
)
windows = st.tuples(starts, st.sampled_from([60, 3_600, 86_400, 20 * 86_400])).map(
    lambda one: Span(one[0], one[0] + timedelta(seconds=one[1]))
)


async def fill(database: Database, some: Iterable[tuple[int, Span]]) -> None:
    """Nothing but these spans, of five people."""
    async with database.write() as connection:
        numbers = await intern_groups(connection, [*((one,) for one in FIVE[:4]), (FIVE[4], OTHER)])
        await connection.execute(delete(BusySpanRow))
        for number, reference in enumerate(FIVE):
            own = [(span, None) for one, span in some if one == number]
            await store_calendar(connection, numbers[reference].identity, "all.ics", own)


async def found(database: Database, wanted: Sequence[str], window: Span) -> list[tuple[str, Span]]:
    async with database.read() as connection:
        spans = await busy_spans_of(connection, wanted, window)
    return sorted(((one, Span(busy.start, busy.end)) for one, some in spans.items() for busy in some), key=str)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(busy, max_size=12), window=windows, wanted=st.sets(st.integers(0, 4)), by_other=st.booleans())
async def test_both_plans_find_what_overlaps_and_nothing_else(
    database: Database, some: list[tuple[int, Span]], window: Span, wanted: set[int], by_other: bool
) -> None:
    await fill(database, some)
    names = [*FIVE[:4], OTHER] if by_other else FIVE
    asked = [names[number] for number in sorted(wanted)]
    expected = sorted(((names[one], span) for one, span in some if one in wanted and span.overlaps(window)), key=str)

    assert await found(database, asked, window) == expected
    assert await found(database, [*asked, *CROWD], window) == expected


async def test_a_time_that_is_too_full_to_be_scanned_is_answered_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = Span(MIDNIGHT, MIDNIGHT + timedelta(hours=1))
    await fill(database, [(0, window), (1, window)])
    monkeypatch.setattr(finding, "_ROWS_FOR_A_REFERENCE", 0)

    assert await found(database, [FIVE[1], *CROWD], window) == [(FIVE[1], window)]


async def test_nobody_is_busy_of_nobody(database: Database) -> None:
    assert await found(database, [], Span(MIDNIGHT, MIDNIGHT + timedelta(hours=1))) == []


@pytest.mark.parametrize(
    ("count", "plans"),
    [(3, ["ix_busy_span_reference"]), (REFERENCES_WORTH_A_SCAN, ["ix_busy_span_time", "ix_busy_span_reference"])],
)
async def test_each_statement_rides_on_its_index(database: Database, count: int, plans: list[str]) -> None:
    async with database.write() as connection:
        for fill_with in (_MANY_REFERENCES, _MANY_SPANS):
            await connection.execute(text(fill_with[database.is_sqlite]))
        await connection.execute(text("ANALYZE"))
    sent: list[tuple[str, Any]] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, variables, *_: sent.append((statement, variables)),
    )

    async with database.read() as connection:
        await busy_spans_of(connection, [f"x:{number}" for number in range(1, count + 1)], _AN_HOUR)

    statements = [one for one in sent if "busy_span" in one[0]]
    assert len(statements) == len(plans)
    how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    async with database.read() as connection:
        for (statement, variables), plan in zip(statements, plans, strict=True):
            explained = [str(row) for row in await connection.exec_driver_sql(f"{how} {statement}", variables)]
            assert any(plan in line for line in explained), explained
            assert not any("Seq Scan on busy_span" in line for line in explained), explained


_AN_HOUR = Span(datetime.fromtimestamp(10_000_000, UTC), datetime.fromtimestamp(10_003_600, UTC))
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
_MANY_REFERENCES = {
    True: f"{_NUMBERS.replace('20000', '100')} "
    "INSERT INTO reference (id, text, identity_id) SELECT i, 'x:' || i, i FROM n",
    False: "INSERT INTO reference (id, text, identity_id) SELECT i, 'x:' || i, i FROM generate_series(1, 100) i",
}
_SPAN = (
    'INSERT INTO busy_span (reference_id, start, "end", length_class) SELECT 1 + i % 100, i * 3600, i * 3600 + 1800, 0'
)
_MANY_SPANS = {
    True: f"{_NUMBERS} {_SPAN} FROM n",
    False: f"{_SPAN} FROM generate_series(1, 20000) i",
}
