"""Where a source's list goes on, whatever plugins add to a page of it or take from it.

A source pages by its own last entry, as it was before any plugin saw it. What a plugin adds is listed where the pages
come to its name, since plugins are asked at every page and do not know which one they see. Pure: nothing is read here.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from invito.plugins.contract import Entry, EntryPage, Position
from invito.plugins.names import matches, name_key

_BEFORE_ALL = ("", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Behind the source's own entry at `own` (None: before all), and behind what was added there up to `added`."""

    own: Position | None = None
    added: Position | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The place as four parts of a cursor."""
        return (*_parts(self.own), *_parts(self.added))

    @classmethod
    def of_parts(cls, parts: Sequence[str]) -> "Place":
        own_key, own_id, added_key, added_id = parts
        return cls(_position(own_key, own_id), _position(added_key, added_id))


class PlacedEntry(NamedTuple):
    """An entry of a page, which has a thousand of them, and most often is asked for the place of the last alone.

    `own` is the source's own entry that it is or that it stands behind, as the source has it (None: before all);
    `added` where it stands if a plugin added it.
    """

    entry: Entry
    own: Entry | Position | None
    added: Position | None = None

    @property
    def name_key(self) -> str:
        """What it stands under: the key of its name, as the source or the plugin has it."""
        position = self.added or _where(self.own)
        return "" if position is None else position.name_key

    @property
    def place(self) -> Place:
        """The place behind it."""
        return Place(_where(self.own), self.added)

    @property
    def parts(self) -> tuple[str, ...]:
        """That place as parts of a cursor."""
        return self.place.parts


def position_of(entry: Entry) -> Position:
    return Position(name_key(entry.name), entry.reference)


def _where(own: Entry | Position | None) -> Position | None:
    return position_of(own) if isinstance(own, Entry) else own


def placed(page: EntryPage, extended: Sequence[Entry], start: Place, search: str) -> list[PlacedEntry]:
    """The entries of a page that begins at `start`, as `extended` by plugins, in order.

    The source's own stay where the source has them, even under another name. An added one stands before the source's
    own of the same name; it is listed where the search finds it, and its name comes behind that of `start` and no later
    than the source's last on this page, unless nothing follows.
    """
    if extended is page.entries:
        return [PlacedEntry(entry, entry) for entry in extended]
    left = {entry.reference: entry for entry in reversed(extended)}
    added = deque(_added(page, left, start, search))
    reached: Entry | Position | None = start.own
    items: list[PlacedEntry] = []

    def take_added(position: Position) -> None:
        items.append(PlacedEntry(left[position.id], reached, position))

    for entry in page.entries:
        while added and added[0].name_key <= name_key(entry.name):
            take_added(added.popleft())
        reached = entry
        if entry.reference in left:
            items.append(PlacedEntry(left[entry.reference], entry))
    if not page.has_more:
        for position in added:
            take_added(position)
    return items


def _added(page: EntryPage, left: dict[str, Entry], start: Place, search: str) -> list[Position]:
    """Where those whom plugins added stand, as far as they come behind `start`, in order."""
    own = {entry.reference for entry in page.entries}
    known = {reference for one in own & left.keys() for reference in left[one].references}
    positions = [
        position_of(entry)
        for entry in left.values()
        if entry.reference not in own and known.isdisjoint(entry.references) and matches(entry.name, search)
    ]
    return sorted((one for one in positions if _is_behind(one, start)), key=_parts)


def _is_behind(added: Position, start: Place) -> bool:
    if start.own is not None and added.name_key <= start.own.name_key:
        return False
    return start.added is None or _parts(added) > _parts(start.added)


def _parts(position: Position | None) -> tuple[str, str]:
    return _BEFORE_ALL if position is None else (position.name_key, position.id)


def _position(key: str, id_: str) -> Position | None:
    return Position(key, id_) if id_ else None
