"""So many calls of one plugin at once; others wait for their turn, and not beyond their deadline."""

import asyncio
from collections import deque


class Bulkhead:
    """Turns on one event loop, first come, first served."""

    __slots__ = ("_free", "_waiting")

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: deque[asyncio.Future[bool]] = deque()

    def enter(self) -> bool:
        """Take a turn if there is one."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def enter_until(self, deadline: float) -> bool:
        """Wait for a turn; False where none came until `deadline`, an instant of the loop's clock."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_at(deadline, _expire, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.leave()
            raise
        finally:
            timer.cancel()
            if turn in self._waiting:
                self._waiting.remove(turn)

    def leave(self) -> None:
        """Give the turn on to who has waited longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1


def _expire(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(False)
