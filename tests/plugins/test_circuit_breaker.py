"""Who fails again and again is left alone for a while, and then tried with one call."""

import pytest

from invito.plugins.circuit_breaker import CircuitBreaker, Circuits, SourceHealth
from invito.plugins.failures import Cause, PluginFailure
from invito.plugins.limits import BUILT_IN, PluginLimits

LIMITS = PluginLimits(failures_in_a_row=3, rest_seconds=30)
BROKEN = Cause("failed ({kind})", {"kind": "OSError"})


class Clock:
    """Seconds that go on when a test says so."""

    def __init__(self) -> None:
        self.present = 1_000.0

    def __call__(self) -> float:
        return self.present


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(LIMITS, clock)


def fail(breaker: CircuitBreaker, times: int = 3) -> None:
    for _ in range(times):
        breaker.failed(BROKEN)


def test_it_opens_after_so_many_failures_in_a_row_and_says_why(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert breaker.refusal() is None

    fail(breaker, 1)

    assert str(breaker.refusal()) == "is asked again in 30 seconds, since it failed (OSError)"


def test_a_success_in_between_begins_the_count_anew(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)

    assert breaker.refusal() is None


def test_after_its_rest_one_call_is_let_through_and_no_second_one_beside_it(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker)
    clock.present += 30

    assert breaker.refusal() is None
    assert breaker.refusal() is not None


def test_a_trial_that_goes_well_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker)
    clock.present += 30
    assert breaker.refusal() is None

    breaker.succeeded()

    assert breaker.refusal() is None
    assert breaker.failures_in_a_row == 0


def test_a_trial_that_fails_opens_it_for_as_long_again(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker)
    clock.present += 30
    assert breaker.refusal() is None

    fail(breaker, 1)
    clock.present += 29
    assert breaker.refusal() is not None

    clock.present += 1
    assert breaker.refusal() is None


def test_a_trial_whose_end_nobody_waited_for_leaves_the_trial_to_the_next_call(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker)
    clock.present += 30
    assert breaker.refusal() is None

    breaker.given_up()

    assert breaker.refusal() is None


def test_a_call_that_began_before_it_opened_does_not_close_it(breaker: CircuitBreaker) -> None:
    fail(breaker)

    breaker.succeeded()

    assert breaker.refusal() is not None


def test_what_harms_others_opens_it_at_once(breaker: CircuitBreaker) -> None:
    breaker.trip(BROKEN)

    assert breaker.refusal() is not None


def test_the_built_in_ones_are_never_left_alone_since_their_database_is_back_in_a_moment() -> None:
    breaker = CircuitBreaker(BUILT_IN)
    fail(breaker, 100)
    breaker.trip(BROKEN)

    assert breaker.refusal() is None


def test_health_goes_from_ok_over_degraded_to_unavailable_and_back_with_the_first_answer() -> None:
    circuits = Circuits(LIMITS)
    seen = [circuits.health]
    for _ in range(3):
        circuits.took("participants", BROKEN)
        seen.append(circuits.health)
    circuits.took("resolve", None)
    seen.append(circuits.health)

    assert seen == [
        SourceHealth.OK, SourceHealth.DEGRADED, SourceHealth.DEGRADED, SourceHealth.UNAVAILABLE, SourceHealth.DEGRADED,
    ]  # fmt: skip


def test_a_method_that_fails_is_left_alone_while_the_others_are_asked() -> None:
    circuits = Circuits(LIMITS)
    for _ in range(3):
        circuits.took("busy", BROKEN)
        circuits.took("participants", None)

    assert circuits.breaker("busy").refusal() is not None
    assert circuits.breaker("participants").refusal() is None
    assert circuits.health is SourceHealth.DEGRADED


def test_a_failure_says_why_in_one_sentence() -> None:
    assert str(PluginFailure("hotel", BROKEN)) == "failed (OSError)"


def test_an_earlier_call_that_ends_during_the_trial_neither_closes_it_nor_lets_in_a_second(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    earlier, trial = object(), object()
    fail(breaker)
    clock.present += 30
    assert breaker.refusal(trial) is None

    breaker.given_up(earlier)
    breaker.succeeded(earlier)
    breaker.failed(BROKEN, earlier)

    assert breaker.refusal(object()) is not None
    breaker.succeeded(trial)
    assert not breaker.is_open
