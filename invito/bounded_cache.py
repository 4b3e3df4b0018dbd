"""What was asked for last, as much as fits."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Keeps no more than `most_entries`, whose sizes together are no more than `most_size`, in a unit that its owner
    chooses. What was asked for the longest ago goes first. For one thread."""

    def __init__(self, most_entries: int, most_size: int) -> None:
        self._most_entries = most_entries
        self._most_size = most_size
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._size = 0

    def get(self, key: Key) -> Value | None:
        """The value, which is the one asked for last from now on; None where it is not kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def keep(self, key: Key, value: Value, size: int) -> Value:
        """The value, kept in place of another of the same key, unless it is larger than all may be together."""
        self._forget(key)
        if size <= self._most_size:
            self._entries[key] = value, size
            self._size += size
            while len(self._entries) > self._most_entries or self._size > self._most_size:
                self._forget(next(iter(self._entries)))
        return value

    def _forget(self, key: Key) -> None:
        if key in self._entries:
            self._size -= self._entries.pop(key)[1]
