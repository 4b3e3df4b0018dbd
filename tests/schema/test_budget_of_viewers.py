"""Operations are paid by what they cost, however they ask for it."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from invito.services.budget import Budget
from invito.services.watch_limit import WatchLimit

if TYPE_CHECKING:
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CHANGED = "subscription ($id: ID!) { followUpChanged(id: $id) { title } }"
RENAME = """mutation ($id: ID!, $title: String!) {
    updateFollowUp(input: {id: $id, title: $title}) { errors { code } } }"""


def guesses(number: int) -> str:
    """A query that tries so many ids at once."""
    return "{ " + " ".join(f'a{one}: followUp(id: "x{one}") {{ id }}' for one in range(number)) + " }"


@pytest.fixture
def office_with_ten(office: Office) -> Office:
    office.house = replace(office.house, budget=Budget(10, timedelta(hours=1)))
    return office


async def test_aliases_cost_what_operations_of_their_own_do(office_with_ten: Office) -> None:
    result = await office_with_ten.ask(guesses(10))
    error = await office_with_ten.error(guesses(1))

    assert (result.extensions or {})["cost"]["requested"] == 10
    assert (result.extensions or {})["cost"]["left"] == 0
    assert (error["code"], error["limit"], error["value"]) == ("RATE_LIMITED", 10, 11)


async def test_what_waiting_helps_is_told_what_it_costs_and_what_is_left_until_when(office_with_ten: Office) -> None:
    paid = (await office_with_ten.ask(guesses(7))).extensions or {}

    refused = await office_with_ten.ask(guesses(4))

    assert refused.errors is not None
    until = paid["cost"]["renewsAt"]
    message = f"This costs 4, and of 10 you have 3 left until {until}: ask again then."
    assert refused.errors[0].message == message
    assert "retryAfter" in (refused.errors[0].extensions or {})


async def test_what_costs_more_than_there_ever_is_is_not_told_to_be_asked_again(office_with_ten: Office) -> None:
    refused = await office_with_ten.ask(guesses(11))

    assert refused.errors is not None
    assert refused.errors[0].message == "This alone costs 11, and you may never ask for more than 10: ask for less."
    assert "retryAfter" not in (refused.errors[0].extensions or {})


async def test_what_is_refused_costs_nothing(office_with_ten: Office) -> None:
    await office_with_ten.error(guesses(11))

    result = await office_with_ten.ask(guesses(10))

    assert (result.extensions or {})["cost"]["left"] == 0
    assert result.data == {f"a{one}": None for one in range(10)}


async def test_a_subscription_is_paid_when_it_opens(office_with_ten: Office) -> None:
    await office_with_ten.ask(guesses(10))

    (refused,) = [one async for one in office_with_ten.events("subscription { notificationReceived { id } }")]

    assert refused.errors is not None
    assert (refused.errors[0].extensions or {})["code"] == "RATE_LIMITED"


async def test_a_subscription_too_many_costs_nothing(office_with_ten: Office) -> None:
    office = office_with_ten
    office.house = replace(office.house, watches=WatchLimit(most=0))

    (refused,) = [one async for one in office.events("subscription { notificationReceived { id } }")]
    paid = (await office.ask(guesses(1))).extensions or {}

    assert refused.errors is not None
    assert refused.errors[0].extensions == {"code": "LIMIT_EXCEEDED", "path": [], "limit": 0, "value": 1}
    assert paid["cost"]["left"] == 9


async def test_an_event_says_what_is_left_when_it_comes(office: Office) -> None:
    there = await office.follow_up("employee:2")
    office.house = replace(office.house, budget=Budget(1_000, timedelta(hours=1)))

    async with aclosing(office.events(CHANGED, id=there.id)) as events:
        first = await anext(events)
        renamed = await office.ask(RENAME, id=there.id, title="Budget 2028")
        second = await anext(events)

    opened, paid, told = ((result.extensions or {})["cost"] for result in (first, renamed, second))
    assert opened["left"] == 1_000 - opened["requested"]
    assert told == opened | {"left": opened["left"] - paid["requested"]}
