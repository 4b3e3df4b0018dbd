"""Busy spans: length classes, and whose they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.plugins.contract import Span
from invito.services.busy.finding import busy_spans_of
from invito.services.busy.references import intern, intern_groups, interned
from invito.services.busy.spans import LONGEST_IN_CLASS, LONGEST_SECONDS, BusySpan, length_class, store_calendar
from invito.services.storage.database import Database

if TYPE_CHECKING:
    pass

MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def stored(database: Database, window: Span, reference: str = "employee:1") -> list[BusySpan]:
    async with database.read() as connection:
        return (await busy_spans_of(connection, [reference], window)).get(reference, [])


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
    async with database.write() as connection:
        (kari,) = (await intern(connection, ["employee:1"])).values()
        await store_calendar(connection, kari, "long.ics", [(long, None)])

    last_minute = Span(long.end - timedelta(seconds=30), long.end + HOUR)

    assert len(await stored(database, last_minute)) == 1
    assert len(await stored(database, long)) == 3


async def test_a_calendar_that_is_imported_again_stands_in_for_itself_alone(database: Database) -> None:
    async with database.write() as connection:
        (kari,) = (await intern(connection, ["employee:1"])).values()
        await store_calendar(connection, kari, "work.ics", [(Span(MIDNIGHT, MIDNIGHT + HOUR), "a")])
        await store_calendar(connection, kari, "home.ics", [(Span(MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR), "b")])
        await store_calendar(connection, kari, "work.ics", [(Span(MIDNIGHT + 2 * HOUR, MIDNIGHT + 3 * HOUR), "c")])

    assert {one.title for one in await stored(database, Span(MIDNIGHT, MIDNIGHT + 24 * HOUR))} == {"b", "c"}


async def test_references_of_the_same_one_share_their_identity_and_their_spans(database: Database) -> None:
    async with database.write() as connection:
        apart = await intern(connection, ["employee:7", "ldap:kari"])
        await store_calendar(connection, apart["ldap:kari"], "a.ics", [(Span(MIDNIGHT, MIDNIGHT + HOUR), None)])
        together = await intern_groups(connection, [("employee:7", "ldap:kari"), ("employee:8",)])

    async with database.read() as connection:
        later = await interned(connection, ["employee:7", "ldap:kari", "employee:8", "never:seen"])

    assert apart["employee:7"] != apart["ldap:kari"]
    assert together["employee:7"].identity == together["ldap:kari"].identity != together["employee:8"].identity
    assert together["employee:7"].id != together["ldap:kari"].id
    assert "never:seen" not in later
    assert len(await stored(database, Span(MIDNIGHT, MIDNIGHT + HOUR), "employee:7")) == 1
