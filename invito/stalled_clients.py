"""Clients that stop reading: nothing below us ever drops them."""

import asyncio
from typing import ClassVar

import structlog
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from invito.ending_streams import EndingStreams

log = structlog.get_logger(__name__)


def impatient_http(seconds: float) -> type[asyncio.Protocol]:
    """A protocol for uvicorn, which ends a connection once nothing of what is to be sent has gone out for so long."""

    class ImpatientHttp(_Impatient, EndingStreams):
        stall_seconds = seconds

    return ImpatientHttp


def impatient_websocket(seconds: float) -> type[asyncio.Protocol]:
    """The same for websockets, which ends those too that do not answer a ping."""

    class ImpatientWebSocket(_Impatient, WebSocketsSansIOProtocol):
        stall_seconds = seconds

        def keepalive_timeout(self) -> None:
            super().keepalive_timeout()
            self.loop.call_later(seconds, self.transport.abort)

    return ImpatientWebSocket


class _Impatient(asyncio.Protocol):
    """Looks on while writing is paused.

    A time-out around ASGI's send would not do: the connection would be closed after its buffer, which never empties.
    """

    stall_seconds: ClassVar[float]
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    client: tuple[str, int] | None
    _next_look: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_later()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._look_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look_no_more()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._look_no_more()
        waits = self.transport.get_write_buffer_size()
        self._next_look = self.loop.call_later(self.stall_seconds, self._look, waits)

    def _look_no_more(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None

    def _look(self, waited: int) -> None:
        # A page of 500 may take long to somebody on the road, who reads all the while.
        if self.transport.get_write_buffer_size() < waited:
            self._look_later()
            return
        log.warning("a client stopped reading", client=self.client and self.client[0], seconds=self.stall_seconds)
        self.transport.abort()
