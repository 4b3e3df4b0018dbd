"""How long to wait before a message is posted again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invito_webhook.pauses import LONGEST_PAUSE, LONGEST_WISH, pause_after, wished_pause

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
FIRSTS = st.timedeltas(timedelta(milliseconds=1), timedelta(hours=1))


@given(st.integers(1, 1_000_000), FIRSTS)
def test_a_pause_doubles_up_to_the_longest_give_or_take_a_quarter(attempts: int, first: timedelta) -> None:
    # Long before so many attempts, the longest is reached.
    expected = min(first * 2 ** min(attempts - 1, 30), LONGEST_PAUSE)

    assert expected * 0.75 <= pause_after(attempts, first) <= expected * 1.25


@given(FIRSTS)
def test_pauses_after_the_same_differ(first: timedelta) -> None:
    assert len({pause_after(3, first) for _ in range(100)}) > 1


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("0", timedelta()),
        (" 120 ", timedelta(minutes=2)),
        ("9" * 5_000, LONGEST_WISH),
        ("Tue, 01 Dec 2026 10:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 01 Dec 2026 10:05:00 -0000", timedelta(minutes=5)),
        ("Tue, 01 Dec 2026 09:00:00 GMT", timedelta()),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WISH),
    ],
)
def test_a_wish_is_seconds_or_a_date_and_has_its_limit(asked: str | None, granted: timedelta | None) -> None:
    assert wished_pause(asked, NOW) == granted


@given(st.text())
def test_whatever_stands_in_retry_after_is_a_pause_or_none(asked: str) -> None:
    wished = wished_pause(asked, NOW)

    assert wished is None or timedelta() <= wished <= LONGEST_WISH
