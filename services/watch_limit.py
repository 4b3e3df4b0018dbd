"""How many subscriptions a viewer has at once, in this process."""

import asyncio
from collections import defaultdict

from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.language import translate

MOST_SUBSCRIPTIONS = 20


class WatchLimit:
    """Counts by viewer the tasks in which they watch something: a subscription lasts as long as its task."""

    def __init__(self, most: int = MOST_SUBSCRIPTIONS) -> None:
        self._most = most
        self._watching: dict[str, set[asyncio.Task[object]]] = defaultdict(set)

    @property
    def open(self) -> int:
        """How many there are, of all viewers."""
        return sum(map(len, self._watching.values()))

    def excess(self, viewer: str) -> Unanswerable | None:
        """LIMIT_EXCEEDED where they watch as much as they may."""
        watching = len(self._watching.get(viewer, ()))
        if watching < self._most:
            return None
        message = translate("You have {limit} subscriptions open, and no more at once: close one first.")
        return Unanswerable(
            UnanswerableCode.LIMIT_EXCEEDED,
            message.format(limit=self._most),
            limit=self._most,
            value=watching + 1,
        )

    def begin(self, viewer: str) -> None:
        """The present task watches something for this viewer until it is done.

        :raises Unanswerable: as `excess`.
        """
        excess = self.excess(viewer)
        if excess is not None:
            raise excess
        task = asyncio.current_task()
        assert task is not None
        self._watching[viewer].add(task)
        task.add_done_callback(lambda done: self._end(viewer, done))

    def _end(self, viewer: str, task: asyncio.Task[object]) -> None:
        self._watching[viewer].discard(task)
        if not self._watching[viewer]:
            del self._watching[viewer]
