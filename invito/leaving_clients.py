"""Clients that leave before they have their answer: nobody works for them any longer."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

T = TypeVar("T")

# Most operations are over by then, and cost no more than a timer that never rings.
_SOON_SECONDS = 0.05


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


async def while_client_stays(receive: Receive, answer: Awaitable[T]) -> T:
    """The answer, which is cancelled once the client has left.

    The body of the request has been read by now: what `receive` tells from here on is lost.

    :raises ClientLeft: it has.
    """
    giving_up = asyncio.timeout(None)
    looking: asyncio.Task[None] | None = None

    def look() -> None:
        nonlocal looking
        looking = asyncio.create_task(_give_up_at_leaving(receive, giving_up))

    timer = asyncio.get_running_loop().call_later(_SOON_SECONDS, look)
    try:
        async with giving_up:
            return await answer
    except TimeoutError:
        if not giving_up.expired():
            raise
        raise ClientLeft from None
    finally:
        timer.cancel()
        if looking is not None:
            looking.cancel()


async def _give_up_at_leaving(receive: Receive, giving_up: asyncio.Timeout) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    giving_up.reschedule(0)
