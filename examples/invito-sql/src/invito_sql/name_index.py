"""What has a name, in Norwegian name order: searched by words, and paged by position."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from invito.plugins import PageRequest
from invito.plugins.names import name_key, name_words, search_terms


class HasName(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=HasName)


class NameIndex(Generic[T]):
    """Items by name, each at its place. Lists side by side, since the garbage collector looks at every object kept.

    Of an item that the index before had too, what was worked out of its name is taken from there.
    """

    def __init__(self, items: Iterable[T], id_of: Callable[[T], str], before: "NameIndex[T] | None" = None) -> None:
        given = list(items)
        if before is not None:
            # In the order of before, so that little is left to be sorted: to sort holds up all threads.
            behind = len(before.items)
            given.sort(key=lambda item: before.place_of.get(id_of(item), behind))
        keys, words = _keys_and_words(given, id_of, before)
        order = sorted(range(len(given)), key=keys.__getitem__)
        self.items: Sequence[T] = [given[place] for place in order]
        self.place_of = {id_of(item): place for place, item in enumerate(self.items)}
        self.keys = [keys[place] for place in order]
        self.words = [words[place] for place in order]

    def page(self, page: PageRequest, search: str, among: Sequence[int] | None = None) -> tuple[list[T], bool, int]:
        """The page out of all items, or of those at these places: if there are more behind it, and how many in all."""
        found = self._found(search, range(len(self.items)) if among is None else among)
        after = page.after
        start = 0 if after is None else bisect_left(found, bisect_right(self.keys, (after.name_key, after.id)))
        end = start + page.first
        return [self.items[place] for place in found[start:end]], end < len(found), len(found)

    def _found(self, search: str, places: Sequence[int]) -> Sequence[int]:
        """Those of the places whose words `invito.plugins.names.matches`."""
        words = self.words
        for beginnings in {tuple(f" {term}" for term in terms) for terms in search_terms(search)}:
            if len(beginnings) == 1:
                (beginning,) = beginnings
                places = [place for place in places if beginning in words[place]]
            else:
                places = [place for place in places if any(beginning in words[place] for beginning in beginnings)]
        return places


def _keys_and_words(
    items: Sequence[T], id_of: Callable[[T], str], before: NameIndex[T] | None
) -> tuple[list[tuple[str, str]], list[str]]:
    keys, words = [], []
    for item in items:
        id_ = id_of(item)
        place = None if before is None else before.place_of.get(id_)
        if before is not None and place is not None and before.items[place].name == item.name:
            keys.append(before.keys[place])
            words.append(before.words[place])
        else:
            keys.append((name_key(item.name), id_))
            words.append(name_words(item.name))
    return keys, words
