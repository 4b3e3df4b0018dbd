"""How replicas poke each other."""

from collections.abc import Callable, Sequence
from typing import Protocol

Poke = Callable[[str], None]


class Relay(Protocol):
    """Carries topics to the other replicas, and theirs to this one; its own may come back."""

    async def listen(self, poke: Poke) -> None:
        """Poke each topic that arrives, until the connection is lost.

        :raises Exception: it cannot be had at the moment, each driver in its own words.
        """

    async def tell(self, topics: Sequence[str]) -> None:
        """Send topics, the first one first.

        :raises Exception: likewise.
        """

    async def close(self) -> None:
        """Let its connections go."""
