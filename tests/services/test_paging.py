"""Cursors and pages: every row comes once, rows that come and go move nobody else, and nonsense is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.paging import (
    MOST_ON_A_PAGE,
    CursorPart,
    Page,
    PageAsk,
    count_of_part,
    cursor_of,
    instant_of_part,
    instant_part,
    page_ask,
    page_of,
)

# What a cursor may hold: text that can be shown, and the integers that a database has.
texts = st.text().filter(str.isprintable)
numbers = st.integers(-(2**62) + 1, 2**62 - 1)
instants = st.datetimes(timezones=st.just(UTC))


@given(texts, st.lists(st.tuples(texts, numbers), min_size=1, max_size=1))
def test_a_cursor_gives_back_the_key_that_it_was_made_of(kind: str, keys: list[tuple[str, int]]) -> None:
    (key,) = keys

    assert PageAsk(10, cursor_of(kind, *key)).position(kind, str, int) == key


@given(instants)
def test_an_instant_comes_through_a_cursor_to_the_microsecond(instant: datetime) -> None:
    (part,) = PageAsk(1, cursor_of("follow-ups", instant_part(instant))).position("follow-ups", int) or ()

    assert instant_of_part(part) == instant


def test_the_first_page_has_no_position() -> None:
    assert PageAsk(10).position("participants", int, int) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "not base64 at all",
        "æøå",
        cursor_of("notifications", 1, 2),
        cursor_of("participants", 1),
        cursor_of("participants", 1, 2, 3),
        cursor_of("participants", "1", 2),
        cursor_of("participants", 1, None),
        cursor_of("participants", True, 2),
        cursor_of("participants", 2**62, 2),
        cursor_of("participants", 1, 2)[:-2],
        "e30",
        "bnVsbA",
        "W10",
    ],
)
def test_what_is_no_cursor_of_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(Unanswerable) as refused:
        PageAsk(10, cursor).position("participants", int, int)

    assert (refused.value.code, refused.value.path) == (UnanswerableCode.INVALID_CURSOR, ("after",))


def test_a_cursor_with_characters_that_no_database_takes_is_refused() -> None:
    with pytest.raises(Unanswerable):
        PageAsk(10, cursor_of("entries", "a\x00", "employee:1")).position("entries", str, str)


@pytest.mark.parametrize("position", [2**31, -(2**31), 2**40])
def test_a_position_beyond_all_lists_is_refused(position: int) -> None:
    with pytest.raises(Unanswerable):
        count_of_part(position)


def test_a_cursor_of_several_positions_gives_them_back() -> None:
    cursor = cursor_of("search", "employees", 1, "resource", 2)

    assert PageAsk(10, cursor).positions("search", str, int) == [("employees", 1), ("resource", 2)]
    assert PageAsk(10, cursor_of("search")).positions("search", str, int) == []


@pytest.mark.parametrize("parts", [("employees",), ("employees", "1"), ("employees", 1, "resource"), ("a\0b", 1)])
def test_a_cursor_of_broken_positions_is_refused(parts: tuple[CursorPart, ...]) -> None:
    with pytest.raises(Unanswerable):
        PageAsk(10, cursor_of("search", *parts)).positions("search", str, int)


@given(st.text() | st.binary().map(lambda some: some.decode("latin-1")))
def test_whatever_is_passed_as_a_cursor_is_a_position_or_refused(cursor: str) -> None:
    try:
        position = PageAsk(10, cursor).position("participants", int, int)
    except Unanswerable as refused:
        code = refused.code
    else:
        assert position is not None
        code = UnanswerableCode.INVALID_CURSOR

    assert code is UnanswerableCode.INVALID_CURSOR


def test_an_instant_beyond_all_calendars_is_refused() -> None:
    with pytest.raises(Unanswerable):
        instant_of_part(2**62 - 1)


@pytest.mark.parametrize(
    ("first", "code"), [(-1, UserErrorCode.INVALID_INPUT), (MOST_ON_A_PAGE + 1, UnanswerableCode.LIMIT_EXCEEDED)]
)
def test_a_page_of_an_impossible_size_is_refused(first: int, code: object) -> None:
    with pytest.raises(Unanswerable) as refused:
        page_ask(first, None, 50)

    assert (refused.value.code, refused.value.path) == (code, ("first",))


def test_a_page_that_is_too_large_says_how_large_it_may_be() -> None:
    with pytest.raises(Unanswerable) as refused:
        page_ask(700, None, 50)

    assert (refused.value.limit, refused.value.value) == (500, 700)


@pytest.mark.parametrize(("first", "asked"), [(None, 50), (0, 0), (1, 1), (MOST_ON_A_PAGE, MOST_ON_A_PAGE)])
def test_a_page_of_a_possible_size_is_asked_for(first: int | None, asked: int) -> None:
    assert page_ask(first, None, 50) == PageAsk(asked)


def test_where_pages_are_short_one_that_says_nothing_is_as_long_as_it_may_be() -> None:
    assert page_ask(None, None, 100, most=50) == PageAsk(50)


@given(st.sets(numbers), st.integers(1, 7))
def test_the_pages_after_one_another_hold_every_row_once_in_order(rows: set[int], size: int) -> None:
    assert walk(sorted(rows), size) == sorted(rows)


@given(st.lists(st.integers(0, 99), min_size=3, unique=True), st.sets(st.integers(100, 199)), st.integers(1, 3))
def test_rows_that_come_and_go_between_pages_lose_nobody_else_and_show_nobody_twice(
    rows: list[int], coming: set[int], size: int
) -> None:
    there = sorted(rows)
    first = page(there, PageAsk(size))
    gone = first.items[0]
    later = sorted({*there, *coming} - {gone})

    rest = walk(later, size, after=first.cursors[-1])

    assert [*first.items, *rest] == sorted({*there, *coming})


def page(rows: list[int], ask: PageAsk) -> Page[int]:
    """A page as repositories make it: those after the position, one more than asked for."""
    position: tuple[CursorPart, ...] | None = ask.position("numbers", int)
    after = [row for row in rows if position is None or row > int(position[0] or 0)]
    return page_of(after[: ask.first + 1], ask, lambda row: cursor_of("numbers", row))


def walk(rows: list[int], size: int, after: str | None = None) -> list[int]:
    found: list[int] = []
    while True:
        there = page(rows, PageAsk(size, after))
        found.extend(there.items)
        assert there.has_previous == (after is not None)
        if not there.has_next:
            return found
        after = there.cursors[-1]
