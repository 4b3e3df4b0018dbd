"""How many of a worker's mails the servers of viewers' own mailboxes may hold: anybody may name a slow one. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

_Mail = TypeVar("_Mail")


@dataclass(frozen=True, slots=True)
class OwnServersRoom:
    """How many mails may go out by one own server, and by all of them `together`, beside those that they `hold`.

    A server is known by its URL, so that mailboxes at one provider share its room.
    """

    each: int
    together: int
    hold: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return sum(self.hold.values()) >= self.together

    @property
    def full_servers(self) -> list[str]:
        return [server for server, held in self.hold.items() if held >= self.each]

    def chosen(self, mails: Iterable[_Mail], server_of: Callable[[_Mail], str | None]) -> list[_Mail]:
        """The first of these that there is room for; where the service's own way out is (None), there always is."""
        hold, chosen = Counter(self.hold), []
        for mail in mails:
            server = server_of(mail)
            if server is None:
                chosen.append(mail)
            elif hold[server] < self.each and hold.total() < self.together:
                hold[server] += 1
                chosen.append(mail)
        return chosen


@dataclass(slots=True)
class OwnServers:
    """What they hold of one worker that sends `at_once` mails: a third each, two thirds together, one at the least."""

    at_once: int
    _hold: Counter[str] = field(default_factory=Counter)

    @property
    def room(self) -> OwnServersRoom:
        return OwnServersRoom(max(1, self.at_once // 3), max(1, self.at_once * 2 // 3), dict(self._hold))

    def take(self, server: str | None) -> None:
        if server is not None:
            self._hold[server] += 1

    def let_go(self, server: str | None) -> None:
        if server is not None:
            self._hold[server] -= 1
            if not self._hold[server]:
                del self._hold[server]
