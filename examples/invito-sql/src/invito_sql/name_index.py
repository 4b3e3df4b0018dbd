"""What has a name, in Norwegian name order: searched by words, and paged by position."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from invito.plugins import PageRequest
from invito.plugins.names import name_key, name_words, search_terms

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """An item with what it is found and ordered by. To work these out costs more than all else: keep them."""

    item: T
    key: tuple[str, str]
    words: str


def named(item: T, name: str, id_: str) -> Named[T]:
    return Named(item, (name_key(name), id_), name_words(name))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of items, whether there are more behind it, and how many there are in all (None: nobody asked)."""

    items: Sequence[T]
    has_more: bool
    total: int | None


class NameIndex(Generic[T]):
    """Items by name. Part of them are named by their places in it, in order."""

    def __init__(self, items: Iterable[Named[T]]) -> None:
        self._named = sorted(items, key=_key)
        self._keys = [one.key for one in self._named]

    def __len__(self) -> int:
        return len(self._named)

    def __iter__(self) -> Iterator[Named[T]]:
        return iter(self._named)

    def page(self, page: PageRequest, search: str, wants_total: bool, places: Sequence[int] | None = None) -> Page[T]:
        """The page out of all items, or of those at these places."""
        among: Sequence[int] = range(len(self._named)) if places is None else places
        after = page.after
        start = 0 if after is None else bisect_left(among, bisect_right(self._keys, (after.name_key, after.id)))
        is_found = _found_by(search)
        found = (one for one in map(self._named.__getitem__, among[start:]) if is_found(one.words))
        items = [one.item for one in islice(found, page.first + 1)]
        total = None
        if wants_total:
            total = len(among) if not search_terms(search) else sum(is_found(self._named[n].words) for n in among)
        return Page(items[: page.first], len(items) > page.first, total)


def _key(one: Named[T]) -> tuple[str, str]:
    return one.key


def _found_by(search: str) -> Callable[[str], bool]:
    """Whether words are found, as `invito.plugins.names.matches` says it of a name."""
    wanted = {tuple(f" {term}" for term in terms) for terms in search_terms(search)}
    return lambda words: all(any(term in words for term in terms) for terms in wanted)
