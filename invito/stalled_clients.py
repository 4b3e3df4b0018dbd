"""Websocket clients that stop reading: nothing below us ever drops them."""

import asyncio

import structlog
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

log = structlog.get_logger(__name__)


def impatient_protocol(seconds: float) -> type[asyncio.Protocol]:
    """A protocol for uvicorn, which ends a connection once what is to be sent has not gone out for so many seconds.

    A time-out around ASGI's send would not do: the connection would be closed after its buffer, which never empties.
    """

    class ImpatientProtocol(WebSocketsSansIOProtocol):
        _stalled: asyncio.TimerHandle | None = None

        def pause_writing(self) -> None:
            super().pause_writing()
            self._stalled = self.loop.call_later(seconds, self._give_up)

        def resume_writing(self) -> None:
            super().resume_writing()
            self._read_again()

        def connection_lost(self, exc: Exception | None) -> None:
            self._read_again()
            super().connection_lost(exc)

        def keepalive_timeout(self) -> None:
            super().keepalive_timeout()
            self.loop.call_later(seconds, self.transport.abort)

        def _read_again(self) -> None:
            if self._stalled is not None:
                self._stalled.cancel()
                self._stalled = None

        def _give_up(self) -> None:
            log.warning("a websocket client stopped reading", client=self.client and self.client[0], seconds=seconds)
            self.transport.abort()

    return ImpatientProtocol
