"""What a source keeps in memory, in name order: made once, and looked into at each page."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from invito.plugins.contract import Container, Entry, PageRequest
from invito.plugins.names import name_key, name_words, search_terms

T = TypeVar("T", Entry, Container)


class NameIndex(Generic[T]):
    """Entries or containers, each at its place in name order, those of one name by reference or id.

    A page costs its own length, a search one look at each name, where `page_of_entries` puts all of them in order each
    time. What did not change its name since the index `before` is taken over from there. It is never changed: make
    another one, and put it in place of this.
    """

    # Lists side by side, since the garbage collector looks at every object that is kept.
    def __init__(self, items: Iterable[T], before: "NameIndex[T] | None" = None) -> None:
        given = list(items)
        if before is not None:
            # In the order of before, so that little is left to be sorted: to sort holds up all threads.
            behind = len(before.items)
            given.sort(key=lambda item: before.place_of.get(_id_of(item), behind))
        keys, words = _keys_and_words(given, before)
        order = sorted(range(len(given)), key=keys.__getitem__)
        self.items: Sequence[T] = [given[place] for place in order]
        self.place_of = {_id_of(item): place for place, item in enumerate(self.items)}
        self._keys = [keys[place] for place in order]
        self._words = [words[place] for place in order]

    def page(
        self, page: PageRequest, search: str = "", among: Sequence[int] | None = None
    ) -> tuple[list[T], bool, int]:
        """The page out of all items, or of those at these places, counted up: as EntryPage and ContainerPage have it.

        That is, whether there are more behind it, and how many there are on all pages.
        """
        found = self._found(search, range(len(self.items)) if among is None else among)
        after = page.after
        start = 0 if after is None else bisect_left(found, bisect_right(self._keys, (after.name_key, after.id)))
        end = start + page.first
        return [self.items[place] for place in found[start:end]], end < len(found), len(found)

    def _found(self, search: str, places: Sequence[int]) -> Sequence[int]:
        """Those of the places whose words `invito.plugins.names.matches`."""
        words = self._words
        for beginnings in {tuple(f" {term}" for term in terms) for terms in search_terms(search)}:
            if len(beginnings) == 1:
                (beginning,) = beginnings
                places = [place for place in places if beginning in words[place]]
            else:
                places = [place for place in places if any(beginning in words[place] for beginning in beginnings)]
        return places

    def _names_at(self, place: int) -> tuple[tuple[str, str], str]:
        return self._keys[place], self._words[place]


def _id_of(item: Entry | Container) -> str:
    return item.reference if isinstance(item, Entry) else item.id


def _keys_and_words(items: Sequence[T], before: NameIndex[T] | None) -> tuple[list[tuple[str, str]], list[str]]:
    keys, words = [], []
    for item in items:
        id_ = _id_of(item)
        place = None if before is None else before.place_of.get(id_)
        if before is not None and place is not None and before.items[place].name == item.name:
            key, own_words = before._names_at(place)  # another of the same class
        else:
            key, own_words = (name_key(item.name), id_), name_words(item.name)
        keys.append(key)
        words.append(own_words)
    return keys, words
