"""The routes of a plugin: in its own threads and turns, until each has begun to answer; what goes wrong is answered."""

import asyncio
import inspect
from collections.abc import Sequence
from functools import partial

import structlog
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route, Router, request_response
from starlette.types import Message, Receive, Scope, Send

from invito.answers import error_answer, failure_answer
from invito.plugins.failures import PluginFailure, was_too_slow
from invito.plugins.plugin_hooks import PluginHooks
from invito.plugins.running_call import current_call
from invito.services.errors import Unanswerable, UserErrorCode

# What a websocket is closed with that may be tried again later (RFC 6455, IANA's registry).
_TRY_AGAIN_LATER = 1013

log = structlog.get_logger(__name__)


class FencedRoutes:
    """A plugin's application, whose mistakes are logged under its name and answered like one of ours.

    A route has the seconds of a call until it begins to answer, or to take a websocket; from then on it may last.
    """

    def __init__(self, plugin: str, routes: Sequence[BaseRoute], hooks: PluginHooks) -> None:
        self._plugin, self._routes, self._hooks = plugin, routes, hooks
        _have_plain_ones_in_own_threads(routes)
        self._app = Router(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_http = scope["type"] == "http"
        # How long the client takes to send it is not the plugin's time.
        receive_on = await _with_body(receive) if is_http else receive
        answer = _Answer(send)

        async def serve() -> None:
            await self._app(scope, receive_on, answer.send)
            if is_http and not answer.has_begun:
                raise RuntimeError("a route answered nothing")

        try:
            await self._hooks.run(self._plugin, self._name_of(scope), serve)
        except HTTPException:
            raise
        except Exception as problem:  # a plugin may raise anything
            if answer.has_begun:
                log.warning("plugin failed", plugin=self._plugin, problem=type(problem).__name__)
                raise
            answer.is_given_up = True
            await self._answer_to(problem, scope, receive, send)

    async def _answer_to(self, problem: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        if not isinstance(problem, PluginFailure):
            if scope["type"] != "http":
                log.warning("plugin failed", plugin=self._plugin, problem=type(problem).__name__)
                raise problem
            await failure_answer("/plugins", problem, plugin=self._plugin)(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})
        else:
            is_late = problem.cause == was_too_slow(self._hooks.calls[self._plugin].limits.call_seconds)
            message = f"Plugin {self._plugin} {problem}."
            unavailable = Unanswerable(UserErrorCode.SOURCE_UNAVAILABLE, message)
            await error_answer(unavailable, 504 if is_late else 503)(scope, receive, send)

    def _name_of(self, scope: Scope) -> str:
        """What the breaker goes by: the path as the plugin wrote it; one that hangs leaves the others theirs."""
        found = next((one for one in self._routes if one.matches(scope)[0] is not Match.NONE), None)
        return f"/plugins/{self._plugin}{getattr(found, 'path', '')}"


class _Answer:
    """What a route sends. What comes after it was given up is dropped: the client has another answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = self.is_given_up = False

    async def send(self, message: Message) -> None:
        if not self.has_begun:
            call = current_call.get()
            if self.is_given_up or (call is not None and call.is_given_up):
                return
            if call is not None:
                call.has_begun()
            self.has_begun = True
        await self._send(message)


async def _with_body(receive: Receive) -> Receive:
    """What receives the request, which has arrived as a whole; no larger than any body may be."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    messages.reverse()

    async def receive_on() -> Message:
        return messages.pop() if messages else await receive()

    return receive_on


def _have_plain_ones_in_own_threads(routes: Sequence[BaseRoute]) -> None:
    """Starlette's threads are everybody's. One that is wrapped in middleware of its own stays in these."""
    for route in routes:
        if isinstance(route, Route):
            is_as_made = inspect.isfunction(route.app) and route.app.__module__ == request_response.__module__
            if is_as_made and not _is_async(route.endpoint):
                route.app = request_response(partial(asyncio.to_thread, route.endpoint))
        else:
            _have_plain_ones_in_own_threads(getattr(route, "routes", None) or ())


def _is_async(endpoint: object) -> bool:
    while isinstance(endpoint, partial):
        endpoint = endpoint.func
    return inspect.iscoroutinefunction(endpoint)
