"""Which answer stands: the one given last, in any order and repetition (ITIP.md, In, 6 and 10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.standing import StoredAnswer, answered_at, standing

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACCEPTED, DECLINED = ParticipantStatus.ACCEPTED, ParticipantStatus.DECLINED

moments = st.datetimes(datetime(2026, 11, 29), datetime(2026, 12, 2), timezones=st.just(UTC))
answers = st.lists(
    st.builds(
        StoredAnswer,
        st.sampled_from(ParticipantStatus),
        st.none() | st.text(max_size=3),
        st.integers(0, 3),
        # Few moments, so that many are the same.
        st.integers(0, 3).map(lambda hours: NOON + hours * HOUR),
        st.text("0123456789abcdef", min_size=4, max_size=4),
    ),
    max_size=8,
    unique_by=lambda one: one.digest,
)


def answer(status: ParticipantStatus, at: datetime, sequence: int = 0, digest: str = "d") -> StoredAnswer:
    return StoredAnswer(status, None, sequence, at, digest)


def test_the_answer_given_last_stands_whichever_arrives_first() -> None:
    first, last = answer(ACCEPTED, NOON), answer(DECLINED, NOON + HOUR)

    assert standing([first, last], 0) == standing([last, first], 0) == last


def test_an_answer_to_an_earlier_time_does_not_stand() -> None:
    early, late = answer(ACCEPTED, NOON, sequence=2), answer(DECLINED, NOON + HOUR, sequence=1)

    assert standing([early, late], moved_sequence=2) == early
    assert standing([early, late], moved_sequence=3) is None


def test_a_higher_sequence_does_not_make_an_answer_later() -> None:
    higher, later = answer(ACCEPTED, NOON, sequence=9), answer(DECLINED, NOON + HOUR, sequence=0)

    assert standing([higher, later], 0) == later


def test_a_status_that_was_set_by_hand_later_stands() -> None:
    answers = [answer(ACCEPTED, NOON)]

    assert standing(answers, 0, set_by_hand_at=NOON + HOUR) is None
    assert standing(answers, 0, set_by_hand_at=NOON - HOUR) == answers[0]


def test_a_later_answer_replaces_what_was_set_by_hand() -> None:
    late = answer(DECLINED, NOON + 2 * HOUR)

    assert standing([answer(ACCEPTED, NOON), late], 0, set_by_hand_at=NOON + HOUR) == late


def test_no_answer_stands_where_there_is_none() -> None:
    assert standing([], 0) is None


@given(answers, st.integers(0, 3), st.none() | moments, st.data())
def test_any_order_and_any_repetition_end_in_the_same_state(
    given: list[StoredAnswer], moved: int, by_hand: datetime | None, data: st.DataObject
) -> None:
    repeated = given + data.draw(st.lists(st.sampled_from(given), max_size=8) if given else st.just([]))
    shuffled = data.draw(st.permutations(repeated))

    assert standing(shuffled, moved, by_hand) == standing(given, moved, by_hand)


@given(answers, st.integers(0, 3), st.none() | moments)
def test_what_stands_answers_the_present_time_and_no_answer_to_it_is_later(
    given: list[StoredAnswer], moved: int, by_hand: datetime | None
) -> None:
    found = standing(given, moved, by_hand)

    in_time = [one for one in given if one.sequence >= moved]
    if found is None:
        assert not in_time or (by_hand is not None and all(one.answered_at < by_hand for one in in_time))
    else:
        assert found in in_time
        assert all(one.answered_at <= found.answered_at for one in in_time)


def test_answered_at_is_the_later_of_stamp_and_date() -> None:
    arrival = NOON + 2 * HOUR

    assert answered_at(arrival, NOON, NOON + HOUR) == NOON + HOUR
    assert answered_at(arrival, NOON + HOUR, NOON) == NOON + HOUR
    assert answered_at(arrival, None, NOON) == NOON
    assert answered_at(arrival, NOON, None) == NOON
    assert answered_at(arrival, None, None) == arrival


def test_a_stamp_that_repeats_the_requests_does_not_put_an_answer_first() -> None:
    requested, arrival = NOON, NOON + 3 * HOUR
    accepted = answer(ACCEPTED, answered_at(arrival, requested, NOON + HOUR), digest="a")
    declined = answer(DECLINED, answered_at(arrival, requested, NOON + 2 * HOUR), digest="b")

    assert standing([declined, accepted], 0) == declined


@given(moments, st.none() | moments, st.none() | moments)
def test_a_time_from_the_future_counts_as_received_now(
    arrival: datetime, dtstamp: datetime | None, date: datetime | None
) -> None:
    found = answered_at(arrival, dtstamp, date)

    assert found <= arrival
    assert found in (arrival, dtstamp, date)
