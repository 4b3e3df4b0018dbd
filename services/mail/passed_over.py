"""What of the queue is known to wait for full servers alone, so that not every claim walks past all of it. Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from invito.services.mail.own_servers import OwnServersRoom

# What is given back, or was behind another mail to the same invitee, is ready again at its old place.
_KNOWN_FOR = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A place in the order in which mails are claimed."""

    next_at: datetime
    id: int

    @classmethod
    def after_all(cls, now: datetime) -> Self:
        """That of whatever is ready later."""
        return cls(now, 0)


@dataclass(frozen=True, slots=True)
class _Known:
    place: QueuePlace
    since: datetime


@dataclass(slots=True)
class PassedOver:
    """The places before which all wait for servers that were full then, by these servers (None: all own ones)."""

    _known: dict[frozenset[str] | None, _Known] = field(default_factory=dict)

    def place(self, room: OwnServersRoom, now: datetime) -> QueuePlace | None:
        """The last place before which nothing has room; None where that is not known."""
        self._known = {full: one for full, one in self._known.items() if timedelta(0) <= now - one.since < _KNOWN_FOR}
        full = _full(room)
        found = (one.place for servers, one in self._known.items() if _includes(full, servers))
        return max(found, key=lambda place: (place.next_at, place.id), default=None)

    def keep(self, room: OwnServersRoom, place: QueuePlace, now: datetime) -> None:
        """That all before this place waits for servers that are full."""
        full = _full(room)
        known = self._known.get(full)
        self._known[full] = _Known(place, now if known is None else known.since)

    def forget(self) -> None:
        """Something before those places is ready again."""
        self._known.clear()


def _full(room: OwnServersRoom) -> frozenset[str] | None:
    return None if room.is_full else frozenset(room.full_servers)


def _includes(full: AbstractSet[str] | None, servers: AbstractSet[str] | None) -> bool:
    return full is None or (servers is not None and servers <= full)
