"""Resolvers of plugins have what calls have: a deadline, and threads of their own; one that fails costs its field."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from structlog.testing import capture_logs

from invito.plugin_parts import graphql_types_of
from invito.plugins import hookimpl
from invito.plugins.graphql_types import GraphQLTypes
from invito.plugins.limits import PluginLimits
from invito.schema import build_schema
from tests.chaos import (
    Hold,
    Kind,
    each_kind,
    let_go,  # noqa: F401  # a fixture
)
from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HASTY = PluginLimits(call_seconds=0.2, calls_at_once=2, failures_in_a_row=2, stall_seconds=60)
PATIENT = replace(HASTY, call_seconds=60)


async def hang() -> int | None:
    await asyncio.Event().wait()
    return 7


async def hang_in_to_thread() -> int | None:
    await asyncio.to_thread(Hold.over.wait)
    return 7


def hang_in_a_thread() -> int | None:
    Hold.over.wait()
    return 7


def query_of(**resolvers: Callable[..., Any]) -> type:
    """A Query type with these fields."""
    fields = {name: strawberry.field(resolver=one) for name, one in resolvers.items()}
    return strawberry.type(type("HotelQuery", (), fields))


async def bring(office: Office, limits: PluginLimits = HASTY, **resolvers: Callable[..., Any]) -> None:
    """Have the office a plugin Hotel with these fields."""
    types = GraphQLTypes(query=query_of(**resolvers))

    class Hotel:
        @hookimpl
        def invito_graphql_types(self) -> GraphQLTypes:
            return types

    office.house.plugins.limits = limits
    office.house.plugins.load([Hotel()])
    office.schema = build_schema(await graphql_types_of(office.house.plugins))


@pytest.mark.parametrize("resolver", [hang, hang_in_a_thread, hang_in_to_thread])
async def test_a_field_that_hangs_names_its_plugin_and_costs_nothing_else(
    office: Office, resolver: Callable[..., Any]
) -> None:
    async def well() -> int:
        return 7

    await bring(office, hotel_rooms=resolver, hotel_well=well)
    with capture_logs() as lines:
        result = await office.ask("{ hotelRooms hotelWell viewer { language } }")

    assert result.data == {"hotelRooms": None, "hotelWell": 7, "viewer": {"language": "EN"}}
    assert result.errors is not None
    (error,) = result.errors
    assert error.message == "Hotel: did not answer within 0.2 seconds"
    assert error.path == ["hotelRooms"]
    assert error.extensions is not None
    assert error.extensions["code"] == "SOURCE_UNAVAILABLE"
    (failed,) = (line for line in lines if line["event"] == "plugin failed")
    assert (failed["plugin"], failed["call"]) == ("Hotel", "Query.hotelRooms")


async def test_threads_that_resolvers_hang_in_are_the_plugins_own(office: Office) -> None:
    await bring(office, hotel_rooms=hang_in_a_thread)
    # More than the loop's own executor has.
    results = await asyncio.gather(*(office.ask("{ hotelRooms }") for _ in range(40)))

    assert all(one.errors for one in results)
    assert await asyncio.to_thread(lambda: "ours") == "ours"


async def test_a_plain_resolver_that_computes_for_long_leaves_the_loop_to_others(office: Office) -> None:
    has_begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def rooms() -> int:
        loop.call_soon_threadsafe(has_begun.set)
        Hold.over.wait()
        return 7

    await bring(office, PATIENT, hotel_rooms=rooms)
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(office.answer("{ hotelRooms }"))
        await has_begun.wait()
        assert await office.answer("{ viewer { language } }")
        Hold.over.set()

    assert asked.result() == {"hotelRooms": 7}


@strawberry.type
class Room:
    """A type of the plugin's own, which only its field leads to."""

    number: int

    @strawberry.field
    async def price(self) -> int | None:
        return await hang() if self.number == 2 else 100


@strawberry.type
class Guest:
    """Another, whose place is known when all others ask for theirs."""

    together: strawberry.Private[asyncio.Barrier]

    @strawberry.field
    async def place(self) -> int:
        await self.together.wait()
        return 1


@strawberry.type
class Desk:
    """One more, whose place is computed."""

    threads: strawberry.Private[set[int]]

    @strawberry.field
    def place(self) -> int:
        self.threads.add(threading.get_ident())
        return 1


async def test_resolvers_of_types_that_the_plugins_fields_lead_to_have_a_deadline_too(office: Office) -> None:
    def rooms() -> list[Room]:
        return [Room(number=1), Room(number=2)]

    await bring(office, hotel_rooms=rooms)
    result = await office.ask("{ hotelRooms { number price } }")

    assert result.data == {"hotelRooms": [{"number": 1, "price": 100}, {"number": 2, "price": None}]}
    assert result.errors is not None
    (error,) = result.errors
    assert error.path == ["hotelRooms", 1, "price"]


async def test_async_resolvers_of_a_list_wait_for_no_turn_so_that_they_can_load_together(office: Office) -> None:
    """Each waits for all the others, and there are more of them than the plugin has turns."""
    together = asyncio.Barrier(10)

    def guests() -> list[Guest]:
        return [Guest(together=together) for _ in range(10)]

    await bring(office, PATIENT, hotel_guests=guests)

    assert await office.answer("{ hotelGuests { place } }") == {"hotelGuests": [{"place": 1}] * 10}


async def test_plain_resolvers_of_a_list_wait_for_no_thread(office: Office) -> None:
    """Each is asked where all others are, and there are far more of them than the plugin has turns."""
    threads = set[int]()

    def desks() -> list[Desk]:
        return [Desk(threads=threads) for _ in range(500)]

    await bring(office, hotel_desks=desks)
    answer = await office.answer("{ hotelDesks { place } }")

    assert answer == {"hotelDesks": [{"place": 1}] * 500}
    assert threads == {threading.get_ident()}


async def test_a_field_that_is_always_too_slow_is_left_alone_and_one_that_raises_is_not(office: Office) -> None:
    async def broken(by: int) -> int | None:
        return 7 // by

    await bring(office, hotel_slow=hang, hotel_broken=broken)
    late = [await office.ask("{ hotelSlow }") for _ in range(3)]
    raised = [await office.error("{ hotelBroken(by: 0) }") for _ in range(3)]

    assert "is asked again in 30 seconds, since it did not answer" in str(late[-1].errors)
    assert {one["code"] for one in raised} == {"INTERNAL"}
    assert await office.answer("{ hotelBroken(by: 1) }") == {"hotelBroken": 7}


async def test_our_own_fields_are_resolved_as_they_were(office: Office) -> None:
    def viewers(schema: Any) -> set[str]:
        fields = [*schema._schema.type_map["Viewer"].fields.values(), schema._schema.query_type.fields["viewer"]]
        return {getattr(one.resolve, "__module__", "") for one in fields}

    async def me() -> int:
        return 7

    await bring(office, hotel_rooms=me)

    assert viewers(office.schema) == viewers(build_schema())
    assert office.schema._schema.query_type.fields["hotelRooms"].resolve.__module__ not in viewers(office.schema)  # type: ignore[union-attr]  # there is one


@each_kind
async def test_a_resolver_that_fails_costs_its_own_field(office: Office, kind: Kind) -> None:
    function = kind.make("resolver")

    def broken() -> int | None:
        return function()  # type: ignore[no-any-return]  # whatever it answers

    async def broken_on_the_loop() -> int | None:
        return await function()  # type: ignore[no-any-return]  # likewise

    async def well() -> int:
        return 7

    resolver = broken_on_the_loop if asyncio.iscoroutinefunction(function) else broken
    await bring(office, kind.limits, hotel_broken=resolver, hotel_well=well)
    result = await office.ask("{ hotelBroken hotelWell viewer { language } }")

    is_answered = kind.cause is None or kind.is_late
    expected = {"hotelBroken": 7 if is_answered else None, "hotelWell": 7, "viewer": {"language": "EN"}}
    assert result.data == expected
    assert [one.path for one in result.errors or ()] == ([] if is_answered else [["hotelBroken"]])
