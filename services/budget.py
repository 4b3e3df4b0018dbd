"""What a viewer may ask for within a while, by cost and not by the number of requests, in this process."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Balance:
    """What was asked for at an instant, and what is left until it is renewed."""

    requested: int
    limit: int
    left: int
    at: datetime
    renews_at: datetime
    is_enough: bool

    @property
    def retry_after_seconds(self) -> int | None:
        """In how many whole seconds the same may be asked for; None where it costs more than there ever is."""
        return None if self.requested > self.limit else math.ceil((self.renews_at - self.at).total_seconds())


class Budget:
    """Counts units by viewer, in windows that begin when they first ask. Zero units: everybody asks as they like."""

    def __init__(self, units: int = 0, window: timedelta = timedelta(minutes=1)) -> None:
        self._units = units
        self._window = window
        # Windows are equally long: the oldest is the first to end.
        self._spent: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def take(self, viewer: str, cost: int, now: Callable[[], datetime]) -> Balance | None:
        """The balance once the cost is paid, or unpaid where it is not enough; None where nothing is counted."""
        before = self.look(viewer, cost, now)
        if before is None or not before.is_enough:
            return before
        left = before.left - cost
        self._spent[viewer] = before.renews_at, self._units - left
        return replace(before, left=left)

    def look(self, viewer: str, cost: int, now: Callable[[], datetime]) -> Balance | None:
        """The balance as it stands, of which nothing is paid; None where nothing is counted."""
        if not self._units:
            return None
        at = now()
        self._forget(at)
        ends, spent = self._spent.get(viewer, (at + self._window, 0))
        left = self._units - spent
        return Balance(cost, self._units, left, at, ends, cost <= left)

    def _forget(self, now: datetime) -> None:
        while self._spent:
            viewer, (ends, _) = next(iter(self._spent.items()))
            if ends > now:
                return
            del self._spent[viewer]
