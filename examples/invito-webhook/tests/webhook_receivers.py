"""A receiver of webhooks, over real HTTP: it answers as it is told, and keeps what came."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_PATIENCE_SECONDS = 60
Answer = Response | Callable[[], Awaitable[Response]]


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def content(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers` are given one after the other, by path; then whatever comes is taken."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    _received: dict[str, asyncio.Queue[Received]] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        request = Request(scope, receive)
        received = Received(request.url.path, dict(request.headers), await request.body())
        self._of(received.path).put_nowait(received)
        waiting = self.answers.get(received.path)
        answer = waiting.pop(0) if waiting else Response(status_code=204)
        await (answer if isinstance(answer, Response) else await answer())(scope, receive, send)

    async def next(self, path: str = "/") -> Received:
        """The next that came, in the order of coming."""
        return await asyncio.wait_for(self._of(path).get(), _PATIENCE_SECONDS)

    def left(self, path: str = "/") -> list[Received]:
        """What came besides, so far."""
        queue = self._of(path)
        return [queue.get_nowait() for _ in range(queue.qsize())]

    def _of(self, path: str) -> asyncio.Queue[Received]:
        return self._received.setdefault(path, asyncio.Queue())


async def never() -> Response:
    """No answer, until whoever asked has gone."""
    await asyncio.Event().wait()
    raise AssertionError


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    config = uvicorn.Config(receiver, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.005)
    receiver.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.should_exit = True
        await task
