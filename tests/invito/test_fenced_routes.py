"""Routes of plugins have what calls have until they begin to answer: a deadline, turns and threads of their own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from invito.plugin_parts import routes_of
from invito.plugins import hookimpl
from invito.plugins.limits import PluginLimits
from invito.plugins.plugin_manager import PluginManager
from tests.chaos import (
    Hold,
    Kind,
    each_kind,
    let_go,  # noqa: F401  # a fixture
)

HASTY = PluginLimits(call_seconds=0.2, calls_at_once=6, failures_in_a_row=None, stall_seconds=60)

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]
Serving = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


def plugin(name: str, *routes: BaseRoute) -> object:
    """A plugin of this name with these routes."""

    def invito_asgi_routes(self: object) -> Sequence[BaseRoute]:
        return routes

    return type(name, (), {"invito_asgi_routes": hookimpl(invito_asgi_routes)})()


async def well(request: Request) -> PlainTextResponse:
    return PlainTextResponse("well")


def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("plain")


async def hang(request: Request) -> None:
    await asyncio.Event().wait()


def hang_in_a_thread(request: Request) -> None:
    Hold.over.wait()


async def hang_in_to_thread(request: Request) -> None:
    await asyncio.to_thread(Hold.over.wait)


@pytest.fixture
def serving(listening: Listening) -> Serving:
    """Serves the routes of a plugin Hotel, beside those of a plugin Motel that is well."""

    @asynccontextmanager
    async def serve(*routes: BaseRoute, limits: PluginLimits = HASTY) -> AsyncIterator[httpx2.AsyncClient]:
        manager = PluginManager(limits)
        manager.load([plugin("Hotel", *routes), plugin("Motel", Route("/well", well), Route("/plain", plain))])
        async with (
            listening(await routes_of(manager)) as address,
            httpx2.AsyncClient(base_url=address, timeout=30) as client,
        ):
            yield client
        manager.close()

    return serve


@pytest.mark.parametrize("endpoint", [hang, hang_in_a_thread, hang_in_to_thread])
async def test_a_route_that_hangs_is_answered_for_and_names_its_plugin(
    serving: Serving, endpoint: Callable[..., Any]
) -> None:
    async with serving(Mount("/rooms", routes=[Route("/slow", endpoint)])) as client:
        with capture_logs() as lines:
            answer = await client.get("/Hotel/rooms/slow")

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (504, "SOURCE_UNAVAILABLE")
    assert error["message"] == "Plugin Hotel did not answer within 0.2 seconds."
    failed = next(line for line in lines if line["event"] == "plugin failed")
    assert (failed["plugin"], failed["call"]) == ("Hotel", "/plugins/Hotel/rooms")


@pytest.mark.parametrize("endpoint", [hang_in_a_thread, hang_in_to_thread])
async def test_threads_that_hang_are_the_plugins_own(serving: Serving, endpoint: Callable[..., Any]) -> None:
    async with serving(Route("/slow", endpoint)) as client:
        # More than the plugin has turns, and as many as Starlette has threads.
        late = await asyncio.gather(*(client.get("/Hotel/slow") for _ in range(40)))
        others = [await client.get(path) for path in ("/Motel/well", "/Motel/plain")]

        assert await asyncio.to_thread(lambda: "ours") == "ours"

    said = [one.json()["errors"][0]["message"] for one in late]
    assert said.count("Plugin Hotel did not answer within 0.2 seconds.") == 6
    assert [one.status_code for one in late].count(503) == 34
    assert [one.text for one in others] == ["well", "plain"]


async def test_an_answer_that_has_begun_may_take_its_time_and_keeps_no_turn(serving: Serving) -> None:
    go_on = asyncio.Event()

    async def parts() -> AsyncIterator[str]:
        yield "first "
        await go_on.wait()
        yield "last"

    async def stream(request: Request) -> StreamingResponse:
        return StreamingResponse(parts())

    one_turn = PluginLimits(call_seconds=0.2, calls_at_once=1, stall_seconds=60)
    async with serving(Route("/stream", stream), Route("/slow", hang), limits=one_turn) as client:
        answer = await client.send(client.build_request("GET", "/Hotel/stream"), stream=True)
        texts = answer.aiter_text()
        first = await anext(texts)
        # It began after the stream, and its time is over.
        late = await client.get("/Hotel/slow")
        go_on.set()
        last = "".join([text async for text in texts])

    assert (first, last) == ("first ", "last")
    assert late.json()["errors"][0]["message"] == "Plugin Hotel did not answer within 0.2 seconds."


async def test_how_long_a_client_takes_to_send_its_request_is_not_the_plugins_time(serving: Serving) -> None:
    async def count(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    one_turn = PluginLimits(call_seconds=0.2, calls_at_once=1, stall_seconds=60)
    async with serving(Route("/count", count, methods=["POST"]), Route("/slow", hang), limits=one_turn) as client:

        async def body() -> AsyncIterator[bytes]:
            yield b"1234"
            assert (await client.get("/Hotel/slow")).status_code == 504
            yield b"567"

        counted = await client.post("/Hotel/count", content=body())

    assert counted.text == "7"


async def test_a_route_that_is_always_too_slow_is_left_alone_and_the_others_are_not(serving: Serving) -> None:
    strict = PluginLimits(call_seconds=0.2, failures_in_a_row=2, stall_seconds=60)
    async with serving(Route("/slow", hang), Route("/well", well), limits=strict) as client:
        slow = [await client.get("/Hotel/slow") for _ in range(3)]
        other = await client.get("/Hotel/well")

    assert [one.status_code for one in slow] == [504, 504, 503]
    assert "is asked again in 30 seconds, since it did not answer" in slow[-1].json()["errors"][0]["message"]
    assert other.text == "well"


async def test_nobody_has_a_route_left_alone_by_what_makes_it_raise(serving: Serving) -> None:
    async def broken(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{7 // int(request.query_params['by'])}")

    strict = PluginLimits(call_seconds=60, failures_in_a_row=2, stall_seconds=60)
    async with serving(Route("/broken", broken), limits=strict) as client:
        raised = [await client.get("/Hotel/broken?by=0") for _ in range(3)]
        answered = await client.get("/Hotel/broken?by=1")

    assert [one.status_code for one in raised] == [500, 500, 500]
    assert answered.text == "7"


async def test_a_route_that_catches_being_given_up_answers_nobody(serving: Serving) -> None:
    async def stubborn(request: Request) -> PlainTextResponse:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return PlainTextResponse("after all")
        raise AssertionError

    async with serving(Route("/stubborn", stubborn)) as client:
        answers = [await client.get(path) for path in ("/Hotel/stubborn", "/Motel/well")]

    assert [one.status_code for one in answers] == [504, 200]


async def test_a_websocket_is_taken_in_time_or_refused_and_then_lasts(serving: Serving) -> None:
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())

    async def never(socket: WebSocket) -> None:
        await asyncio.Event().wait()

    one_turn = PluginLimits(call_seconds=0.2, calls_at_once=1, stall_seconds=60)
    routes = (WebSocketRoute("/echo", echo), WebSocketRoute("/never", never))
    async with serving(*routes, limits=one_turn) as client:
        address = str(client.base_url).replace("http", "ws", 1).rstrip("/")
        async with connect(f"{address}/Hotel/echo") as socket:
            with pytest.raises(InvalidStatus):
                async with connect(f"{address}/Hotel/never"):
                    pass
            await socket.send("hello")
            said = await socket.recv()

    assert said == "hello"


@each_kind
async def test_a_route_that_fails_costs_its_own_answer(serving: Serving, kind: Kind) -> None:
    endpoint: Callable[..., Awaitable[Any]] = kind.make("route")

    async with serving(Route("/broken", endpoint), Route("/well", well), limits=kind.limits) as client:
        with capture_logs() as lines:
            broken = await client.get("/Hotel/broken")
            others = [await client.get(path) for path in ("/Hotel/well", "/Motel/well", "/Motel/plain")]

    is_answered = kind.cause is None or kind.is_late
    late = 504 if "did not answer" in (kind.cause or "") else 503 if "SystemExit" in (kind.cause or "") else 500
    assert broken.status_code == (200 if is_answered else late)
    assert [one.text for one in others] == ["well", "well", "plain"]
    assert "Hotel" in {line.get("plugin") for line in lines}
