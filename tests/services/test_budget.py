"""What viewers may ask for in a while is counted by cost."""

from datetime import UTC, datetime, timedelta

from invito.services.budget import Budget

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_is_left_is_spent_to_the_last_unit_and_no_further() -> None:
    budget = Budget(10, MINUTE)

    first, last, beyond = (budget.take("kari", cost, lambda: NOON) for cost in (4, 6, 1))

    assert first is not None
    assert (first.left, first.is_enough, first.renews_at) == (6, True, NOON + MINUTE)
    assert last is not None
    assert (last.left, last.is_enough) == (0, True)
    assert beyond is not None
    assert (beyond.left, beyond.is_enough) == (0, False)


def test_it_is_renewed_when_its_while_is_over() -> None:
    budget = Budget(10, MINUTE)
    budget.take("kari", 10, lambda: NOON)

    late = budget.take("kari", 1, lambda: NOON + MINUTE - timedelta(microseconds=1))
    renewed = budget.take("kari", 1, lambda: NOON + MINUTE)

    assert late is not None
    assert not late.is_enough
    assert renewed is not None
    assert renewed.is_enough
    assert renewed.left == 9


def test_who_has_not_enough_is_told_in_how_many_whole_seconds_they_have() -> None:
    budget = Budget(10, MINUTE)
    budget.take("kari", 10, lambda: NOON)

    unpaid = budget.take("kari", 1, lambda: NOON + timedelta(seconds=17.5))
    last = budget.take("kari", 1, lambda: NOON + MINUTE - timedelta(microseconds=1))

    assert unpaid is not None
    assert unpaid.retry_after_seconds == 43
    assert last is not None
    assert last.retry_after_seconds == 1


def test_what_costs_more_than_there_ever_is_need_not_be_asked_for_again() -> None:
    unpaid = Budget(10, MINUTE).take("kari", 11, lambda: NOON)

    assert unpaid is not None
    assert not unpaid.is_enough
    assert unpaid.retry_after_seconds is None


def test_each_viewer_has_a_budget_of_their_own() -> None:
    budget = Budget(10, MINUTE)
    budget.take("kari", 10, lambda: NOON)

    ola = budget.take("ola", 10, lambda: NOON)

    assert ola is not None
    assert ola.is_enough


def test_whoever_looks_pays_nothing_and_begins_no_while() -> None:
    budget = Budget(10, MINUTE)

    before = budget.look("kari", 4, lambda: NOON)
    paid = budget.take("kari", 4, lambda: NOON + MINUTE / 2)
    after = budget.look("kari", 4, lambda: NOON + MINUTE)

    assert before is not None
    assert (before.left, before.is_enough) == (10, True)
    assert paid is not None
    assert paid.renews_at == NOON + MINUTE * 1.5
    assert after is not None
    assert (after.left, after.is_enough, after.renews_at) == (6, True, paid.renews_at)


def test_nothing_is_counted_where_there_is_no_budget() -> None:
    assert Budget(0, MINUTE).take("kari", 10, lambda: NOON) is None
    assert Budget(0, MINUTE).look("kari", 10, lambda: NOON) is None
