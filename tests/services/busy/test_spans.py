"""Busy spans: length classes, and two plans that answer the same as looking at every span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, text

from invito.plugins.contract import Span
from invito.services.busy.references import intern, intern_groups, interned
from invito.services.busy.spans import LONGEST_IN_CLASS, LONGEST_SECONDS, busy_spans_of, length_class, store_calendar
from invito.services.ids import ReferenceId
from invito.services.storage.database import Database
from invito.services.storage.follow_up_tables import BusySpanRow

if TYPE_CHECKING:
    from collections.abc import Sequence

MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

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


async def fill(database: Database, some: Sequence[tuple[int, Span]]) -> list[ReferenceId]:
    """Nothing but these spans, of five references."""
    async with database.write() as connection:
        numbers = await intern(connection, [f"employee:{number}" for number in range(5)])
        references = [numbers[f"employee:{number}"] for number in range(5)]
        await connection.execute(delete(BusySpanRow))
        for number, reference in enumerate(references):
            own = [(span, None) for one, span in some if one == number]
            await store_calendar(connection, reference, "all.ics", own)
    return references


async def found(database: Database, wanted: Sequence[ReferenceId], window: Span) -> list[tuple[ReferenceId, Span]]:
    async with database.read() as connection:
        rows = await busy_spans_of(connection, wanted, window)
    return sorted(((one.reference_id, Span(one.start, one.end)) for one in rows), key=str)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(busy, max_size=12), window=windows, wanted=st.sets(st.integers(0, 4)))
async def test_both_plans_find_what_overlaps_and_nothing_else(
    database: Database, some: list[tuple[int, Span]], window: Span, wanted: set[int]
) -> None:
    references = await fill(database, some)
    asked = [references[number] for number in sorted(wanted)]
    expected = sorted(
        ((references[one], span) for one, span in some if one in wanted and span.overlaps(window)), key=str
    )
    # References that nobody has, so that there are enough of them for a scan.
    crowd = [*asked, *(ReferenceId(1_000_000 + number) for number in range(300))]

    assert await found(database, asked, window) == expected
    assert await found(database, crowd, window) == expected


@given(st.integers(1, LONGEST_SECONDS))
def test_a_span_is_in_the_first_class_that_it_fits_into(seconds: int) -> None:
    number = length_class(seconds)

    assert seconds <= LONGEST_IN_CLASS[number]
    assert number == 0 or seconds > LONGEST_IN_CLASS[number - 1]


def test_no_class_takes_a_span_longer_than_the_longest_follow_up() -> None:
    with pytest.raises(ValueError, match="longer"):
        length_class(LONGEST_SECONDS + 1)


async def test_an_imported_span_that_is_longer_is_kept_in_parts(database: Database) -> None:
    long = Span(MIDNIGHT, MIDNIGHT + timedelta(seconds=2 * LONGEST_SECONDS + 60))
    references = await fill(database, [(0, long)])

    last_minute = Span(long.end - timedelta(seconds=30), long.end + HOUR)

    assert len(await found(database, references, last_minute)) == 1
    assert len(await found(database, references, long)) == 3


async def test_a_calendar_that_is_imported_again_stands_in_for_itself_alone(database: Database) -> None:
    async with database.write() as connection:
        (kari,) = (await intern(connection, ["employee:1"])).values()
        await store_calendar(connection, kari, "work.ics", [(Span(MIDNIGHT, MIDNIGHT + HOUR), "a")])
        await store_calendar(connection, kari, "home.ics", [(Span(MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR), "b")])
        await store_calendar(connection, kari, "work.ics", [(Span(MIDNIGHT + 2 * HOUR, MIDNIGHT + 3 * HOUR), "c")])

    async with database.read() as connection:
        rows = await busy_spans_of(connection, [kari], Span(MIDNIGHT, MIDNIGHT + 24 * HOUR))

    assert {one.title for one in rows} == {"b", "c"}


@pytest.mark.parametrize(("count", "plan"), [(3, "ix_busy_span_reference"), (300, "ix_busy_span_time")])
async def test_one_statement_on_its_index_however_many_are_asked_for(database: Database, count: int, plan: str) -> None:
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
        await busy_spans_of(connection, [ReferenceId(number) for number in range(1, count + 1)], _AN_HOUR)

    ((statement, variables),) = [one for one in sent if "busy_span" in one[0]]
    how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    async with database.read() as connection:
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


async def test_references_of_the_same_one_share_their_identity_and_their_spans(database: Database) -> None:
    async with database.write() as connection:
        apart = await intern(connection, ["employee:7", "ldap:kari"])
        await store_calendar(connection, apart["ldap:kari"], "a.ics", [(Span(MIDNIGHT, MIDNIGHT + HOUR), None)])
        together = await intern_groups(connection, [("employee:7", "ldap:kari"), ("employee:8",)])

    async with database.read() as connection:
        later = await interned(connection, ["employee:7", "ldap:kari", "employee:8", "never:seen"])
        rows = await busy_spans_of(connection, [later["employee:7"].identity], Span(MIDNIGHT, MIDNIGHT + HOUR))

    assert apart["employee:7"] != apart["ldap:kari"]
    assert together["employee:7"].identity == together["ldap:kari"].identity != together["employee:8"].identity
    assert together["employee:7"].id != together["ldap:kari"].id
    assert "never:seen" not in later
    assert len(rows) == 1
