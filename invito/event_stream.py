"""Results as server-sent events (graphql-sse, distinct connections mode): one request, one operation, one stream."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from strawberry.http.streaming import SSETransport, merge_stream_with_heartbeat
from strawberry.schema.schema import StreamResult

from invito.ending_streams import LASTS
from invito.result_body import body_of, written
from invito.token_expiry import wait_until

_TRANSPORT = SSETransport()


class EventStream(StreamingResponse):
    """Ends when the results do, with `complete`; or when the token expires, without: clients then ask again."""

    def __init__(self, results: StreamResult, until: datetime | None) -> None:
        super().__init__(_events(results), headers=_TRANSPORT.headers)
        self._until = until

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[LASTS] = True
        if self._until is None:
            await super().__call__(scope, receive, send)
            return
        limit = asyncio.timeout(None)
        try:
            async with limit:
                expiry = asyncio.create_task(_end_at(self._until, limit))
                try:
                    await super().__call__(scope, receive, send)
                finally:
                    expiry.cancel()
        except TimeoutError:
            if not limit.expired():
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _end_at(until: datetime, limit: asyncio.Timeout) -> None:
    await wait_until(until)
    limit.reschedule(0)


def _events(results: StreamResult) -> AsyncGenerator[str]:
    """Each result as an event; a comment now and then, so that nobody between takes the stream for dead."""

    async def events() -> AsyncGenerator[str]:
        async with aclosing(results):
            async for result in results:
                yield _TRANSPORT.encode_next(body_of(result), _json_of)
        yield _TRANSPORT.encode_complete()

    def beat() -> str:
        return _TRANSPORT.heartbeat_message(_json_of)

    return merge_stream_with_heartbeat(
        events, beat, _TRANSPORT.heartbeat_interval, send_initial_heartbeat=_TRANSPORT.send_initial_heartbeat
    )()


def _json_of(body: Any) -> str:
    return written(body).json.decode()
